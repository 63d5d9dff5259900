"""Every country and period that ships: its tones as a recording shows them, its rows as rules want them."""

import ctypes
from itertools import pairwise

import need
import numpy as np
import pytest
import tonekit

import stub_hal
from config import Config
from line import tones
from tools.vphone_lib.countries import COUNTRIES

ROWS = tonekit.rows()
whole = tonekit.whole
STORE = stub_hal.make(1).store
PERIODS = ("us-1950", "us-1970", "gpo-1965", "de-1960")
KEYS = {
    "base",
    *tonekit.TONES,
    "ring",
    "ring_hz",
    "callerid",
    "callerid_level",
    "flash",
    "pulses",
    "impedance",
    "gains",
}


def untouched(name):
    return 0 if name == "line.callerid_level" else ""


# Each tone is judged once, under the first profile that has it.
JUDGED: "dict[tuple, str]" = {}
for _name, _rows in ROWS.items():
    for _key in tonekit.TONES:
        if _key in _rows:
            JUDGED.setdefault(_rows[_key], f"{_name}-{_key}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tones")


@pytest.mark.parametrize("row", JUDGED, ids=JUDGED.values())
def test_tone_is_on_the_line_as_its_row_says(row, folder):
    """Frequency within 0.5 %, level within 0.5 dB, cadence within 10 ms."""
    text, level = row
    steps = tonekit.promise(text, float(level))
    once_ms = sum(step.ms or 0 for step in steps if step.once)
    loop_ms = sum(step.ms or 1000 for step in steps if not step.once)
    ms = min(once_ms + loop_ms + 400, 20000) // 20 * 20 + 60
    samples = tonekit.record(text, int(level), ms, folder / "tone.wav")
    heard = tonekit.timeline(steps, ms)
    check_lines(samples, heard)
    check_cadence(samples, heard, ms)


def check_lines(samples, heard):
    for first_ms, end_ms, step in heard[:24]:
        part = samples[first_ms * 8 : end_ms * 8]
        if not step.lines:
            assert not part.any()
        elif end_ms - first_ms >= 40:
            found = tonekit.lines_of(part[:16000], step.lines)
            for (hz, level), (wanted_hz, wanted_level) in zip(found, step.lines):
                assert hz == pytest.approx(wanted_hz, rel=0.005), (first_ms, found)
                assert level == pytest.approx(wanted_level, abs=0.5), (first_ms, found)


def check_cadence(samples, heard, ms):
    wanted = []
    for first_ms, end_ms, step in heard:
        if step.lines and wanted and wanted[-1] == first_ms:
            wanted[-1] = end_ms
        elif step.lines:
            wanted += [first_ms, end_ms]
    assert tonekit.sound_edges(samples) == pytest.approx(wanted, abs=10)
    for (_, at, before), (_, _, after) in pairwise(heard[:12]):
        other = before.hz() ^ after.hz()
        if before.lines and after.lines and other:
            assert tonekit.change_ms(samples, min(other), at) == pytest.approx(at, abs=10), at


def test_there_are_forty_countries_and_the_periods():
    countries = [name for name in ROWS if len(name) == 2 and name != "eu"]
    assert len(countries) >= 40
    assert set(PERIODS) <= set(ROWS)
    assert whole("us-1950")["dial"][0] == "600*120"
    assert set(ROWS) == {*countries, "eu", *PERIODS}


@pytest.mark.parametrize("name", ROWS)
def test_profile_is_whole_and_its_values_are_ones_a_person_may_type(name):
    assert set(ROWS[name]) <= KEYS
    rows = whole(name)
    assert set(rows) | {"base"} == KEYS
    config = Config(STORE)
    for key, (text, level) in rows.items():
        if key in tonekit.TONES:
            assert config.set("line.tone_" + key, text) == ""
            assert -30 <= int(level) <= 0
        else:
            assert level == ""
            assert key == "base" or config.set("line." + key, text) == ""


@pytest.mark.parametrize("name", ROWS)
def test_profile_is_loaded_as_its_rows_say(name):
    rows = {key: text for key, (text, _) in whole(name).items()}
    sounds, ring, ring_dhz, style, level, *rest = tones.load(STORE, name, untouched)
    assert all(sounds[1:15]), "every tone is there"
    assert sounds.itemsize * len(sounds) <= 800
    assert (ring, style, level) == (rows["ring"], rows["callerid"], int(rows["callerid_level"]))
    assert ring_dhz == round(10 * float(rows["ring_hz"]))
    assert 160 <= ring_dhz <= 500
    pulses = ("normal", "nz", "se").index(rows["pulses"])
    flash = [int(ms) for ms in rows["flash"].split("/")]
    gains = [int(db) for db in rows["gains"].split("/")]
    assert rest == [*flash, pulses, rows["impedance"], *gains]


