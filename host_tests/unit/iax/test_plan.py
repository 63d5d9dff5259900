"""The dial plan of the server, asked over a TBD leg: questions, answers, what is kept, the end of the leg."""

import pytest
from bench import CoreBench, box_account
from corekit import ByHand, heard, said, told

from iax.plan import Plan
from peer import numbers as n
from peer import wire

EXISTS, CAN_EXIST, NONEXISTENT, IGNORE_PATTERN, MATCH_MORE = 1, 2, 4, 0x4000, 0x8000


def planned(**options) -> tuple[CoreBench, Plan]:
    """Return a bench with the part, and the part."""
    bench = CoreBench(**options)
    plan = Plan(bench.endpoint)
    bench.endpoint.parts.append(plan)
    bench.endpoint.dialogs.append(plan)
    return bench, plan


def opened(**options) -> tuple[CoreBench, Plan]:
    """Return the same with an accepted TBD leg."""
    bench, plan = planned(**options)
    assert plan.open(bench.account, bench.now) == 0
    bench.drain()
    bench.run(100)
    assert bench.peer.current_call().state == "linked"
    return bench, plan


def ask(bench: CoreBench, plan: Plan, digits: str, run_ms: int = 50) -> int:
    """Ask, let time pass, return the status."""
    plan.ask(digits.encode(), bench.now)
    bench.drain()
    bench.run(run_ms)
    return plan.status


def test_leg_for_questions_is_a_call_to_tbd():
    bench, _ = opened()
    assert said(bench, "NEW")[-1]["ie"]["CALLED_NUMBER"] == "TBD"
    assert not heard(bench, "CONTROL PROGRESS"), "nothing may start by itself"


@pytest.mark.parametrize(
    "digits, status",
    [
        ("1", EXISTS),
        ("2", CAN_EXIST | MATCH_MORE),
        ("22", EXISTS),
        ("3123", CAN_EXIST | MATCH_MORE),
        ("31234", EXISTS),
        ("4", EXISTS | MATCH_MORE),
        ("9", CAN_EXIST | MATCH_MORE | IGNORE_PATTERN),
        ("8", NONEXISTENT),
    ],
)
def test_answer_of_the_server_is_told_as_it_is(digits, status):
    bench, plan = opened()
    assert ask(bench, plan, digits) == status
    assert told(bench, "PLAN") == [status]


def test_question_asked_before_the_leg_is_accepted_goes_out_then():
    bench, plan = planned()
    plan.open(bench.account, bench.now)
    plan.ask(b"1", bench.now)
    assert plan.status == -1
    bench.run(100)
    assert plan.status == EXISTS
    assert said(bench, "DPREQ")[0]["t"] >= heard(bench, "ACCEPT")[0]["t"]


def test_one_question_is_out_at_a_time_and_only_the_newest_waits():
    bench, plan = opened()
    bench.peer.overlap.delay_ms = 1000
    for digits in (b"3", b"31", b"312", b"3123"):
        plan.ask(digits, bench.now)
        bench.run(100)
    assert [f["ie"]["CALLED_NUMBER"] for f in said(bench, "DPREQ")] == ["3"]
    bench.run(2500)
    assert [f["ie"]["CALLED_NUMBER"] for f in said(bench, "DPREQ")] == ["3", "3123"]
    assert told(bench, "PLAN") == [CAN_EXIST | MATCH_MORE], "the answer to the old question is no news"


def test_answer_that_does_not_come_in_three_seconds_is_none():
    bench, plan = opened()
    bench.peer.overlap.silent = True
    assert ask(bench, plan, "1", 2900) == -1
    bench.run(200)
    assert plan.status == 0 and told(bench, "PLAN") == [0]


def test_newer_question_is_asked_when_the_older_one_is_given_up():
    bench, plan = opened()
    bench.peer.overlap.answers["3"] = None
    plan.ask(b"3", bench.now)
    bench.run(1000)
    plan.ask(b"31", bench.now)
    bench.run(1900)
    assert len(said(bench, "DPREQ")) == 1
    bench.run(300)
    assert told(bench, "PLAN") == [0, CAN_EXIST | MATCH_MORE]
    assert plan.status == CAN_EXIST | MATCH_MORE


def test_answer_that_comes_too_late_is_acknowledged_and_counted():
    bench, plan = opened()
    bench.peer.overlap.delay_ms = 4000
    ask(bench, plan, "1", 4500)
    assert plan.status == 0 and bench.count("RX_UNSUPPORTED") == 1
    assert not said(bench, "UNSUPPORT")


def test_answer_to_another_question_is_ignored():
    bench, plan = opened()
    bench.peer.overlap.say = lambda digits: digits + "0"
    assert ask(bench, plan, "1", 1000) == -1
    assert bench.count("RX_UNSUPPORTED") == 1
    bench.run(2500)
    assert plan.status == 0


@pytest.mark.parametrize("status", [0, IGNORE_PATTERN, MATCH_MORE])
def test_status_that_says_none_of_three_is_no_answer(status):
    bench, plan = opened()
    bench.peer.overlap.answers["1"] = status
    assert ask(bench, plan, "1") == 0


def test_answer_holds_for_a_later_call_without_a_question():
    bench, plan = opened()
    ask(bench, plan, "1")
    plan.close(bench.now)
    bench.run(500)
    plan.open(bench.account, bench.now)
    plan.ask(b"1", bench.now)
    assert plan.status == EXISTS
    bench.run(100)
    assert len(said(bench, "DPREQ")) == 1 and told(bench, "PLAN") == [EXISTS, EXISTS]


