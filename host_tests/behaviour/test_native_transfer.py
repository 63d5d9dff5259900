"""Two adapters of ours and a server that wants to leave: the path goes direct, or all stays as it was."""

from collections.abc import Callable

import pytest
from town import AtaBox, CoreBox, Town, Way

import codes

BOTH = [CoreBox, AtaBox]
OTHER_END = 10  # peer of leg 0's other end


def is_direct(town: Town) -> bool:
    """True if both legs talk to each other."""
    return [box.leg.peer for box in town.boxes] == [OTHER_END, OTHER_END]


def is_served(town: Town) -> bool:
    """True if both legs talk to the server."""
    return [box.leg.peer for box in town.boxes] == [1, 1]


def transferred(kind=CoreBox, **options) -> Town:
    """Return a town whose boxes talk without the server."""
    town = Town(kind, **options)
    town.join().transfer()
    assert town.until(lambda: is_direct(town), 1000)
    return town


def at_rest(town: Town, most_ms: int = 45000) -> bool:
    """Run until no box and no server has a call any more."""
    return town.until(
        lambda: all(box.leg.state == codes.CALL_FREE for box in town.boxes) and not town.peer.live_calls(),
        most_ms,
    )


def lose(name: str, times: int, direct: bool) -> Callable[[Way], bool]:
    """Return a fault of the path: the first `times` frames of that name are lost."""
    hits: list[int] = []

    def cut(way: Way) -> bool:
        hit = way.direct == direct and way.frame["name"] == name and len(hits) < times
        hits.extend([way.t_ms] if hit else [])
        return hit

    return cut


@pytest.mark.parametrize("kind", BOTH)
def test_two_boxes_complete_a_native_transfer_of_the_media_path(kind):
    town = transferred(kind)
    began = town.t_ms
    assert town.talking(2000)
    assert not town.between(False, "MINI", began + 100), "voice still goes through the server"
    assert town.peer.live_calls() == []
    assert not [f for f in town.between(False, since_ms=began + 1000) if f["name"] not in ("POKE", "PONG")]
    assert all(box.leg.state == codes.CALL_UP for box in town.boxes)


def test_the_first_voice_after_a_transfer_is_full_and_all_counts_begin_again():
    town = transferred()
    town.run(300)
    for box in town.boxes:
        mine = [way.frame for way in town.passed if way.direct and way.src == box.addr]
        after = [f for f in mine if f["name"] not in ("TXCNT", "TXACC", "ACK")]
        assert (after[0]["name"], after[0]["oseq"]) == ("VOICE", 0)
        assert after[0]["ts"] < 100 and [f["name"] for f in after[1:4]] == ["MINI"] * 3
        assert ("DIRECT", 0, 1) in [event[1:] for event in box.events]


def test_a_digit_goes_direct_after_the_transfer():
    town = transferred()
    one, two = town.boxes
    one.leg.send_dtmf(ord("5"), True, one.now)
    one.drain()
    town.run(50)
    one.leg.send_dtmf(ord("5"), False, one.now)
    one.drain()
    town.run(50)
    assert [event[1] for event in two.events if event[3] == ord("5")] == ["DTMF_BEGIN", "DTMF_END"]


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("kind", BOTH)
def test_whoever_hangs_up_after_the_transfer_ends_the_other_ones_call(kind, who):
    town = transferred(kind)
    town.run(500)
    if kind is AtaBox:
        town.boxes[who].hang(1300)
    else:
        town.boxes[who].hang_up()
    assert at_rest(town, 1500)
    assert town.boxes[1 - who].leg.cause == 16
    assert len(town.between(True, "HANGUP")) == 1


def test_the_boxes_can_call_again_through_the_server_after_a_transferred_call():
    town = transferred(AtaBox)
    town.boxes[0].hang(1300)
    town.boxes[1].hang(1300)
    assert at_rest(town, 2000)
    town.join()
    assert is_served(town)


@pytest.mark.parametrize("kind", BOTH)
def test_direct_path_cut_before_txready_leaves_the_call_at_the_server(kind):
    """Nothing passes between the boxes: after the fourth TXCNT both say TXREJ; the voice never stops."""
    town = Town(kind)
    middle = town.join()
    town.cut = lambda way: way.direct
    middle.transfer()
    assert town.talking(6000)
    assert middle.state == "refused" and is_served(town)
    assert not town.between(False, "TXREADY")
    assert all(box.leg.state == codes.CALL_UP for box in town.boxes)


