"""Power on, power off, what can go wrong between: one line at the console, and no line that rings on."""

import pytest

import codes
import main
import servers
import setup
import stub_hal
from config import Config
from stats import Log, Stats

SAVED = "account.1.server=pbx\naccount.1.user=ata1\naccount.1.secret=pw1\n"


def box(saved: str = SAVED, run_ms: int = 1000):
    hal = stub_hal.make(1)
    hal.store.blobs["config"] = saved.encode()
    hal.clock.run_for(run_ms)
    return hal


def said(hal) -> list[str]:
    return hal.serial.said.decode().splitlines()


def feeds(hal) -> list[int]:
    return [mode for order, mode in hal.slic.orders if order == "feed"]


def test_box_opens_its_port_finds_the_server_and_registers():
    hal = box()
    main.run(hal)
    assert hal.net.port == 4569
    assert hal.net.peers == {1: ("pbx", 4569)}
    assert hal.net.take_sent()[0][0] == 1
    assert said(hal) == []


def test_line_is_off_before_and_after_and_fed_between():
    hal = box()
    main.run(hal)
    assert feeds(hal) == [codes.FEED_OPEN, codes.FEED_FORWARD, codes.FEED_OPEN]
    assert [hal.box.log.ring[1], hal.box.log.ring[5]] == [codes.LOG_BOOT, codes.LOG_FEED]
    assert hal.box.log.ring[6] == codes.FEED_OPEN, "and the log says so"


def test_watchdog_is_fed_by_the_loop():
    hal = box()
    main.run(hal)
    assert hal.box.n_fed >= 200


def test_box_says_good_bye_within_the_time_it_is_given():
    hal = box(SAVED + "system.release_ms=300\n", run_ms=100)
    main.run(hal)  # the clock stands still after 100 ms: nothing may wait for it
    assert hal.slic.feed == codes.FEED_OPEN


@pytest.mark.parametrize(
    ("saved", "line"),
    [
        ("net.prot=1\n", "config: no setting net.prot; did you mean net.port?"),
        ("net.port=99999\n", "config: net.port: 99999 is outside 0..65535 UDP port"),
        ("net.port=\n", "config: net.port: nothing is not a whole number of UDP port"),
        ("feature.dtmf_frames=maybe\n", "config: feature.dtmf_frames: maybe is neither on nor off"),
        ("just words\n", "config: a saved line without ="),
        ("account.1.codecs=gsm,ulaw\n", "config: account.1.codecs: no gsm; there is: ulaw alaw"),
    ],
)
def test_wrong_setting_is_told_in_one_line_and_its_default_holds(saved, line):
    hal = box(SAVED + saved)
    main.run(hal)
    assert said(hal) == [line]
    assert hal.net.peers, "the box works all the same"


def test_unknown_profile_is_told_with_the_known_ones():
    hal = box(SAVED + "line.profile=atlantis\n")
    main.run(hal)
    assert len(said(hal)) == 1
    assert said(hal)[0].startswith("config: line.profile: no atlantis; there is: us eu uk ca ")


def test_wrong_secret_setting_is_not_shown():
    hal = box(SAVED + "account.1.secret=" + "x" * 65 + "\nhunter2 without a name\n")
    main.run(hal)
    assert len(said(hal)) == 2
    assert not any("xx" in line or "hunter2" in line for line in said(hal))


def test_settings_that_are_no_text_are_told_and_the_others_hold():
    hal = box()
    hal.store.blobs["config"] = b"net.port=5000\n\xff\xfe=\x80\n" + SAVED.encode()
    main.run(hal)
    assert said(hal) == ["config: a saved line is not UTF-8"]
    assert hal.net.port == 5000


def test_dos_line_ends_and_empty_lines_are_no_errors():
    hal = box(SAVED.replace("\n", "\r\n") + "\r\n\n  \n")
    main.run(hal)
    assert said(hal) == []
    assert hal.net.peers[1] == ("pbx", 4569)


def test_no_settings_at_all_tell_what_is_missing():
    hal = box("")
    del hal.store.blobs["config"]
    main.run(hal)
    assert said(hal) == ["account: no server: set account.1.server to the name of yours"]


def test_port_that_is_taken_is_told_in_one_line():
    hal = box()
    hal.net.port_taken = True
    main.run(hal)
    assert said(hal) == ["net: the local UDP port is taken: choose another with net.port"]


def test_unknown_server_is_told_in_one_line():
    hal = box()
    hal.net.unknown_hosts.add("pbx")
    main.run(hal)
    assert said(hal) == ["net: nobody knows the server pbx: check account.1.server"]


def test_dead_network_is_told_and_no_name_is_looked_up():
    hal = box()
    hal.box.link = False
    main.run(hal)
    assert said(hal) == ["net: no network: check the cable or the Wi-Fi"]
    assert hal.net.peers == {}


def heal_at(hal, t_ms: int, heal) -> None:
    """Let `heal()` happen when the clock of the box shows `t_ms`."""
    wait = hal.clock.wait

    def waiting(due_ms: int) -> bool:
        if hal.clock.ticks_ms() >= t_ms:
            heal()
        return wait(due_ms)

    hal.clock.wait = waiting