@pytest.mark.parametrize("name", ROWS)
def test_no_tone_goes_past_full_scale(name):
    for key in tonekit.TONES:
        text, level = whole(name)[key]
        for step in tonekit.promise(text, float(level)):
            assert sum(10 ** ((dbm0 - 3.17) / 20) for _, dbm0 in step.lines) <= 1, key


@pytest.mark.parametrize("name", ROWS)
def test_tones_that_must_end_end_and_the_others_do_not(name):
    rows = whole(name)
    assert all(step.once for step in tonekit.promise(*rows["confirm"]))
    for key in ("dial", "stutter", "recall", "ringback", "busy", "reorder", "howler", "hold"):
        assert not tonekit.promise(*rows[key])[-1].once, key
    for key in ("dial", "stutter", "recall"):
        assert tonekit.promise(*rows[key])[0].lines, "it is heard at once"


@pytest.mark.parametrize("name", ROWS)
def test_ringing_has_one_gap_for_caller_id(name):
    ring = whole(name)["ring"][0]
    assert ring.count("-") == 1
    assert (
        max(ring.replace("-", "").split(","), key=lambda pair: int(pair.split("/")[1])).split("/")[1]
        == ring.split("-")[1]
    )


@pytest.mark.parametrize("name", COUNTRIES)
def test_virtual_telephone_knows_the_same_tones_by_a_table_of_its_own(name):
    for key in ("dial", "ringback", "busy", "reorder", "callwaiting"):
        if key in COUNTRIES[name]:
            there = [(step.hz(), step.ms) for step in tonekit.promise(COUNTRIES[name][key][0], 0)]
            here = [(step.hz(), step.ms) for step in tonekit.promise(*whole(name)[key])]
            assert here[: len(there)] == there, key


def test_cadences_have_the_names_that_servers_and_collectors_use():
    names = [row.split("|")[0] for row in STORE.rows("cadences") if row and row[0] != "#"]
    bellcore = [f"bellcore-{word}{k}" for word in ("r", "dr") for k in range(1, 9)]
    assert names == bellcore + [f"phreak-{k}" for k in range(1, 11)]
    for name in names:
        assert tones.cadence(STORE, name).count("-") == 1
        assert tones.cadence(STORE, name) == tones.cadence(STORE, name.replace("-dr", "-r"))


class SuperTone:
    """Supervisory tone receiver of spandsp, set up for one tone."""

    def __init__(self, steps):
        self.library = need.spandsp()
        for function in ("super_tone_rx_make_descriptor", "super_tone_rx_init"):
            getattr(self.library, function).restype = ctypes.c_void_p
        descriptor = ctypes.c_void_p(self.library.super_tone_rx_make_descriptor(None))
        tone = self.library.super_tone_rx_add_tone(descriptor)
        for step in steps:
            low, high = (*(hz for hz, _ in step.lines), 0, 0)[:2]
            least, most = (0.9 * step.ms - 16, 1.1 * step.ms + 16) if step.ms else (700, 0)
            self.library.super_tone_rx_add_element(descriptor, tone, low, high, int(least), int(most))
        self.heard = []
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int)
        self.callback = kind(lambda user, code, level, delay: self.heard.append(code))
        self.receiver = ctypes.c_void_p(
            self.library.super_tone_rx_init(None, descriptor, self.callback, None)
        )

    def feed(self, samples):
        for at in range(0, len(samples) - 159, 160):
            part = np.ascontiguousarray(samples[at : at + 160], dtype=np.int16)
            self.library.super_tone_rx(self.receiver, part.ctypes.data_as(ctypes.c_void_p), 160)


def basic_tones():
    """Return the tones of the four commonest kinds that have two frequencies or fewer, as spandsp wants."""
    found = {}
    for name in ROWS:
        for key in ("dial", "ringback", "busy", "reorder"):
            row = whole(name)[key]
            if all(len(step.lines) <= 2 for step in tonekit.promise(*row)):
                found.setdefault(row, f"{name}-{key}")
    return found


@pytest.mark.parametrize("row", basic_tones(), ids=basic_tones().values())
def test_spandsp_accepts_the_basic_tones(row, folder):
    text, level = row
    steps = tonekit.promise(text, float(level))
    receiver = SuperTone(steps)
    loop_ms = sum(step.ms or 1500 for step in steps)
    receiver.feed(tonekit.record(text, int(level), 3 * loop_ms // 20 * 20, folder / "basic.wav"))
    assert 0 in receiver.heard
