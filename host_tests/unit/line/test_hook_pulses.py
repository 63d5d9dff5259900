"""Dial pulses over the whole matrix of dials, sampled each 5 ms and stamped; and what is no dial.

The last test prints the matrix as a table and writes it to build/report/pulses.json.
"""

import json
import random
from pathlib import Path

import dialkit
import pytest
from dialkit import MAPS, Contact, digits, names, sampled, stamped

import codes
from line.hook import Hook

REPORT = Path(__file__).parents[3] / "build" / "report" / "pulses.json"
SLOW = [(pps, pct) for pps in range(7, 13) for pct in range(50, 81, 5)]  # 7-12 pulses/s, 50-80 % break
FAST = [(pps, pct) for pps in range(12, 23, 2) for pct in (50, 54, 58, 62, 66)]  # 12-22 pulses/s, 50-66 %
BOUNCES_MS = (0, 2, 5)
GAPS_MS = (250, 400, 1000)
PASSES = {  # two kinds of board, and a loop that comes round unevenly
    "sampled": lambda hook, line: sampled(hook, line, line.dice.uniform(0, 5)),
    "uneven": lambda hook, line: sampled(hook, line, line.dice.uniform(0, 5), (3, 5)),
    "stamped": stamped,
    "stamped, slow turns": lambda hook, line: stamped(hook, line, turn_ms=20),
}


def make(digit_map=0, in_call=False, flash_ms=(300, 1000)):
    hook = Hook(30, 400, *flash_ms, True, digit_map)
    hook.in_call = in_call
    return hook


def hear(line, how="sampled", **kind):
    """Return (events as a word, hook)."""
    hook = make(**kind)
    return names(PASSES[how](hook, line)), hook


def matrix(how, rates, dice):
    """Return {(pps, break %): [digits right, digits dialled, wrong events]}."""
    found = {}
    for pps, pct in rates:
        right = dialled = wrong = 0
        for bounce_ms in BOUNCES_MS:
            for gap_ms in GAPS_MS:
                for digit_map, wanted in MAPS.items():
                    line = Contact(dice).lift(400, bounce_ms)
                    line.dial(wanted, digit_map, pps=pps, break_pct=pct, bounce_ms=bounce_ms, gap_ms=gap_ms)
                    hook = make(digit_map, in_call=dice.random() < 0.5)
                    events = PASSES[how](hook, line.wait(50))
                    heard = digits(events)
                    dialled += len(wanted)
                    right += sum(a == b for a, b in zip(heard, wanted))
                    wrong += names(events) != "+" + wanted
        found[pps, pct] = [right, dialled, wrong]
    return found


@pytest.mark.parametrize("rates", [SLOW, FAST], ids=["7-12 pps, 50-80 %", "12-22 pps, 50-66 %"])
@pytest.mark.parametrize("how", PASSES)
def test_every_dial_is_understood_every_time(how, rates, capsys):
    found = matrix(how, rates, random.Random(f"{how}{rates}"))
    report(how, found, capsys)
    assert {cell: counts for cell, counts in found.items() if counts[2]} == {}


def report(how, found, capsys):
    """Print the table and keep it."""
    pps = sorted({cell[0] for cell in found})
    pct = sorted({cell[1] for cell in found})
    with capsys.disabled():
        print(f"\n{how}: digits understood, %; columns are % break\n pps " + "".join(f"{p:6}" for p in pct))
        for row in pps:
            cells = [found[row, p] for p in pct]
            print(f"{row:4} " + "".join(f"{100 * right / dialled:6.1f}" for right, dialled, _ in cells))
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    for (row, column), (right, dialled, _) in found.items():
        kept[f"{how}, {row} pps, {column} %"] = [right, dialled]
    REPORT.write_text(json.dumps(kept, indent=1))