@pytest.mark.parametrize("what", ["port", "server", "network"])
def test_box_tries_again_by_itself_until_the_network_is_there(what):
    hal = box(run_ms=40000)
    opened = []
    really_open = hal.net.open
    hal.net.open = lambda port: opened.append(really_open(port)) or opened[-1]
    hal.net.port_taken = what == "port"
    hal.net.unknown_hosts = {"pbx"} if what == "server" else set()
    hal.box.link = what != "network"

    def heal() -> None:
        hal.net.port_taken = False
        hal.net.unknown_hosts = set()
        hal.box.link = True

    heal_at(hal, 20000, heal)
    main.run(hal)
    assert hal.net.peers == {1: ("pbx", 4569)}
    assert hal.net.take_sent(), "and registers"
    assert opened.count(True) == 1, "an open port is not opened again"
    assert len(said(hal)) == 4, "after 0, 2, 6 and 14 seconds; at 30 it is well"


def test_tries_become_rare_but_never_end():
    hal = box(run_ms=600000)
    hal.clock.step_ms = 100
    hal.net.unknown_hosts.add("pbx")
    main.run(hal)
    assert 10 <= len(said(hal)) <= 16


def test_server_that_is_silent_for_long_is_looked_up_again():
    hal = box(run_ms=300000)
    hal.clock.step_ms = 20
    resolve = hal.net.resolve
    looked = []
    hal.net.resolve = lambda *wanted: looked.append(hal.clock.ticks_ms()) or resolve(*wanted)
    main.run(hal)
    assert 3 <= len(looked) <= 4 and looked[1] > 90000, "at the start, and after each three failures"
    assert hal.net.peers == {1: ("pbx", 4569)} and said(hal) == []


def test_account_at_a_shared_address_does_not_follow_when_only_the_other_name_moves():
    """Two names, one address; then the first name means another host, to which account 2 says nothing."""
    hal = box(SAVED + "account.2.server=second\naccount.2.user=ata2\naccount.2.secret=pw2\n")
    at = {"pbx": "shared", "second": "shared"}
    resolve = hal.net.resolve
    hal.net.resolve = lambda peer, host, port: resolve(peer, at[host], port)
    ata, server = setup.make(hal, Stats(), Log())
    servers.begin(hal, server, ata, server[2][:], False, 0)
    assert hal.net.peers == {1: ("shared", 4569)} and list(ata.endpoint.same[1:4]) == [1, 0, 1]
    at["pbx"] = "moved"
    ata.failures[0] = codes.LOOK_AGAIN
    servers.look_again(hal, server, ata)
    assert hal.net.peers == {1: ("moved", 4569), 3: ("shared", 4569)}
    assert list(ata.endpoint.same[1:4]) == [1, 0, 3] and max(ata.failures) == 0


def test_no_name_is_looked_up_while_somebody_uses_the_telephone():
    hal = box(run_ms=60000)
    hal.net.unknown_hosts.add("pbx")
    hal.slic.lift()
    main.run(hal)
    assert len(said(hal)) == 1


def test_telephone_without_a_network_hears_reorder_tone_not_dial_tone():
    import earpiece

    hal = box(run_ms=2000)
    hal.net.unknown_hosts.add("pbx")
    hal.slic.lift()
    main.run(hal)
    assert earpiece.names(hal.pcm.ear) == ["reorder"]


class Broken(Exception):
    pass


def test_exception_in_the_loop_turns_the_line_off_and_gets_out():
    hal = box()
    hal.slic.set_feed(codes.FEED_RINGING)

    def receive() -> None:
        if hal.clock.ticks_ms() > 500:
            raise Broken

    hal.net.receive = receive
    with pytest.raises(Broken):
        main.run(hal)
    assert hal.slic.feed == codes.FEED_OPEN


def test_ringing_left_over_from_a_program_that_died_is_turned_off_first():
    hal = box()
    hal.slic.set_feed(codes.FEED_RINGING)
    hal.slic.orders.clear()
    main.run(hal)
    assert hal.slic.orders[0] == ("feed", codes.FEED_OPEN)


def test_exception_while_it_rings_turns_the_ringing_off():
    from ata_bench import BOX_ADDR, SERVER

    from peer import Peer

    hal = box(SAVED + "account.1.register=off\n", run_ms=10000)
    peer = Peer(accounts={"ata1": "pw1"})
    peer.call_device("ata1", addr=BOX_ADDR)
    for _, _, octets in peer.drain():
        hal.net.deliver(SERVER, octets)

    def read_into(frame: bytearray) -> bool:
        if hal.clock.ticks_ms() > 500:
            raise Broken
        return False

    hal.pcm.read_into = read_into
    with pytest.raises(Broken):
        main.run(hal)
    assert feeds(hal)[-2:] == [codes.FEED_RINGING, codes.FEED_OPEN]


@pytest.mark.parametrize(
    ("profiles", "line"),
    [
        (["us|dial|350+440|-13"], "config: profile us has no flash"),
        (["uk|dial|350+440|-13"], "config: no profile us; there is: uk"),
    ],
)
def test_broken_profile_ends_in_one_line_an_exit_status_and_a_dead_line(profiles, line):
    hal = box()
    hal.store.tables["profiles"] = profiles
    with pytest.raises(SystemExit) as ended:
        main.run(hal)
    assert ended.value.code == 1
    assert said(hal) == [line]
    assert hal.slic.feed == codes.FEED_OPEN


def test_board_that_cannot_ring_at_the_frequency_says_so():
    hal = box()
    hal.slic.ring_range_dhz = (250, 600)
    with pytest.raises(SystemExit):
        main.run(hal)
    assert said(hal) == ["config: line.ring_hz: this board cannot ring at that frequency: choose another"]


def test_every_default_is_a_value_its_own_row_accepts():
    hal = stub_hal.make(1)
    config = Config(hal.store)
    for line in hal.store.rows("settings"):
        if line and not line.startswith("#"):
            name = line.split("|")[0].replace(".N.", ".1.")
            value = config.get(name)
            text = (
                {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            )
            assert config.set(name, text) == ""
