"""Caller ID as a telephone gets it: every style of callerid.txt, from the server's NEW to the copper.

What the box wrote to its converter is laid on a time axis as the converter plays it, three frames late at
most, beside the feed. Third parties read the message off it, over lines good and bad; the meter reads the
modem; and the event log of each style is held against the limits of its standard.
"""

import functools
import itertools
from types import SimpleNamespace

import cidkit
import fskmeter
import numpy as np
import pytest
from ata_bench import AtaBench
from lineplay import styles
from lineside import LineSide, stretches

import codes
import ticks
from ref import signals as sound

STYLES = {name: row for name, row in styles().items() if row[0] != "none"}
FSK_STYLES = [name for name, row in STYLES.items() if row[1]]
DTMF_STYLES = [name for name, row in STYLES.items() if not row[1]]
LINES = {
    "good": {},
    "long": {"level_dbm0": -30},
    "noisy": {"snr_db": 20},
    "low_strong": {"twist_db": 6},
    "high_strong": {"twist_db": -6},
    "all_low_strong": {"level_dbm0": -24, "snr_db": 20, "twist_db": 6},
    "all_high_strong": {"level_dbm0": -24, "snr_db": 20, "twist_db": -6},
}
NUMBER, NAME = "5551234567", "Ada Lovelace"
DTMF = {"dtmf1": "A%sC", "dtmf2": "A%s#", "dtmf3": "D%sC", "dtmf4": "%s#"}
MARKS = {"uk": 80, "ntt": 120}  # else 180
SHOWS = ("mdmf", "etsi", "uk")  # forms that multimon-ng reads
RINGING = codes.FEED_RINGING
WATCHED_MS = 13000
LATE_MS = 60  # the sound is at most so far behind its order
EACH_LINE = pytest.mark.parametrize("line", list(LINES))


class Played:
    """The feed, and the sound at the moment it leaves the converter; times as those of the bench, in ms."""

    def __init__(self, bench: AtaBench) -> None:
        self.bench = bench
        self.parts: "list[tuple[int, bytes]]" = []
        self._write = bench.hal.pcm.write
        bench.hal.pcm.write = self.write

    def write(self, frame: bytearray) -> bool:
        """Note when this frame will begin to play: after those that wait."""
        pcm = self.bench.hal.pcm
        taken = self._write(frame)
        if taken:
            head_ms = self.bench.t_ms + ticks.diff(pcm._played_at, pcm.clock.now)
            self.parts.append((head_ms + 20 * (pcm._queued - 1), bytes(frame)))
        return taken

    def between(self, begin_ms: float, end_ms: float) -> np.ndarray:
        """Return what played from begin to end; what nobody wrote is silence."""
        begin = round(8 * begin_ms)
        line = np.zeros(round(8 * end_ms) - begin)
        for start_ms, frame in self.parts:
            at = 8 * start_ms - begin
            if 0 <= at <= len(line) - 160:
                line[at : at + 160] = sound.samples_of(frame)
        return line


