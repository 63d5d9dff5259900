"""The downlink: voice by law, tones with an exact cadence, both mixed, and what fills a hole."""

from array import array

import numpy as np
import pytest

from dsp.tone import Tone
from line import tones
from media.downlink import Downlink
from media.jitter import Jitter
from ref import g711 as twin
from ref import signals
from stats import Stats

ULAW, ALAW = 2, 3


def new_downlink(depth_ms=40):
    buffer = Jitter(bytearray(1280), depth_ms, Stats())
    return Downlink(bytearray(320), buffer, Tone()), buffer


def tone(text, level_dbm0=-13):
    """Return (sounds, where the tone begins), the arguments of `play`; something else lies before it."""
    sounds = array("h", (0, 1, 2, 3))
    return sounds, tones.parse(text, level_dbm0, sounds)


DIAL = tone("350+440")
BUSY = tone("480+620/500,0/500", -24)


def played(down, ticks, law=-1):
    parts = []
    for _ in range(ticks):
        down.decode(law)
        parts.append(signals.samples_of(down.frame))
    return np.concatenate(parts)


def edges(samples):
    """Return the samples at which sound starts and stops, where pauses have at least 3 ms."""
    loud = np.flatnonzero(np.abs(samples) > 0)
    breaks = np.flatnonzero(np.diff(loud) > 24)
    starts = [int(loud[0]), *(int(loud[k + 1]) for k in breaks)]
    stops = [*(int(loud[k]) + 1 for k in breaks), int(loud[-1]) + 1]
    return starts, stops


def near(got, wanted, samples=4):
    return len(got) == len(wanted) and all(abs(a - b) <= samples for a, b in zip(got, wanted))


def test_nothing_to_play_is_silence():
    down, _ = new_downlink()
    down.frame[:] = b"\x55" * 320
    assert not played(down, 1).any()
    down.frame[:] = b"\x55" * 320
    assert not played(down, 3, ULAW).any()


def test_a_steady_tone_has_its_level_and_frequencies_and_never_stops():
    down, _ = new_downlink()
    down.play(*DIAL)
    samples = played(down, 200)
    lines = signals.lines_of(samples[8000:16000], 2)
    assert [round(hz) for hz, _ in lines] == [350, 440]
    assert all(level == pytest.approx(-13, abs=0.3) for _, level in lines)
    assert not edges(samples)[0][1:]


def test_a_cadence_is_exact_to_the_sample():
    down, _ = new_downlink()
    down.play(*BUSY)
    starts, stops = edges(played(down, 200))
    assert near(starts, [0, 8000, 16000, 24000]) and near(stops, [4000, 12000, 20000, 28000])


def test_steps_need_not_be_whole_frames_and_drift_never():
    down, _ = new_downlink()
    down.play(*tone("425/333,0/167", -10))
    starts, stops = edges(played(down, 1000))
    assert near(starts, [4000 * k for k in range(40)]) and near(stops, [4000 * k + 2664 for k in range(40)])


def test_steps_marked_once_play_once_and_the_rest_repeats():
    down, _ = new_downlink()
    down.play(*tone("!350+440/100,!0/100,425/30,0/30"))
    starts, stops = edges(played(down, 20))
    assert near(starts[:4], [0, 1600, 2080, 2560]) and near(stops[:4], [800, 1840, 2320, 2800])


def test_steps_that_all_play_once_end_in_silence():
    down, _ = new_downlink()
    down.play(*tone("!1000/25", -10))
    assert down.playing
    starts, stops = edges(played(down, 20))
    assert near(starts, [0]) and near(stops, [200])
    assert not down.playing


def test_the_next_step_carries_on_the_phase_of_the_one_before():
    down, _ = new_downlink()
    down.play(*tone("800/33,1000/41", 0))
    steepest = signals.peak_of_dbm0(0) * 2 * np.pi * 1000 / 8000
    assert np.abs(np.diff(played(down, 100))).max() < steepest * 1.05


def test_stop_is_silence_at_once_and_a_new_tone_starts_from_its_beginning():
    down, _ = new_downlink()
    down.play(*BUSY)
    played(down, 3)
    down.play()
    assert not played(down, 10).any()
    down.play(*BUSY)
    assert near(edges(played(down, 50))[1][:1], [4000])


