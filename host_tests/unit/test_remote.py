"""Digits judged by the server: what the port hears, and when the digit map takes over."""

from corekit import said
from remote_line import Line


def test_each_digit_is_asked_and_a_whole_number_is_ready_at_once():
    line = Line().lift()
    line.key("31234")
    assert line.asked == ["3", "31", "312", "3123", "31234"]
    assert line.words[-1] == "ready" and "ready" not in line.words[:-1]
    assert line.index == 0 and line.dialled == ["31234"]
    assert line.bench.saw("ANSWERED")


def test_number_of_one_digit_is_ready_with_the_answer():
    line = Line().lift()
    line.key("1")
    assert line.words == ["ready"]


def test_number_that_may_grow_waits_for_the_match_timer():
    line = Line().lift()
    line.key("4", 2900)
    assert line.words == ["more"]
    line.run(200)
    assert line.words == ["more", "ready"]
    assert line.dialled == ["4"]


def test_number_that_grew_in_time_is_the_longer_one():
    line = Line().lift()
    line.key("4", 2000)
    line.key("5")
    assert line.words[-1] == "ready"
    assert line.dialled == ["45"]


def test_number_that_does_not_exist_is_refused_at_its_first_wrong_digit():
    line = Line().lift()
    line.key("25")
    assert line.words == ["more", "more", "refused"]
    line.run(500)
    assert not line.bench.peer.live_calls(), "the leg is not kept for nobody"


def test_port_hears_of_no_digit_while_the_pattern_is_to_be_ignored():
    line = Line().lift()
    line.key("9", 3000)
    assert line.words == []
    line.key("1")
    assert line.words == ["more"]
    line.key("2")
    assert line.words[-1] == "ready"


def test_whole_number_with_dial_tone_kept_is_sent_by_the_match_timer():
    line = Line().lift()
    line.key("7", 2900)
    assert line.words == []
    line.run(200)
    assert line.words == ["ready"]


def test_hash_sends_what_is_there():
    line = Line().lift()
    line.key("4#")
    assert line.words[-1] == "ready" and line.remote.n == 1
    line = Line(hash_sends=False).lift()
    line.key("4#")
    assert line.asked == ["4", "4#"] and line.words[-1] == "refused"


def test_incomplete_number_is_left_to_the_server_after_the_digit_timer():
    line = Line().lift()
    line.key("312", 7000)
    assert "ready" not in line.words
    line.run(1200)
    assert line.words[-1] == "ready"
    assert [e[3] for e in line.bench.events if e[1] == "HANGUP"] == [3]


def test_no_digit_at_all_runs_into_the_first_digit_timer_and_the_leg_goes():
    line = Line().lift(15900)
    assert line.words == [] and line.bench.peer.live_calls()
    line.run(400)
    assert line.words == ["timeout"] and not line.bench.peer.live_calls()


def test_hung_up_while_collecting_the_leg_goes():
    line = Line().lift()
    line.key("3")
    line.collecting = False
    line.run(300)
    assert line.plan.leg == -1 and not line.bench.peer.live_calls()


def test_lifted_to_answer_asks_for_nothing():
    line = Line()
    line.remote.reset(line.bench.now)
    line.run(1000)
    assert not said(line.bench, "NEW")


def test_server_that_knows_no_tbd_leaves_it_to_the_digit_map():
    line = Line(digit_map="60x|[x*].")
    line.bench.peer.overlap.accepts = False
    line.lift()
    line.key("600")
    line.run(3000)
    assert line.words[-1] == "ready" and not line.asked
    line.run(500)
    assert line.called == "600"
    assert line.bench.saw("ANSWERED")


def test_server_that_does_not_answer_leaves_what_was_dialled_to_the_digit_map():
    line = Line(digit_map="600")
    line.bench.peer.overlap.silent = True
    line.lift()
    line.key("600", 500)
    assert line.words == []
    line.run(2000)
    assert line.words == ["ready"] and bytes(line.remote.buf[:3]) == b"600"
    line.run(500)
    assert line.called == "600" and not line.dialled
    assert line.bench.saw("ANSWERED")


def test_map_content_with_less_does_not_cut_what_was_dialled():
    line = Line(digit_map="60")
    line.bench.peer.overlap.silent = True
    line.lift()
    line.key("600", 500)
    line.run(2000)
    assert line.words == ["ready"] and line.remote.n == 3


def test_server_that_goes_while_digits_are_dialled_leaves_them_to_the_digit_map():
    line = Line(digit_map="xxx").lift()
    line.key("60")
    line.bench.peer.current_call().hangup(38)
    line.run(100)
    line.key("0")
    assert line.words[-1] == "ready"
    line.run(500)
    assert line.called == "600"


def test_without_a_free_leg_the_digit_map_collects():
    line = Line(digit_map="xxx")
    line.bench.dial("607", 500)
    line.lift()
    line.key("600")
    assert line.words == ["more", "more", "ready"] and not line.asked


def test_next_number_begins_anew():
    line = Line().lift()
    line.key("25")
    line.run(1000)
    line.lift()
    line.key("22")
    assert line.words[-1] == "ready"
    assert line.dialled == ["22"]


def test_immediate_server_is_connected_without_a_digit():
    line = Line(accounts={"ata1": {"secret": "pw1", "immediate": True}}).lift()
    assert line.words == ["ready"] and line.remote.n == 0 and line.index == 0
    assert [e[1] for e in line.bench.events].count("ANSWERED") == 2, "told anew to whom it concerns now"
    assert not said(line.bench, "DIAL") and line.bench.peer.current_call().state == "up"


def test_immediate_server_that_only_rings_is_connected_too():
    line = Line(accounts={"ata1": {"secret": "pw1", "immediate": True}})
    line.bench.peer.overlap.immediate = line.bench.peer.extensions["608"]
    line.lift()
    assert line.words == ["ready"]
    assert [e[1] for e in line.bench.events].count("RINGING") == 2


def test_buffer_is_never_overrun():
    line = Line()
    line.bench.peer.overlap.numbers["X" * 40] = line.bench.peer.extensions["600"]
    line.lift()
    line.key("5" * 33, 50)
    assert line.words[-1] == "full" and line.remote.n == 32
