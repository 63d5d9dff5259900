"""What a call tells beside the number: from the telephone's settings to Asterisk's dialplan, and back.

Asterisk's dialplan (parameters.py) writes what it was told into its log; what Asterisk tells is read from the
core's `leg.told`.
"""

import re
import time

import pytest
from interop.core_rig import CoreRig
from interop.parameters import ACCOUNT, VARIABLE_LONG
from interop.rig import Phone

import codes
from iax import calendar, date, told


@pytest.fixture
def dial(server, tmp_path, taken):
    """Call a number with a telephone that has these settings; return what the dialplan says it was told."""
    folder = tmp_path / "phone"

    def call(exten, /, **settings):
        named = {f"account__1__{name}": value for name, value in settings.items()}
        phone = Phone(server, ACCOUNT, folder, **named)
        try:
            phone.register()
            since = len(server.log)
            phone.dial(exten)
            phone.do("wait call down 8", "hang")
            phone.assert_clear()
        finally:
            phone.finish()
            taken.append(folder / "net.pcap")
        return said(server.log[since:])

    return call


@pytest.fixture
def rig(server, tmp_path, taken):
    """The core alone, registered, as the account that is told everything."""
    made = CoreRig(server.address, ACCOUNT, server.secret, folder=tmp_path / "core", laws=b"\x02\x03")
    made.calendar = made.add(calendar.Calendar())
    made.services.append(made.calendar)
    made.register()
    yield made
    made.close()
    taken.append(tmp_path / "core" / "net.pcap")


def said(log):
    """Return {name: value} of the dialplan's lines, each told once."""
    found = re.findall(r"app_verbose.c: TOLD (\w+)=<(.*)>", log)
    assert len(found) == len(dict(found)), found
    return dict(found)


def rung(rig, server, context):
    """Let Asterisk call through a context of the dialplan; return the elements of its NEW."""
    order = f"channel originate Local/{ACCOUNT}@{context}/n application Wait 5"
    rig.meanwhile(lambda: server.cli(order))
    assert rig.until(lambda: rig.told("INCOMING"), 5)
    return rig.legs[0].told


def test_dialplan_sees_every_parameter_exactly_as_it_was_set(dial):
    seen = dial(
        "0123456789*6001",
        number="0551234567",
        name="Zoë & Co",
        presentation="restricted",
        ton=33,
        ani="0552222",
        ani2=27,
        rdnis="0553333",
        dnid="0554444",
        language="fr_CA",
        variables="FOO=bar baz=; BAR=1;BAR=2",
    )
    assert seen == {
        "exten": "0123456789*6001",
        "context": "told",
        "account": ACCOUNT,
        "number": "0551234567",
        "name": "Zoë & Co",
        "presentation": "prohib_not_screened",
        "plan": "33",
        "ani": "0552222",
        "ani2": "27",
        "rdnis": "0553333",
        "dnid": "0554444",
        "language": "fr_CA",
        "FOO": "bar baz=",
        "BAR": "12",
    }


def test_the_account_that_authenticates_is_not_the_caller(dial):
    """Nothing set is nothing told: the dialplan knows the account, and no caller's number."""
    seen = dial("600")
    assert seen["account"] == ACCOUNT and seen["exten"] == "600"
    assert (seen["number"], seen["name"], seen["ani"]) == ("", "", "")
    assert (seen["rdnis"], seen["dnid"], seen["FOO"], seen["ani2"]) == ("", "", "", "0")
    assert seen["language"] == "en"


@pytest.mark.parametrize(
    ("word", "asterisks"),
    [
        ("allowed", "allowed_not_screened"),
        ("restricted", "prohib_not_screened"),
        ("unavailable", "unavailable"),
    ],
)
def test_presentation_reaches_the_dialplan(dial, word, asterisks):
    seen = dial("600", number="0551234567", presentation=word)
    assert (seen["presentation"], seen["number"]) == (asterisks, "0551234567")


def test_called_context_chooses_among_those_the_account_may_use(dial):
    assert dial("*600", context="elsewhere") == {"context": "elsewhere"}


def test_a_context_the_account_may_not_use_is_refused(dial):
    assert dial("600", context="secret-lines") == {}


