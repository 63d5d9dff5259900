"""Digits become a call: by #, by time, by the digit map; and what is no number becomes reorder tone."""

import earpiece
from ata_bench import AtaBench

import codes

MAP = "911|[2-5]xx|6xxx.|*xx"


def dialled(bench: AtaBench) -> list[str]:
    """Return the numbers the server was asked for, each once."""
    return list(dict.fromkeys(f["ie"]["CALLED_NUMBER"] for f in bench.peer.frames("NEW", "in")))


def test_hash_sends_the_number_at_once_without_being_part_of_it():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("60")
    assert dialled(bench) == []
    bench.dtmf("0#")
    assert dialled(bench) == ["600"]


def test_hash_is_a_digit_like_others_when_it_does_not_send():
    bench = AtaBench(settings={"dial.hash_sends": "off", "dial.map": "[x*#]."})
    bench.lift()
    bench.dtmf("12#")
    bench.run(2000)
    assert dialled(bench) == []
    bench.run(1500)
    assert dialled(bench) == ["12#"]


def test_number_that_may_grow_is_sent_when_the_match_timer_ends():
    bench = AtaBench(settings={"dial.match_ms": "2000"})
    bench.lift()
    bench.dtmf("600", 80, 80)
    bench.run(1500)  # two seconds after the last digit began would be 1,800
    assert dialled(bench) == []
    bench.run(500)
    assert dialled(bench) == ["600"]


def test_complete_number_is_sent_at_once_by_the_map():
    bench = AtaBench(settings={"dial.map": MAP})
    bench.lift()
    bench.dtmf("91")
    bench.run(1000)
    assert dialled(bench) == []
    bench.dtmf("1")
    assert dialled(bench) == ["911"]


def test_number_that_fits_nothing_is_left_to_the_server_after_the_digit_timer():
    bench = AtaBench(settings={"dial.map": MAP, "dial.inter_ms": "5000"})
    bench.lift()
    bench.dtmf("85")
    bench.run(4500)
    assert dialled(bench) == []
    bench.run(600)
    assert dialled(bench) == ["85"]


def test_star_code_is_a_number_too():
    bench = AtaBench(settings={"dial.map": MAP})
    bench.lift()
    bench.dtmf("*98")
    assert dialled(bench) == ["*98"]


def test_all_sixteen_keys_reach_the_number():
    bench = AtaBench(settings={"dial.map": "[x*A-D#].", "dial.hash_sends": "off"})
    bench.lift()
    bench.dtmf("123A456B789C*0#D")
    bench.run(3500)
    assert dialled(bench) == ["123A456B789C*0#D"]


def test_no_digit_at_all_gives_reorder_tone_after_the_first_digit_timer():
    bench = AtaBench()
    bench.lift(15500)
    assert bench.state == codes.DIAL_TONE
    bench.run(3500)
    assert [name for name in earpiece.names(bench.hal.pcm.ear) if name != "none"] == ["dial", "reorder"]
    assert dialled(bench) == []
    bench.hang()
    assert bench.at_rest


def test_hanging_up_while_dialling_calls_nobody():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("60")
    bench.hang(10000)
    assert bench.at_rest
    assert dialled(bench) == []


def test_digits_of_a_number_given_up_are_forgotten():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("99")
    bench.hang()
    bench.lift()
    bench.dtmf("600#")
    assert dialled(bench) == ["600"]


def test_number_longer_than_the_box_can_hold_is_cut_not_lost():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("1234567890" * 4 + "#")
    assert dialled(bench) == [("1234567890" * 4)[:32]]
    bench.hang()
    assert bench.at_rest


def test_short_break_of_the_loop_while_dialling_changes_nothing():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("60")
    bench.hal.slic.hang_up()
    bench.run(150)
    bench.lift()
    bench.dtmf("0#")
    assert dialled(bench) == ["600"]


def test_digit_that_begins_while_dialling_never_ends_in_the_call():
    bench = AtaBench(settings={"dial.map": "600"})
    bench.lift()
    bench.dtmf("60")
    bench.dtmf("0", on_ms=1500)
    bench.run(1000)
    assert bench.state == codes.TALK
    assert bench.call.rx_dtmf == []
    assert earpiece.level_dbm0([bench.call.heard_pcm()]) < -60, "nor is its sound heard"


def test_digit_that_begins_before_the_server_accepts_never_ends_in_the_call():
    bench = AtaBench()
    bench.peer.quirks.reply_delay_ms = 600
    bench.lift()
    bench.dtmf("600#")
    bench.dtmf("5", on_ms=3000)
    bench.run(1000)
    assert bench.state == codes.TALK
    assert bench.call.rx_dtmf == []
    bench.dtmf("7")
    bench.run(200)
    assert [(digit, edge) for _, digit, edge in bench.call.rx_dtmf] == [("7", "begin"), ("7", "end")]
