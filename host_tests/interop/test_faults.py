"""A network that loses every fifth datagram, and a server that dies: calls complete, or end in order."""

from pathlib import Path

import pytest

from tools.vphone_lib.verbs import ExpectationFailed

SEEDS = range(1, 21)
ENOUGH = 17  # of the 20
SENTENCE = "The quick brown fox jumps over the lazy dog, and then again, and once more"


def call(phone):
    """Register, dial the echo, speak and hear voice, hang up."""
    phone.session.power_on()
    phone.do("wait registered 30")
    phone.dial("600")
    phone.do("wait call up 25")
    phone.say(SENTENCE)
    assert any(event["on"] for event in phone.seen("voice")), "no voice was heard"


@pytest.mark.item(61)
@pytest.mark.takes(60)
@pytest.mark.parametrize("seed", range(1, 7))
def test_call_completes_although_asterisk_drops_every_fifth_datagram(make_phone, server, seed):
    phone = make_phone(seed=seed)
    server.cli("iax2 test losspct 20")
    try:
        call(phone)
        phone.do("hang", "wait call down 3")
        phone.assert_clear()
    finally:
        server.cli("iax2 test losspct 0")


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory, request):
    """A folder that the workers share, with a file for each seed done."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "lossy"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.item(61)
@pytest.mark.takes(70)
@pytest.mark.parametrize("seed", SEEDS)
def test_calls_complete_when_a_fifth_is_lost_both_ways(make_phone, verdicts: Path, seed):
    """Each must end clear on both sides; one alone may fail to complete, at most three of the twenty."""
    phone = make_phone(seed=seed)
    phone.do("net loss 20")
    try:
        call(phone)
        verdict = "complete"
    except (ExpectationFailed, AssertionError) as why:
        verdict = str(why).replace("\n", " ")
    phone.do("hang")
    phone.assert_clear()
    (verdicts / str(seed)).write_text(verdict)
    told = {path.name: path.read_text() for path in verdicts.iterdir()}
    if len(told) == len(SEEDS):  # the last one judges
        failed = {name: text for name, text in told.items() if text != "complete"}
        assert len(SEEDS) - len(failed) >= ENOUGH, failed


@pytest.mark.item(37)
@pytest.mark.takes(60)
def test_server_killed_in_a_call_is_heard_as_reorder_within_35_s(make_phone, server):
    phone = make_phone(account__1__refresh_s=20).register()
    phone.dial("600")
    phone.do("wait call up 5")
    phone.run(2)
    phone.meanwhile(server.kill)
    phone.do("wait tone reorder 35", "hang")
    assert phone.until(lambda: phone.leg == "FREE", 1)
    assert phone.counters["PEER_DEAD"] >= 1


@pytest.mark.takes(60)
def test_cut_cable_is_heard_as_reorder_and_mends_itself(make_phone, server):
    phone = make_phone(account__1__refresh_s=20).register()
    phone.dial("600")
    phone.do("wait call up 5", "net cut", "wait tone reorder 35", "hang", "net restore")
    phone.assert_clear(50)
    assert phone.until(lambda: phone.session.registered, 30)


@pytest.mark.takes(20)
def test_delay_and_jitter_within_the_buffer_leave_the_voice_whole(make_phone):
    phone = make_phone(audio__jitter_ms=100).register()
    phone.do("net delay 60 25")
    phone.dial("600")
    phone.do("wait call up 10")
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang", "wait call down 5")
    phone.assert_clear()
    phone.assert_echo(said)


@pytest.mark.takes(20)
def test_duplicates_and_reordering_leave_a_call_that_talks_and_ends(phone):
    phone.do("net delay 20 20", "net dup 20", "net reorder 10")
    phone.dial("600")
    phone.do("wait call up 10")
    phone.say(SENTENCE)
    assert phone.seen("voice", on=True)
    phone.do("hang", "wait call down 5")
    phone.assert_clear()