@pytest.mark.parametrize("law, slow", [(ULAW, twin.decode_ulaw), (ALAW, twin.decode_alaw)])
def test_voice_is_decoded_by_the_law_of_the_call(law, slow):
    down, buffer = new_downlink()
    voice = bytes(k * 7 % 256 for k in range(160))
    assert buffer.put(1000, voice, 0, 160, 0)
    assert not played(down, 2, law).any()
    assert played(down, 1, law).tolist() == [slow(code) for code in voice]


def test_a_tone_is_mixed_into_voice():
    down, buffer = new_downlink()
    for k in range(8):
        buffer.put(20 * k, bytes([0xA0]) * 160, 0, 160, 0)
        if k == 2:
            down.play(*DIAL)
        down.decode(ULAW)
    steady = twin.decode_ulaw(0xA0)
    dial = signals.samples_of(down.frame) - steady
    assert np.abs(dial).max() > 3000 and abs(dial.mean()) < 1500


def test_a_lost_frame_is_the_last_one_at_a_half_then_a_quarter_then_silence():
    down, buffer = new_downlink()
    for k in range(3):
        buffer.put(20 * k, bytes([0xA0 + k]) * 160, 0, 160, 0)
    loud = twin.decode_ulaw(0xA2)
    played(down, 4, ULAW)
    wanted = [loud, loud >> 1, loud >> 2, 0, 0]
    assert [int(played(down, 1, ULAW)[0]) for _ in wanted] == wanted


def test_after_a_call_nothing_of_it_is_repeated():
    down, buffer = new_downlink()
    buffer.put(0, bytes([0xA0]) * 160, 0, 160, 0)
    played(down, 3, ULAW)
    down.decode(-1)
    buffer.reset()
    assert not played(down, 5, ULAW).any()


def test_a_gain_makes_all_steps_of_a_tone_louder():
    for gain_db in (-12, -6, 0):
        down, _ = new_downlink()
        down.play(*tone("!1000@-20/10,1000@-9"), gain_db)
        assert signals.lines_of(played(down, 60)[1000:9000], 1)[0][1] == pytest.approx(-9 + gain_db, abs=0.2)


def test_at_0_there_is_no_tone():
    down, _ = new_downlink()
    down.play(*DIAL)
    down.play(DIAL[0], 0)
    assert not down.playing and not played(down, 5).any()


def test_a_modulated_tone_swings_by_90_percent():
    down, _ = new_downlink()
    down.play(*tone("600*120", -10))
    lines = signals.lines_of(played(down, 110)[400:16400], 3)
    assert [round(hz) for hz, _ in lines] == [480, 600, 720]
    side_dbm0 = -10 + 20 * np.log10(0.45)
    assert [level for _, level in lines] == pytest.approx([side_dbm0, -10, side_dbm0], abs=0.2)


class Signal:
    """A constant for some frames."""

    def __init__(self, frames):
        self.left = frames

    def fill(self, frame):
        for i in range(0, 320, 2):
            frame[i : i + 2] = (int.from_bytes(frame[i : i + 2], "little") + 5000 & 0xFFFF).to_bytes(
                2, "little"
            )
        self.left -= 1
        return self.left > 0


def test_a_signal_mutes_the_voice_which_is_not_heard_later_either():
    down, buffer = new_downlink()
    heard = []
    for k in range(10):
        buffer.put(20 * k, bytes([0xA0 + k]) * 160, 0, 160, 0)
        if k == 4:
            down.signal = Signal(3)
        heard.append(int(played(down, 1, ULAW)[-1]))
    voice = [twin.decode_ulaw(0xA0 + k) for k in range(10)]
    assert heard == [0, 0, voice[0], voice[1], 5000, 5000, 5000, voice[5], voice[6], voice[7]]
    assert down.signal is None


def test_a_signal_is_mixed_with_a_tone_and_needs_no_call():
    down, _ = new_downlink()
    down.play(*tone("1000", -30))
    alone = played(down, 2)
    down.play(*tone("1000", -30))
    down.signal = Signal(1)
    assert np.array_equal(played(down, 2) - alone, [5000] * 160 + [0] * 160)