@pytest.mark.parametrize("how", PASSES)
def test_bounce_of_8_ms_does_not_matter_to_a_common_dial(how):
    dice = random.Random(8)
    for pps, pct in ((8, 60), (10, 60), (10, 67), (12, 60)):
        for _ in range(10):
            line = (
                Contact(dice).lift(400, 8).dial("1234567890", pps=pps, break_pct=pct, bounce_ms=8, gap_ms=300)
            )
            assert hear(line, how)[0] == "+1234567890"


@pytest.mark.parametrize("pct", (40, 45, 50))
@pytest.mark.parametrize("pps", (7, 10, 12, 16))
def test_dials_with_little_break_are_understood(pps, pct):
    line = Contact(random.Random(pps)).lift().dial("1234567890", pps=pps, break_pct=pct, bounce_ms=2)
    assert hear(line)[0] == "+1234567890"


@pytest.mark.parametrize("drift_pct", (-15, 15))
def test_dial_may_change_its_speed_on_the_way(drift_pct):
    line = Contact(random.Random(1)).lift()
    for i in range(10):
        period_ms = 100 * (1 + drift_pct / 100 * i / 9)
        line.open(period_ms * 0.6, 3, period_ms * 0.4 if i < 9 else 400)
    assert hear(line)[0] == "+0"


def test_digit_is_told_190_ms_after_its_last_pulse_and_not_before():
    line = Contact(random.Random(1)).lift(500).pulses(3, 10, 60, gap_ms=400)
    closed_ms = line.t_ms - 400
    (told_ms,) = [at for at, event in stamped(make(), line) if event & codes.HOOK_DIGIT]
    assert 190 <= told_ms - closed_ms <= 195


def test_figures_of_a_digit_are_those_of_the_dial():
    line = Contact(random.Random(1)).lift().pulses(7, 9.8, 61, gap_ms=195)
    word, hook = hear(line, "stamped")
    assert word == "+7"
    assert abs(hook.breaks_ms - 7 * 62.2) <= 4 and abs(hook.makes_ms - 6 * 39.8) <= 4
    assert abs(hook.break_ms - 62.2) <= 1 and abs(hook.make_ms - 39.8) <= 1
    assert hook.why == 0


def test_pulses_under_way_can_be_seen_and_are_none_after_the_digit():
    hook = make()
    line = Contact(random.Random(1)).lift().pulses(3, 10, 60, gap_ms=100)
    assert names(stamped(hook, line)) == "+" and hook.pulses == 3
    assert names(stamped(make(), line.wait(200))) == "+3"
    stamped(hook, line)
    assert hook.pulses == 0


def test_no_digit_comes_if_pulses_are_off():
    line = Contact(random.Random(1)).lift().dial("57", pps=10, break_pct=60)
    hook = Hook(30, 400, 300, 1000, False, 0)
    assert names(sampled(hook, line)) == "+" and hook.why == 0


@pytest.mark.parametrize(
    ("why", "pulses"),
    [
        ("STRAY_SHORT", [(9, 40)] * 4),
        ("STRAY_LONG", [(140, 60)] * 4),
        ("STRAY_LONG", [(60, 40), (60, 40), (200, 400)]),
        ("STRAY_MANY", [(60, 40)] * 11),
        ("STRAY_SLOW", [(60, 160)] * 4),
        ("STRAY_MIXED", [(20, 40), (20, 40), (20, 40), (120, 40)]),
    ],
)
@pytest.mark.parametrize("how", ["sampled", "stamped"])
def test_what_no_dial_does_is_refused_and_the_reason_told(how, why, pulses):
    line = Contact(random.Random(2)).lift()
    for break_ms, make_ms in pulses:
        line.open(break_ms, 0, make_ms)
    word, hook = hear(line.wait(400), how)
    assert word == "+"
    assert hook.why == getattr(codes, why)


def test_after_a_refusal_the_next_digit_is_right_and_has_no_reason():
    line = Contact(random.Random(3)).lift().pulses(5, 30, 25).wait(300).dial("42", pps=10, break_pct=60)
    word, hook = hear(line)
    assert word == "+42" and hook.why == 0