@functools.lru_cache(maxsize=None)
def called(style: str, invitation: tuple = (("number", NUMBER), ("name", NAME)), profile: str = "us"):
    """Call a line of that style; return its record: feeds, rings, signals, and what each signal sounded like.

    A telephone of Japan answers the short rings, and hangs up when the message is over.
    """
    form, modem, words, _ = STYLES[style]
    bench = AtaBench(settings={"line.callerid": style, "line.profile": profile})
    side, played = LineSide(bench), Played(bench)
    began = bench.t_ms + 5
    date = bench.peer.datetime()
    call = bench.peer.call_device("ata1", **dict(invitation))
    if "car" in words:
        bench.run(1100)
        side.lift(100)
        over = [(codes.SIGNAL_FSK, 0)]
        assert bench.run_until(lambda: [each[1:] for each in side.signals(began)][-1:] == over, 4000)
        bench.run(100)
        side.hang(0)
    bench.run(began + WATCHED_MS - bench.t_ms)
    assert call.state == "ringing"
    feeds = [(t - began, mode) for t, mode in side.feeds(began)]
    sounds = {}
    edges = [(t - began, signal, begins) for t, signal, begins in side.signals(began)]
    for (start, signal, begins), (end, _, _) in itertools.pairwise([*edges, (WATCHED_MS, 0, 0)]):
        if begins:
            samples = played.between(began + start - 5, began + end + LATE_MS)
            sounds[signal] = [(start - 5 + a, start - 5 + b) for a, b in stretches(samples)], samples
    message = sounds[codes.SIGNAL_FSK if modem else codes.SIGNAL_DTMF]
    return SimpleNamespace(
        form=form,
        modem=modem,
        words=words.split(),
        feeds=feeds,
        rings=[(a, b) for (a, mode), (b, _) in itertools.pairwise(feeds) if mode == RINGING],
        alert=sounds.get(codes.SIGNAL_DTAS, ([], None)),
        strokes=message[0],
        samples=message[1],
        date=f"{date >> 21 & 15:02}{date >> 16 & 31:02}{date >> 11 & 31:02}{date >> 5 & 63:02}",
    )


def read(record) -> bytes:
    """Return the one message that minimodem hears on the good line."""
    (message,) = cidkit.decode_minimodem(record.samples, record.modem)
    return message


def fields(record) -> "dict[int, bytes]":
    """Return the parameters of the message, of Japan's too."""
    message = read(record)
    if record.form == "ntt":
        return cidkit.parameters(b"\x80" + message[6:-2])
    return cidkit.parameters(message)


# -- what is said ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", FSK_STYLES)
def test_number_name_and_the_servers_date_are_in_the_message(style):
    record = called(style)
    if record.form == "sdmf":
        assert read(record)[2:].decode() == record.date + NUMBER
        return
    told = fields(record)
    assert told[2].decode() == NUMBER
    if record.form != "ntt":
        assert told[1].decode() == record.date and told[7].decode() == NAME
    assert told.get(0x11) == (b"\x01" if record.form == "uk" else None)


@EACH_LINE
@pytest.mark.parametrize("style", FSK_STYLES)
def test_third_parties_read_each_modem_style_over_each_line(style, line):
    """At -30 dBm0 spandsp's receivers for V.23 give up; its modem with a telephone's floor does not."""
    record = called(style)
    message = read(record)
    heard = cidkit.spoil(record.samples, **LINES[line], around_hz=cidkit.MODEMS[record.modem])
    assert cidkit.decode_minimodem(heard, record.modem) == [message]
    assert cidkit.modem_spandsp(heard, record.modem) == [message]
    if line != "long" or record.modem == "bell":
        assert cidkit.decode_spandsp(heard, cidkit.FORM_STANDARD[record.form]) == [message]
    if record.form in SHOWS:
        assert cidkit.decode_multimon(heard) == {"DATE": record.date, "CID": NUMBER, "CNT": NAME}


@EACH_LINE
@pytest.mark.parametrize("style", DTMF_STYLES)
def test_third_parties_hear_each_dtmf_style_over_each_line(style, line):
    """6 dB of twist is more than multimon-ng and a receiver of Q.24 take, but Danish telephones take 8."""
    record = called(style)
    digits = DTMF[record.form] % NUMBER
    heard = cidkit.spoil(record.samples, **LINES[line], around_hz=(941, 1209))
    assert cidkit.digits_spandsp(heard) == digits
    if "strong" not in line:
        assert cidkit.digits_multimon(heard) == digits
        assert cidkit.decode_spandsp(heard, "dtmf") == [digits.encode()]


