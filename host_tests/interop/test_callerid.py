"""What Asterisk tells of a caller, as the telephone shows it, read off the line by the telephone itself.

The dialplan sets number, name, presentation and the variable `ring`; the telephone hears modem, DTMF and
ringing current, and knows nothing of IAX2.
"""

import time

import pytest

NUMBER = "0441234567"
# name of a style, the kind of set that understands it, whether it has names
STYLES = (
    ("bell", "plain", True),
    ("etsi", "plain", True),
    ("uk", "plain", True),
    ("jp", "ntt", False),
    ("dtmf-se", "plain", False),
)
# what the dialplan sets, what a telephone that knows ASCII shows
NAMES = (("Zoë Ångström", "Zoe Aangstroem"), ("Ελένη", "Eleni"), ('J. "Bo" O\'Hara', 'J. "Bo" O\'Hara'))


@pytest.fixture
def called(make_phone, server):
    """Make a telephone and let Asterisk call it; return (telephone, what its display shows first).

    called(caller={…}, **settings): caller as Server.call takes it.
    """

    def call(caller=None, kind="plain", **settings):
        phone = make_phone(telephone=kind, **settings).register()
        phone.meanwhile(lambda: server.call(phone.account, **{"number": NUMBER, **(caller or {})}))
        assert phone.until(lambda: displays(phone), 8), phone.session.perceived()
        return phone, displays(phone)[0]

    return call


def displays(phone):
    """Return what the telephone's display has shown."""
    return phone.seen("callerid", who="phone")


def given_up(phone):
    """The caller hangs up."""
    phone.cli("channel request hangup all")
    phone.assert_clear()


def rings(phone, count):
    """Let it ring; return how long each of the first rings was, in ms, to 20 ms."""
    assert phone.until(lambda: len(phone.seen("ring", on=False)) >= count, 30)
    return [event["ms"] for event in phone.seen("ring", on=False)][:count]


@pytest.mark.item(17)
@pytest.mark.parametrize(("style", "kind", "named"), STYLES, ids=[row[0] for row in STYLES])
def test_number_and_name_arrive_by_every_kind_of_caller_id(called, style, kind, named):
    phone, shown = called({"name": "Echo Test"}, kind, line__callerid=style)
    assert shown["number"] == NUMBER and not shown.get("fault")
    assert shown.get("name", "") == ("Echo Test" if named else "")
    phone.do(f'expect callerid {NUMBER} "Echo Test"' if named else f"expect callerid {NUMBER}")
    phone.do("wait ringing 10", "lift", "wait call up 3", "hang")
    phone.assert_clear()


def test_date_and_time_are_those_of_the_server(called):
    phone, shown = called()
    now = time.time()
    assert shown["date"] in [time.strftime("%m%d%H%M", time.localtime(now - ago_s)) for ago_s in (0, 60)]
    given_up(phone)


@pytest.mark.parametrize(("name", "spelled"), NAMES, ids=["latin", "greek", "quotes"])
def test_names_beyond_ascii_are_spelled_for_the_telephone(called, name, spelled):
    phone, shown = called({"name": name})
    assert (shown["number"], shown["name"]) == (NUMBER, spelled)
    given_up(phone)


def test_a_name_that_cannot_be_spelled_is_unavailable_and_the_number_is_shown(called):
    phone, shown = called({"name": "東京 太郎"})
    assert (shown["number"], shown.get("name", ""), shown["name_why"]) == (NUMBER, "", "unavailable")
    given_up(phone)


@pytest.mark.item(17)
@pytest.mark.parametrize("why", ["private", "unavailable"])
def test_a_caller_who_is_withheld_is_told_apart_from_one_not_available(called, why):
    """One who is not available may have a name all the same."""
    phone, shown = called({"name": "Desk 4", "pres": {"private": "prohib"}.get(why, why)})
    assert (shown.get("number", ""), shown["why"]) == ("", why)
    assert shown.get("name", "") == ("" if why == "private" else "Desk 4")
    given_up(phone)


@pytest.mark.takes(25)
def test_without_caller_id_it_only_rings(make_phone, server):
    phone = make_phone(line__callerid="off").register()
    phone.meanwhile(lambda: server.call(phone.account, number=NUMBER))
    assert rings(phone, 2) == pytest.approx([2000, 2000], abs=60)
    phone.do("expect no callerid")
    assert not displays(phone)
    given_up(phone)


@pytest.mark.takes(20)
def test_the_dialplan_chooses_the_ring_and_caller_id_finds_its_gap(called):
    phone, shown = called({"ring": "bellcore-r3"})
    assert shown["number"] == NUMBER
    assert rings(phone, 6) == pytest.approx([400, 400, 800] * 2, abs=60)
    given_up(phone)


@pytest.mark.takes(25)
@pytest.mark.parametrize("ring", ["no-such-ring", "1/2/3|ö", "+400/+200", "\udcff"], ids=ascii)
def test_a_ring_that_nobody_knows_is_the_usual_one(called, ring):
    phone, _ = called({"ring": ring})  # the last one is a lone octet FF
    assert rings(phone, 1) == pytest.approx([2000], abs=60)
    given_up(phone)


@pytest.mark.takes(25)
def test_a_number_that_calls_back_shows_who_it_is_and_rings_its_own_way(make_phone):
    phone = make_phone().register()
    phone.dial("617")
    phone.do("wait call down 8", "hang", "wait ringing 12")
    assert phone.until(lambda: displays(phone), 8)
    phone.do(f'expect callerid {NUMBER} "Zoe Aangstroem"')
    assert rings(phone, 3) == pytest.approx([400, 400, 800], abs=60)
    phone.do("lift", "wait call up 3", "hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_lifting_while_the_number_is_sent_answers_and_the_voice_is_whole(make_phone, server):
    phone = make_phone().register()
    phone.meanwhile(lambda: server.call(phone.account, number=NUMBER))
    assert phone.until(lambda: phone.seen("signal"), 8), "no modem"
    phone.run(0.2)
    phone.do("lift", "wait call up 3")
    phone.run(0.5)
    said = phone.say("Hello, who is there, please?")
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    assert not displays(phone)
    phone.assert_echo(said)