def test_break_with_a_contact_in_its_middle_is_no_pulse():
    """Makes too short for the sampler must not turn three pulses into one long one, nor into a flash."""
    for seed in range(50):
        line = Contact(random.Random(seed)).lift()
        line.open(40, 0, 7).open(40, 0, 7).open(40, 0, 500)
        for how in ("sampled", "stamped"):
            word, hook = hear(line, how, in_call=True, flash_ms=(75, 350))
            assert word in ("+", "+3"), (seed, how)
            assert word == "+3" or hook.why


def test_first_100_ms_after_off_hook_are_never_pulses():
    line = Contact(random.Random(4)).lift(60).open(40, 0, 60).open(30, 0, 60).open(50, 0, 800)
    word, hook = hear(line)
    assert word == "+" and hook.pulses == 0 and hook.why == 0


def test_pulses_right_after_the_first_100_ms_count():
    line = Contact(random.Random(4)).lift(120).dial("4", pps=10, break_pct=60)
    assert hear(line)[0] == "+4"


def test_hanging_up_right_after_a_digit_is_on_hook():
    line = Contact(random.Random(5)).lift().pulses(4, 10, 60, gap_ms=100).on_hook(1000)
    assert hear(line)[0] == "+-"


@pytest.mark.parametrize("how", ["sampled", "stamped"])
def test_outside_the_matrix_no_flash_no_hang_up_and_no_silence(how):
    """Of what a sampler sees: breaks 10 ms, makes 5 ms longer than their bounce, makes short of a pause."""
    dice = random.Random(f"outside {how}")
    reasons = set()
    tried = 0
    while tried < 1500:
        pps, pct, bounce_ms = dice.uniform(3.2, 45), dice.uniform(15, 92), dice.uniform(0, 5)
        break_ms = 10 * pct / pps
        make_ms = 1000 / pps - break_ms
        bounce_ms = min(bounce_ms, break_ms / 3, make_ms / 3)
        if break_ms - bounce_ms < 10.1 or not 5.1 + bounce_ms < make_ms < 180:
            continue
        tried += 1
        n = dice.randint(2, 10)
        window = dice.choice(((50, 130), (80, 310), (75, 700), (300, 1000)))
        line = Contact(dice).lift(400).pulses(n, pps, pct, bounce_ms, 500)
        word, hook = hear(line, how, in_call=True, flash_ms=window)
        assert "f" not in word and "-" not in word, (pps, pct, bounce_ms, n, window)
        assert word != "+" or hook.why
        reasons.add(hook.why)
    assert {codes.STRAY_SHORT, codes.STRAY_LONG, codes.STRAY_SLOW} <= reasons


@pytest.mark.parametrize(
    ("open_ms", "closed_ms"),
    [((0, 10), (10, 300)), ((0, 10), (10, 30)), ((0, 20), (0, 20)), ((0, 40), (0, 40)), ((0, 60), (0, 60))],
    ids=str,
)
def test_line_that_crackles_never_dials_and_never_flashes(open_ms, closed_ms):
    for seed in range(8):
        line = Contact(random.Random(seed)).lift(400).crackle(20_000, open_ms, closed_ms).wait(500)
        for how in ("sampled", "stamped"):
            for in_call in (False, True):
                assert hear(line, how, in_call=in_call)[0] == "+"


def test_contact_noise_on_hook_never_dials():
    for seed in range(20):
        line = Contact(random.Random(seed))
        for _ in range(200):
            line.turn(True, line.dice.uniform(0, 24)).turn(False, line.dice.uniform(10, 300))
        for how in ("sampled", "stamped"):
            assert hear(line, how)[0] == ""


def test_maps_of_the_world_are_as_the_dials_are_marked():
    for digit_map, wanted in {0: "1234567890", 1: "9876543210", 2: "0123456789"}.items():
        line = Contact(random.Random(6)).lift()
        for n in range(1, 11):
            line.pulses(n, 10, 60)
        assert hear(line, digit_map=digit_map)[0] == "+" + wanted
        assert dialkit.MAPS[digit_map] == wanted