@pytest.mark.parametrize("refresh_s, holds_s", [(30, 30), (None, 600), (65535, 600), (0, 0)])
def test_answer_is_forgotten_after_refresh_and_never_later_than_ten_minutes(refresh_s, holds_s):
    bench, plan = opened()
    bench.peer.overlap.refresh = refresh_s
    ask(bench, plan, "1", 0)
    bench.run(20)
    if holds_s:
        bench.run(holds_s * 1000 - 100)
        ask(bench, plan, "1")
        assert len(said(bench, "DPREQ")) == 1
        bench.run(200)
    ask(bench, plan, "1")
    assert len(said(bench, "DPREQ")) == 2


def test_oldest_answer_makes_room_for_the_newest():
    bench, plan = opened()
    for digits in ("1", "2", "22", "3", "31", "312", "3123", "31234", "4"):
        ask(bench, plan, digits)
    ask(bench, plan, "4")
    assert len(said(bench, "DPREQ")) == 9
    ask(bench, plan, "1")
    assert len(said(bench, "DPREQ")) == 10


def test_another_account_has_another_plan():
    bench, plan = opened()
    ask(bench, plan, "1")
    other = box_account()
    plan.open(other, bench.now)
    bench.run(500)
    ask(bench, plan, "1")
    assert len(said(bench, "DPREQ")) == 2


def test_dial_makes_the_leg_a_call():
    bench, plan = opened()
    ask(bench, plan, "600")
    assert plan.dial(b"600", bench.now) == 0
    assert plan.leg == -1 and bench.leg.number == b"600"
    bench.drain()
    assert bench.run_until("ANSWERED", 1000)
    assert said(bench, "DIAL")[0]["ie"] == {"CALLED_NUMBER": "600"}
    assert len(said(bench, "NEW")) == 2, "the one without a token and the one with it"
    assert heard(bench, "CONTROL PROGRESS")


def test_dial_of_what_does_not_exist_ends_the_call_with_cause_3():
    bench, plan = opened()
    plan.dial(b"888", bench.now)
    assert bench.run_until("HANGUP", 1000)
    assert told(bench, "HANGUP") == [3]


def test_dial_without_an_accepted_leg_does_nothing():
    bench, plan = planned()
    assert plan.dial(b"600", bench.now) == -1
    plan.open(bench.account, bench.now)
    assert plan.dial(b"600", bench.now) == -1


def test_answer_after_dial_does_no_harm():
    bench, plan = opened()
    bench.peer.overlap.delay_ms = 200
    plan.ask(b"600", bench.now)
    bench.run(50)
    plan.dial(b"600", bench.now)
    bench.run(1000)
    assert bench.saw("ANSWERED") and not said(bench, "UNSUPPORT") and not told(bench, "PLAN")


def test_server_that_knows_no_tbd_refuses_and_the_question_has_no_answer():
    bench, plan = planned()
    bench.peer.overlap.accepts = False
    plan.open(bench.account, bench.now)
    plan.ask(b"1", bench.now)
    bench.run(100)
    assert plan.leg == -1 and plan.status == 0
    assert told(bench, "PLAN") == [0] and told(bench, "HANGUP") == [3]


def test_no_leg_is_free():
    bench, plan = planned()
    bench.dial("600", 500)
    assert plan.open(bench.account, bench.now) == -1
    plan.ask(b"1", bench.now)
    assert plan.status == 0


def test_close_hangs_up_and_asks_no_more():
    bench, plan = opened()
    plan.ask(b"1", bench.now)
    plan.close(bench.now)
    bench.run(500)
    assert plan.leg == -1 and not bench.peer.live_calls()
    assert said(bench, "HANGUP")[0]["ie"]["CAUSECODE"] == 16
    assert not bench.saw("HANGUP")


def test_leased_leg_goes_when_nobody_renews_the_lease():
    bench, plan = planned()
    plan.leased = True
    plan.open(bench.account, bench.now)
    for _ in range(50):
        plan.renewed_at = bench.now
        bench.run(5)
    assert bench.peer.live_calls()
    bench.run(100)
    assert plan.leg == -1 and not bench.peer.live_calls()


def test_lost_frames_come_again():
    bench, plan = opened()
    bench.peer.faults.lose("DPREQ", way="in", times=1)
    bench.peer.faults.lose("DPREP", times=1)
    assert ask(bench, plan, "1", 2900) == EXISTS


def test_dpreq_on_another_leg_of_ours_draws_no_unsupport():
    bench, plan = planned()
    hand = ByHand(bench)
    hand.accept()
    hand.iax("DPREP", wire.ies(("CALLED_NUMBER", "1"), ("DPSTATUS", 1)))
    bench.run(100)
    assert plan.status == -1 and bench.count("RX_UNSUPPORTED") == 1


def test_elements_of_wrong_length_are_no_answer():
    bench, plan = planned()
    hand = ByHand(bench)
    plan.open(bench.account, bench.now)
    bench.drain()
    hand.iax("ACCEPT", wire.ie("FORMAT", n.ULAW))
    plan.ask(b"1", bench.now)
    bench.drain()
    hand.iax("DPREP", wire.ies(("CALLED_NUMBER", "1"), ("DPSTATUS", b"\x01")))
    assert plan.status == 0


def test_next_due_tells_when_the_answer_is_late():
    bench, plan = opened()
    bench.peer.overlap.silent = True
    assert plan.next_due(bench.now) == -1
    plan.ask(b"1", bench.now)
    assert plan.next_due(bench.now) == 3000
    bench.run(1000)
    assert plan.next_due(bench.now) == 2000
