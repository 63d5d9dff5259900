"""Proofs at Asterisk, ours and its own: RSA, plain text, none; secrets and tokens asked of callers."""

import pytest
from interop import proofs
from interop.test_calls_in import ring, speak_hear_and_hang

HEADER, MD5, RSA = 12, 34, 174  # octets: of a frame, of an element with 32 and with 172


def proven_by(phone, name: str) -> "list[int]":
    """Return the lengths of the elements in each frame of that name that holds more than the frame before."""
    return [frame["n"] - HEADER for frame in phone.frames(name) if not frame["retry"]]


def talk(phone) -> None:
    """Call the echo, speak and hear."""
    phone.dial("600")
    phone.do("wait call up 8")
    said = phone.say("Who goes there")
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


@pytest.mark.item(45)
def test_rsa_registers_and_calls(make_phone, rsa_key):
    """The 172 characters of base64 that Asterisk takes for right."""
    phone = make_phone(proofs.RSA, rsa_key=rsa_key, secret="", account__1__auth="rsa").register()
    assert phone.counters["SIGN_SLICES"] == 459
    talk(phone)
    assert proven_by(phone, "AUTHREP") == [RSA]


def test_rsa_is_preferred_to_md5(make_phone, rsa_key):
    phone = make_phone(proofs.RSA_OR_MD5, rsa_key=rsa_key, account__1__auth="md5,rsa").register()
    assert phone.counters["SIGN_SLICES"] == 459
    talk(phone)
    assert proven_by(phone, "AUTHREP") == [RSA]


@pytest.mark.item(42, 44)
def test_md5_serves_where_there_is_no_key(make_phone):
    phone = make_phone(proofs.RSA_OR_MD5).register()
    talk(phone)
    assert proven_by(phone, "AUTHREP") == [MD5]


@pytest.mark.takes(35)
def test_a_refresh_by_rsa_leaves_no_gap_in_the_voice(make_phone, rsa_key):
    settings = {"account__1__auth": "rsa", "account__1__refresh_s": 20}
    phone = make_phone(proofs.RSA, rsa_key=rsa_key, secret="", **settings).register()
    phone.dial("600")
    phone.do("wait call up 8")
    slices = phone.counters["SIGN_SLICES"]
    before = phone.counters
    phone.run(18)
    after = phone.counters
    assert after["SIGN_SLICES"] - slices == 459 and len(phone.frames("REGACK", "in")) == 2
    sent, heard = (after[name] - before[name] for name in ("TX_MINI", "RX_VOICE"))
    assert sent >= 890 and heard >= 890
    phone.do("hang")
    phone.assert_clear()


def test_plain_text_serves_only_who_allows_it(make_phone):
    phone = make_phone(proofs.PLAIN, account__1__auth="md5,plain").register()
    talk(phone)
    assert proven_by(phone, "AUTHREP") == [2 + len(phone.server.secret)]


@pytest.mark.item(42)
def test_plain_text_is_refused_by_default(make_phone):
    phone = make_phone(proofs.PLAIN)
    phone.session.power_on()
    assert phone.until(lambda: phone.seen("unregistered"), 5)
    assert phone.counters["AUTH_REFUSED"] >= 1
    assert phone.server.secret.encode() not in (phone.folder / "net.pcap").read_bytes()


@pytest.mark.item(42)
def test_md5_is_preferred_to_plain_text(make_phone):
    phone = make_phone(proofs.ANY, account__1__auth="md5,plain").register()
    talk(phone)
    assert proven_by(phone, "AUTHREP") == [MD5]
    assert phone.server.secret.encode() not in (phone.folder / "net.pcap").read_bytes()


@pytest.mark.item(56)
def test_a_server_that_asks_for_no_proof_is_called_without(make_phone):
    """Asterisk starts its dial plan only when our frames carry its number."""
    phone = make_phone(proofs.OPEN, account__1__register="off", feature__tone_unregistered="on")
    phone.session.power_on()
    phone.run(0.5)
    talk(phone)
    assert not phone.frames("AUTHREQ", "in")


def test_a_caller_must_prove_the_secret_and_does(make_phone):
    phone = make_phone(account__1__demand="on").register()
    ring(phone)
    assert len(phone.frames("AUTHREQ")) == 1 and len(phone.frames("AUTHREP", "in")) == 1
    phone.do("lift", "wait call up 3")
    speak_hear_and_hang(phone)


def test_a_caller_who_cannot_prove_the_secret_does_not_ring(make_phone):
    """The server has no secret for this account, and the telephone wants one."""
    phone = make_phone(proofs.OPEN, secret="another", account__1__demand="on").register()
    phone.cli(f"channel originate IAX2/{phone.account}/s extension 600@lab")
    assert phone.until(lambda: phone.frames("REJECT"), 5)
    phone.run(1)
    assert not phone.seen("ring") and phone.counters["CALLER_REFUSED"] >= 1
    phone.assert_clear()


def test_a_caller_is_asked_for_a_call_token(make_phone):
    phone = make_phone(net__calltoken="on").register()
    ring(phone)
    assert phone.counters["TOKEN_ASKED"] >= 1
    ours = phone.frames("CALLTOKEN")
    asked = phone.frames("NEW", "in")
    assert ours and all(frame["n"] < asked[0]["n"] for frame in ours)
    assert len({frame["src"] for frame in asked}) == 1
    phone.do("lift", "wait call up 3")
    speak_hear_and_hang(phone)


def test_a_caller_proves_address_and_secret(make_phone):
    phone = make_phone(net__calltoken="on", account__1__demand="on").register()
    ring(phone)
    assert phone.counters["TOKEN_ASKED"] >= 1 and len(phone.frames("AUTHREP", "in")) == 1
    phone.do("lift", "wait call up 3")
    speak_hear_and_hang(phone)


def call_as_stranger(phone, second_server) -> None:
    """Let a server that the telephone does not know call its address."""
    port = phone.session.relay.outside.port
    order = f"channel originate IAX2/127.0.0.1:{port}/s extension 600@lab"
    phone.meanwhile(lambda: second_server.cli(order))


def test_a_stranger_is_not_heard(make_phone, second_server):
    phone = make_phone(net__calltoken="on").register()
    call_as_stranger(phone, second_server)
    assert phone.until(lambda: phone.counters["RX_STRANGER"], 5)
    phone.run(1)
    assert not phone.seen("ring") and not phone.frames("CALLTOKEN")


def test_a_guest_is_asked_for_a_token_rings_and_talks(make_phone, second_server):
    phone = make_phone(net__guests="on").register()
    call_as_stranger(phone, second_server)
    phone.do("wait ringing 5")
    assert len(phone.frames("CALLTOKEN")) >= 1
    phone.do("lift", "wait call up 3")
    speak_hear_and_hang(phone)
