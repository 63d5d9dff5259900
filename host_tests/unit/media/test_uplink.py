"""The uplink: both laws, digits told apart from voice, and how little of a tone leaves for the network."""

import numpy as np
import pytest

from dsp.dtmf import Dtmf
from media.uplink import Uplink
from ref import g711 as twin
from ref import signals

ULAW, ALAW = 2, 3
EXPAND = np.array([twin.decode_ulaw(code) for code in range(256)], float)


def sent(samples, law=ULAW):
    """Run `samples` through an uplink that listens; return (what the far end hears, events by frame)."""
    up = Uplink(bytearray(320), Dtmf())
    up.listen = True
    out, events = [], []
    for at, frame in enumerate(signals.frames(samples)):
        up.frame[:] = frame
        payload = bytearray(160)
        event = up.encode(payload, law)
        out.append(bytes(payload))
        if event:
            events.append((at, event))
    return EXPAND[np.frombuffer(b"".join(out), np.uint8)], events


def tone_ms(heard):
    """Return for how long `heard` is not silent, gaps included, in ms."""
    loud = np.flatnonzero(np.abs(heard) > 100)
    return (loud[-1] - loud[0] + 1) / 8 if len(loud) else 0.0


@pytest.mark.parametrize("law, slow", [(ULAW, twin.encode_ulaw), (ALAW, twin.encode_alaw)])
def test_a_frame_is_encoded_by_the_law_of_the_call_into_the_payload_alone(law, slow):
    rng = np.random.default_rng(1)
    up = Uplink(bytearray(signals.pcm(signals.noise(rng, -10, 160))), Dtmf())
    slot = bytearray(180)
    assert up.encode(memoryview(slot)[12:172], law) == 0
    assert slot[12:172] == bytes(slow(int(v)) for v in signals.samples_of(up.frame))
    assert not any(slot[:12]) and not any(slot[172:])


def test_without_a_law_digits_are_heard_and_nothing_is_written():
    up = Uplink(bytearray(320), Dtmf())
    up.listen = True
    payload = bytearray(160)
    events = []
    for frame in signals.frames(np.concatenate([signals.dtmf("4", 60), signals.silence(100)])):
        up.frame[:] = frame
        events.append(up.encode(payload, -1))
    assert [event for event in events if event] == [ord("4") | 0x100, ord("4") | 0x200]
    assert payload == bytearray(160)


def test_without_listening_a_tone_passes_untouched():
    up = Uplink(bytearray(signals.pcm(signals.dtmf("4", 20))), Dtmf())
    payload = bytearray(160)
    for _ in range(10):
        assert up.encode(payload, ULAW) == 0
    assert payload == bytes(twin.encode_ulaw(int(v)) for v in signals.samples_of(up.frame))


@pytest.mark.parametrize("key", ["1", "D", "#", "8"])
def test_at_most_20_ms_of_a_digit_leave_at_any_onset(key):
    worst = 0.0
    for at in range(160):
        tone = np.concatenate([np.zeros(160 + at), signals.dtmf(key, 100), signals.silence(80)])
        heard, events = sent(tone)
        assert [event for _, event in events] == [ord(key) | 0x100, ord(key) | 0x200]
        worst = max(worst, tone_ms(heard))
    assert worst <= 20.0


@pytest.mark.parametrize("on_ms", [40, 45, 50, 63])
def test_at_most_20_ms_of_a_short_digit_leave_at_any_onset(on_ms):
    rng = np.random.default_rng(on_ms)
    worst = 0.0
    for at in range(160):
        tone = signals.dtmf(signals.KEYS[at % 16], on_ms, rng=rng)
        worst = max(worst, tone_ms(sent(np.concatenate([np.zeros(at), tone, signals.silence(80)]))[0]))
    assert worst <= 20.0


def test_at_most_40_ms_of_a_weak_twisted_off_frequency_digit_in_noise_leave():
    rng = np.random.default_rng(9)
    worst = 0.0
    for at in range(0, 160, 2):
        tone = signals.dtmf(signals.KEYS[at // 2 % 16], 80, -20, -24, 0.015, -0.015, rng)
        tone += signals.noise(rng, -39, len(tone))
        worst = max(worst, tone_ms(sent(np.concatenate([np.zeros(at), tone, signals.silence(80)]))[0]))
    assert worst <= 40.0


def test_a_burst_too_short_to_be_a_digit_leaves_whole_or_muted_but_speech_goes_on():
    speech = signals.sine(300, -12, 1600) + signals.sine(1100, -20, 1600)
    heard, events = sent(np.concatenate([speech, signals.dtmf("5", 20), speech]))
    assert events == []
    assert np.abs(heard[:1600] - speech).max() < 600
    assert np.abs(heard[-1280:] - speech[-1280:]).max() < 600


def test_a_digit_that_is_on_while_nobody_listens_ends_when_somebody_does():
    up = Uplink(bytearray(320), Dtmf())
    events = []
    for at, frame in enumerate(
        signals.frames(np.concatenate([signals.dtmf("2", 200), signals.silence(200)]))
    ):
        up.listen = not 5 <= at < 15
        up.frame[:] = frame
        events.append(up.encode(bytearray(160), ULAW))
    assert [event for event in events if event] == [ord("2") | 0x100, ord("2") | 0x200]
    assert events.index(ord("2") | 0x200) >= 15