@pytest.mark.parametrize("style", FSK_STYLES)
def test_the_meter_finds_the_modem_as_its_standard_wants_it(style):
    record = called(style)
    reading = fskmeter.read(record.samples)
    mark_hz, space_hz = cidkit.MODEMS[record.modem]
    assert reading.mark_hz == pytest.approx(mark_hz, rel=0.002)
    assert reading.space_hz == pytest.approx(space_hz, rel=0.002)
    assert reading.bit_rate == pytest.approx(1200, rel=0.001)
    assert reading.seizure_bits == (0 if record.form == "ntt" else 300)
    assert reading.mark_bits == MARKS.get(record.form, 180)
    assert reading.mark_dbm0 == pytest.approx(-13.5, abs=0.3) and abs(reading.twist_db) < 0.3
    assert reading.jump_rad < 0.25 and reading.rest_db < -40 and reading.framed


@pytest.mark.parametrize("style", DTMF_STYLES)
def test_the_digits_have_two_equal_tones_of_65_ms_and_more_and_as_long_pauses(style):
    record = called(style)
    digits = DTMF[record.form] % NUMBER
    assert len(record.strokes) == len(digits)
    assert all(65 <= end - begin <= 100 for begin, end in record.strokes)
    assert all(65 <= b[0] - a[1] <= 100 for a, b in itertools.pairwise(record.strokes))
    first = record.samples[np.abs(record.samples) > 30][8:480]
    assert sound.dbm0_of(first) == pytest.approx(-9 + 3, abs=1)


@pytest.mark.parametrize("style", [name for name, row in STYLES.items() if "dtas" in row[2]])
def test_the_alerting_signal_has_its_two_frequencies_and_its_level(style):
    (begin, end), samples = called(style).alert[0][0], called(style).alert[1]
    tones = sound.lines_of(samples[np.flatnonzero(samples)[0] :][: round(8 * (end - begin))], 2)
    for (hz, dbm0), wanted in zip(tones, (2130, 2750), strict=True):
        assert hz == pytest.approx(wanted, rel=0.005) and dbm0 == pytest.approx(-15, abs=2)


# -- when --------------------------------------------------------------------------------------------------


def gaps(record) -> "list[tuple[str, float, float, float]]":
    """Return (what, ms, least, most) of each interval that the style's standard limits."""
    begin, end = record.strokes[0][0], record.strokes[-1][1]
    before = [ring for ring in record.rings if ring[1] <= begin]
    after = next(start for start, _ in record.rings if start >= end)
    dtmf = not record.modem
    found = [("message to ring", after - end, 200, 4000)]
    if record.words[0] == "ring":
        found.append(("first ring", before[-1][1] - before[0][0], 2000, 2000))
        found.append(("first ring to message", begin - before[-1][1], 500, 600))
        found.append(("first ring to second", after - before[-1][1], 4000, 4000))
    elif "car" not in record.words:
        found[0] = ("message to ring", after - end, 200, 500 if dtmf else 600)
    if record.words[0][0] == "p":
        longest = 450 if "p300" in record.words else 300
        found.append(("ring pulse", before[-1][1] - before[-1][0], 200, longest))
        found.append(("ring pulse to message", begin - before[-1][1], 500, 800))
    if "rev" in record.words:
        turned = next(t for t, mode in record.feeds if mode == codes.FEED_REVERSE)
        first = record.alert[0][0][0] if record.alert[0] else min([begin, *(start for start, _ in before)])
        found.append(("reversal to what follows", first - turned, 200 if dtmf else 100, 500))
    if "nor" in record.words:
        back = next(t for t, mode in record.feeds if t > turned and mode != codes.FEED_REVERSE)
        found.append(("message to normal polarity", back - end, 200, 600))
    if record.alert[0]:
        (sounds, over) = record.alert[0][0]
        found.append(("DT-AS", over - sounds, 90, 110))
        found.append(("DT-AS to message", begin - over, 45, 500))
    if "car" in record.words:
        found.append(("call to the modem, each ring", before[0][1] - before[0][0], 500, 500))
        found.append(("answer to message", begin - before[-1][1], 75, 1000))
    return found