def test_asterisk_reads_transit_network_and_adsi_as_they_were_set(dial, server):
    """No function of the dialplan has them: they stand in Asterisk's own reading of our NEW."""
    server.cli("iax2 set debug on")
    since = len(server.log)
    try:
        dial("600", tns=513, adsi=1, number="0551234567")
        time.sleep(0.2)
    finally:
        server.cli("iax2 set debug off")
    log = server.log[since:]
    assert re.search(r"CALLING TRANSIT\s*: 513\b", log), log[-4000:]
    assert re.search(r"ADSICPE\s*: 1\b", log)
    assert re.search(r"CALLING NUMBER\s*: 0551234567\b", log)


@pytest.mark.item(18, 19)
def test_all_that_asterisk_tells_is_read_exactly(rig, server):
    """Elements that the RFC does not have (ANI2, wide masks, VARIABLE, an empty AUTOANSWER) among them."""
    heard = rung(rig, server, "tell")
    assert told.text(heard, 1, 32) == b"5551234"
    assert told.text(heard, 2, 32) == b"0441234567"
    assert told.text(heard, 4, 40) == 'Zoë & "Ärger"'.encode()
    assert (told.uint(heard, 38, 1), told.presentation(heard)) == (1, 0)
    assert (told.uint(heard, 39, 1), told.uint(heard, 40, 2)) == (33, 0)
    assert (told.text(heard, 3, 32), told.uint(heard, 57, 4)) == (b"0449999", 23)
    assert told.text(heard, 28, 32) == b"0448888"
    assert told.text(heard, 5, 32) == b"inner"
    assert told.text(heard, 10, 32) == b"rm_CH"
    assert told.text(heard, 13, 32) == b"0447777"
    assert told.uint(heard, 12, 2) == 0
    assert told.values(heard, 25) == [b""]
    assert dict(told.variables(heard)) == {b"BAR": VARIABLE_LONG.encode(), b"FOO": b"one two=three"}
    assert told.formats(heard, 55, 8) == 1 << 34 | 12 and told.formats(heard, 56, 9) == 4


@pytest.mark.item(17)
def test_a_private_caller_is_told_apart_from_one_not_available(rig, server):
    heard = rung(rig, server, "private")
    assert (told.presentation(heard), told.text(heard, 2, 32)) == (1, b"123")
    rig.hang_up()
    rig.events.clear()
    heard = rung(rig, server, "nothing")
    assert told.presentation(heard) == 2 and told.uint(heard, 38, 1) == 0x43
    assert told.values(heard, 2) == [b""] and told.values(heard, 4) == [b""]


def test_asterisks_clock_is_told_by_registration_and_by_each_call(rig, server):
    """Local time, to two seconds, whatever the RFC says of UTC."""
    assert rig.told("CLOCK")
    rig.run(2.5)
    today = time.mktime(time.strptime(date.text(rig.calendar.today(rig.now)), "%Y-%m-%d %H:%M:%S"))
    assert abs(today - time.time()) <= 4
    called = date.text(told.date30(rung(rig, server, "tell")))
    assert abs(time.mktime(time.strptime(called, "%Y-%m-%d %H:%M:%S")) - time.time()) <= 4


@pytest.mark.item(19, 20)
def test_formats_in_64_bits_are_read_by_asterisk_and_a_common_one_is_found(server, tmp_path, taken):
    """Our own NEW with a format that no 32 bits hold: Opus is a wish that this test never speaks."""
    rig = CoreRig(server.address, ACCOUNT, server.secret, folder=tmp_path / "core", laws=b"\x02\x22")
    try:
        rig.register()
        server.cli("iax2 set debug on")
        since = len(server.log)
        rig.dial("600")
        assert rig.until(lambda: rig.told("ACCEPTED"), 5)
        assert rig.told("ACCEPTED") == [codes.LAW_ULAW]
        rig.run(0.3)
        assert re.search(r"FORMAT2\s*: ulaw\b", server.log[since:]), server.log[since:]
    finally:
        server.cli("iax2 set debug off")
        rig.close()
        taken.append(tmp_path / "core" / "net.pcap")