def test_a_path_that_works_one_way_only_is_not_taken():
    """Box one hears box two but not the other way round: a TXCNT alone proves nothing."""
    town = Town()
    middle = town.join()
    town.cut = lambda way: way.direct and way.src == town.boxes[0].addr
    middle.transfer()
    assert town.talking(6000)
    assert middle.state == "refused" and is_served(town)
    assert [event[3] for box in town.boxes for event in box.events if event[1] == "DIRECT"] == [0, 0]


def test_a_path_cut_after_one_side_was_ready_leaves_both_at_the_server():
    """One has TXACC, the other never gets one."""
    town = Town()
    middle = town.join()
    town.cut = lambda way: way.direct and way.frame["name"] == "TXACC" and way.dst == town.boxes[1].addr
    middle.transfer()
    assert town.talking(6000)
    assert len(town.between(False, "TXREADY")) >= 1 and is_served(town)
    middle.transfer()
    town.cut = lambda way: False
    assert town.until(lambda: is_direct(town), 2000) and town.talking()


@pytest.mark.parametrize("allow", [(True, False), (False, True), (False, False)])
def test_a_box_that_may_not_keeps_the_call_at_the_server(allow):
    town = Town(AtaBox, allow=allow)
    middle = town.join()
    middle.transfer()
    assert town.talking(5500)
    assert middle.state == "refused" and is_served(town)


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize(
    "name, direct",
    [
        ("TXREQ", False),
        ("TXCNT", True),
        ("TXACC", True),
        ("TXREADY", False),
        ("TXREL", False),
        ("VOICE", True),
    ],
)
def test_a_step_that_is_lost_is_taken_again(name, direct, times):
    town = Town()
    middle = town.join()
    town.cut = lose(name, times, direct)
    middle.transfer()
    assert town.until(lambda: is_direct(town), 15000)
    assert town.until(town.talking, 20000)
    assert middle.state == "released"


def test_a_lost_acknowledgement_of_txrel_is_sent_again_and_disturbs_nothing():
    town = Town()
    middle = town.join()
    released = []

    def cut(way: Way) -> bool:
        released.extend([1] if way.frame["name"] == "TXREL" else [])
        return bool(released) and not way.direct and way.frame["name"] == "ACK" and len(released) <= 2

    town.cut = cut
    middle.transfer()
    assert town.until(lambda: is_direct(town), 1000)
    assert town.talking(4000)
    assert town.peer.live_calls() == []
    assert not town.between(False, "INVAL")


@pytest.mark.parametrize("after_ms", range(0, 50, 5))
@pytest.mark.parametrize("who", [0, 1])
def test_a_user_who_hangs_up_at_any_moment_of_the_transfer_leaves_nobody_behind(who, after_ms):
    town = Town(delay_ms=5)
    middle = town.join()
    middle.transfer()
    town.run(after_ms)
    box = town.boxes[who]
    box.speak = None
    box.hang_up()
    assert at_rest(town, 12000), [b.leg.state for b in town.boxes]
    assert town.boxes[1 - who].leg.cause == 16


@pytest.mark.parametrize("after_ms", [0, 10, 15, 20, 25, 30, 40])
def test_a_server_that_dies_at_any_moment_leaves_no_call_half_open(after_ms):
    """Either both boxes talk directly by then, or both notice within a minute that the server is gone."""
    town = Town(delay_ms=5)
    middle = town.join()
    middle.transfer()
    town.run(after_ms)
    town.peer.vanish()
    town.run(3000)
    if is_direct(town):
        assert town.talking(40000)
    else:
        free = town.until(lambda: all(b.leg.state == codes.CALL_FREE for b in town.boxes), 60000)
        assert free, [b.leg.state for b in town.boxes]


@pytest.mark.parametrize("seed", range(1, 6))
def test_with_a_fifth_of_all_datagrams_lost_both_ends_come_to_the_same_path(seed):
    town = Town(seed=seed)
    middle = town.join()
    town.loss_pct = 20
    middle.transfer()
    town.run(25000)
    town.loss_pct = 0
    town.run(12000)
    assert is_direct(town) or is_served(town), [box.leg.peer for box in town.boxes]
    assert town.talking(3000)


def test_the_other_end_is_forgotten_after_the_call():
    town = transferred()
    town.boxes[0].speak = town.boxes[1].speak = None
    town.boxes[0].hang_up()
    town.run(1000)
    assert OTHER_END in town.boxes[0].net.peers, "a resent HANGUP would find a stranger"
    town.run(36000)
    assert [sorted(box.net.peers) for box in town.boxes] == [[1], [1]]