@pytest.mark.parametrize("style", list(STYLES))
def test_the_gaps_of_each_style_are_within_the_limits_of_its_standard(style):
    record = called(style)
    for what, ms, least, most in gaps(record):
        print(f"{style:14} {what:30} {ms:7.1f} ms ({least} to {most})")
        assert least <= ms <= most, what


@pytest.mark.parametrize("style", list(STYLES))
def test_nothing_else_sounds_and_the_message_comes_once(style):
    record = called(style)
    assert len(record.strokes) == (1 if record.modem else len(DTMF[record.form] % NUMBER))
    assert len(record.alert[0]) == ("dtas" in record.words)
    assert len([None for begin, _ in record.rings if begin > record.strokes[-1][1]]) >= 1


@pytest.mark.parametrize("style", ["bell", "etsi", "uk", "dtmf-dk"])
@pytest.mark.parametrize("profile", ["us", "uk", "de", "se"])
def test_a_style_keeps_its_limits_with_the_ringing_of_any_country(style, profile):
    record = called(style, profile=profile)
    begin, end = record.strokes[0][0], record.strokes[-1][1]
    assert all(stop + 500 <= begin or start >= end + 200 for start, stop in record.rings)


def test_the_longest_message_of_a_call_fits_into_the_gap_of_each_cadence():
    """Names and numbers are cut to what a telephone can show, so no message exceeds 1.2 s."""
    long = (("number", "9" * 60), ("name", "W" * 64))
    for style in FSK_STYLES:
        record = called(style, long)
        assert record.strokes[-1][1] - record.strokes[0][0] < 1200
        for what, ms, least, most in gaps(record):
            assert least <= ms <= most, what


# -- whoever calls -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["bell", "etsi", "uk"])
@pytest.mark.parametrize(
    "name, shown",
    [
        ("", {"RACNT": "O"}),
        ("N" * 64, {"CNT": "N" * 15}),
        ("Γιώργος Παπαδόπουλος", {"CNT": "Giorgos Papadop"}),
        ("王小明", {"RACNT": "O"}),
        ("Jürgen Müller", {"CNT": "Juergen Mueller"}),
    ],
)
def test_names_empty_long_greek_and_chinese_reach_the_display(style, name, shown):
    told = cidkit.decode_multimon(called(style, (("number", NUMBER), ("name", name))).samples)
    assert told["CID"] == NUMBER and ("CNT" in told) == ("CNT" in shown)
    assert told.get("RACNT") == shown.get("RACNT")
    assert told.get("CNT", "").startswith(shown.get("CNT", ""))
    assert len(told.get("CNT", "")) <= (15 if style == "bell" else 20)


PRIVATE = (("number", NUMBER), ("name", NAME), ("presentation", 0x23))
NOBODY = (("number", ""), ("name", ""), ("presentation", 0x43))


@pytest.mark.parametrize("who, why", [(PRIVATE, b"P"), (NOBODY, b"O")], ids=["private", "nobody"])
@pytest.mark.parametrize("style", ["bell", "etsi", "uk", "jp", "bell-sdmf"])
def test_who_does_not_want_to_be_shown_is_not(style, who, why):
    record = called(style, who)
    assert NUMBER.encode() not in read(record) and NAME.encode() not in read(record)
    if record.form == "sdmf":
        assert read(record)[10:] == why
    else:
        assert fields(record)[4] == why and fields(record).get(8, why) == why


@pytest.mark.parametrize(
    "style, private, nobody",
    [
        ("dtmf-se", "B10C", "B00C"),
        ("dtmf-dk", "D1#", "D3#"),
        ("dtmf-tw", "D0000000000C", "D0000000000C"),
    ],
)
def test_in_dtmf_too(style, private, nobody):
    assert cidkit.digits_spandsp(called(style, PRIVATE).samples) == private
    assert cidkit.digits_spandsp(called(style, NOBODY).samples) == nobody
