"""The telephone's own table of countries beside the profiles that ship, and what a run makes of both."""

import pytest
from unit.vphone.test_telephone import happened, lifted, run, runs_of

import stub_hal
from line import tones
from tools.vphone_lib.countries import COUNTRIES, DIALS, FLASH_MS, PULSES
from tools.vphone_lib.loop import LOOP_CLOSED
from tools.vphone_lib.telephone import Telephone
from tools.vphone_lib.world import Options, country_of, dial_of, flash_ms_of, stranger, wants_ntt

STORE = stub_hal.make(1).store
PROFILES = tones.known(STORE, "profiles")


def options(**settings):
    return Options(settings={name.replace("__", "."): value for name, value in settings.items()})


def shipped(name):
    """Flash window in ms and digit map of a profile."""
    *_, shortest, longest, pulses, _, _, _ = tones.load(
        STORE, name, lambda what: 0 if "level" in what else ""
    )
    return (shortest, longest), ("normal", "nz", "se")[pulses]


@pytest.mark.parametrize("name", PROFILES)
def test_the_user_taps_the_hook_and_dials_as_the_profile_takes_it(name):
    window, pulses = shipped(name)
    ms = flash_ms_of(options(line__profile=name))
    assert window[0] <= ms <= window[1]
    assert dial_of(options(line__profile=name)) == pulses == DIALS.get(name, "normal")


def test_most_countries_are_known_and_the_others_are_named_with_what_to_do():
    strange = {name for name in PROFILES if stranger(options(line__profile=name))}
    assert len(strange) < 20 and len(COUNTRIES) >= 39
    assert strange | set(COUNTRIES) == set(PROFILES)
    told = stranger(options(line__profile="bg"))
    assert told == "the telephone does not know bg, it listens as us: choose with --country"
    assert country_of(options(line__profile="bg")) == "us"
    assert not stranger(Options(country="uk", settings={"line.profile": "bg"}))
    assert not stranger(Options()) and set(FLASH_MS) == set(PROFILES)


@pytest.mark.parametrize(
    "settings, ms",
    [
        ({}, 650),
        ({"line__profile": "uk"}, 90),
        ({"line__profile": "uk", "line__flash": "200/400"}, 300),
        ({"line__profile": "gpo-1965"}, 0),
        ({"line__flash": "0/0"}, 0),
        ({"line__profile": "gpo-1965", "line__flash": "80/120"}, 100),
        ({"line__profile": "uk", "line__flash": ""}, 90),
        ({"line__profile": "uk", "line__flash": "soon"}, 90),
    ],
)
def test_a_flash_is_the_middle_of_what_the_box_takes_for_one(settings, ms):
    assert flash_ms_of(options(**settings)) == ms
    assert flash_ms_of(Options(country="nz", settings=options(**settings).settings)) == ms


def test_the_dial_is_that_of_the_setting_or_of_the_country():
    assert dial_of(options(line__pulses="nz")) == "nz"
    assert dial_of(options(line__profile="se", line__pulses="normal")) == "normal"
    assert dial_of(options(line__profile="se", line__pulses="")) == "se"
    assert dial_of(options(line__pulses="oslo")) == "normal"


def test_only_the_japanese_way_of_caller_id_wants_a_japanese_set():
    assert wants_ntt(options(line__profile="jp")) and wants_ntt(options(line__callerid="jp"))
    assert not wants_ntt(options(line__profile="jp", line__callerid="bell")) and not wants_ntt(Options())


@pytest.mark.parametrize("dial, breaks", [("normal", 6 + 10 + 1), ("nz", 4 + 10 + 9), ("se", 7 + 1 + 2)])
def test_each_dial_breaks_the_loop_as_its_country_counts(dial, breaks):
    phone = lifted(dial=dial)
    phone.pulse("601")
    states = b""
    while phone.busy:
        states += run(phone, 1)[1]
    assert len([ms for closed, ms in runs_of(states, LOOP_CLOSED) if not closed]) == breaks
    assert sorted(PULSES[dial]) == list(range(1, 11))


@pytest.mark.parametrize("seed", range(6))
def test_the_hand_reaches_the_dial_150_ms_after_the_receiver_was_lifted(seed):
    phone = Telephone(seed)
    phone.lift()
    phone.pulse("1")
    states = b""
    while phone.busy:
        states += run(phone, 1)[1]
    before = next(ms for closed, ms in runs_of(states, LOOP_CLOSED) if closed and ms > 20)
    assert 150 <= before <= 210


def test_who_has_been_off_hook_for_long_dials_at_once():
    phone = lifted()
    run(phone, 50)
    phone.pulse("1")
    states = run(phone, 10)[1]
    assert runs_of(states, LOOP_CLOSED)[0][1] <= 20
    assert happened(phone, "pulse")
