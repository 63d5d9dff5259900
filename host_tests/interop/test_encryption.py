"""Encrypted calls with Asterisk: both ways, its new keys and ours, and every refusal."""

import pytest
from interop import opened

SENTENCE = "The quick brown fox jumps over the lazy dog"


@pytest.fixture
def make_secret(make_phone, server):
    """Make a telephone like make_phone's; when the test is over its capture is opened."""
    made = []

    def make(account="", **settings):
        phone = make_phone(account, **settings)
        made.append(phone)
        return phone

    yield make
    for phone in made:
        phone.finish()
        opened.open_capture(phone.folder, server.secret)


def frames(phone) -> list[dict]:
    """End the run; return all frames of the telephone, clear."""
    phone.finish()
    return opened.open_capture(phone.folder, phone.server.secret)


def calls(found: list[dict]) -> list[dict]:
    """Return the frames from the last AUTHREQ on that belong to its call."""
    start = max(
        i for i, frame in enumerate(found) if frame["name"] == "AUTHREQ" and frame["ie"].get("ENCRYPTION")
    )
    numbers = (found[start]["src"], found[start]["dst"])
    return [frame for frame in found[start + 1 :] if frame["src"] in numbers and frame["name"] != "AUTHREQ"]


def talk(phone) -> tuple[int, int]:
    """Dial the echo, speak; return when."""
    phone.dial("600")
    phone.do("wait call up 5")
    return phone.say(SENTENCE)


@pytest.mark.item(46, 47)
@pytest.mark.parametrize(
    ("account", "policy"), [(opened.YES, "allow"), (opened.FORCE, "require")], ids=["yes", "forced"]
)
def test_voice_is_encrypted_both_ways_and_the_servers_new_key_is_taken(make_secret, account, policy):
    """RTKEY comes before the first voice; nothing of the call can be read."""
    phone = make_secret(account, account__1__encryption=policy).register()
    began = len(phone.server.log)
    said = talk(phone)
    phone.run(0.5)
    counters = phone.counters
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)
    call = calls(frames(phone))
    assert all(frame["sealed"] for frame in call)
    assert {frame["size"] for frame in call if frame["name"] == "MINI"} == {194}
    assert {frame["size"] for frame in call if frame["name"] == "ACK"} == {36}
    theirs = [frame["name"] for frame in call if frame["port"] == phone.server.port]
    assert theirs.index("RTKEY") < theirs.index("VOICE")
    assert theirs.count("MINI") > 50
    assert counters["RX_CIPHER"] == 0
    assert "Packet Decrypt Failed" not in phone.server.log[began:]


@pytest.mark.item(47)
def test_own_new_keys_are_followed_by_the_server(make_secret):
    """Every few seconds here; the echo goes on undisturbed."""
    phone = make_secret(opened.YES, account__1__encryption="allow", account__1__rotate_s=2).register()
    phone.dial("600")
    phone.do("wait call up 5")
    phone.run(5)
    said = phone.say(SENTENCE)
    phone.run(2)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)
    ours = [frame for frame in calls(frames(phone)) if frame["port"] != phone.server.port]
    assert len({frame["raw"][14:] for frame in ours if frame["name"] == "RTKEY"}) >= 3


@pytest.mark.item(46)
def test_call_of_the_server_is_encrypted_where_it_must_prove_itself(make_secret):
    """Asterisk offers encryption; our challenge, which `require` implies, takes it."""
    phone = make_secret(opened.YES, account__1__encryption="require").register()
    phone.cli(f"channel originate IAX2/{opened.YES} application Echo")
    phone.do("wait ringing 5", "lift", "wait call up 5")
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)
    assert all(frame["sealed"] for frame in calls(frames(phone)))


@pytest.mark.item(48)
def test_allowed_encryption_calls_in_clear_where_the_server_cannot(make_secret):
    """An account without encryption."""
    phone = make_secret(account__1__encryption="allow").register()
    said = talk(phone)
    phone.run(0.5)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)
    assert not any(frame["sealed"] for frame in frames(phone))


@pytest.mark.item(48)
def test_required_encryption_refuses_a_clear_server(make_secret):
    """Reorder tone; not a packet of voice leaves."""
    phone = make_secret(account__1__encryption="require").register()
    phone.dial("600")
    phone.do("wait tone reorder 5", "hang")
    phone.assert_clear()
    assert phone.cause == 50
    assert not [frame for frame in frames(phone) if frame["name"] in ("MINI", "VOICE")]


@pytest.mark.item(48)
def test_required_encryption_refuses_a_clear_caller(make_secret):
    """The server calls without a key; the telephone never rings."""
    phone = make_secret(account__1__encryption="require").register()
    phone.cli(f"channel originate IAX2/{phone.account} application Echo")
    phone.run(3)
    phone.assert_clear()
    assert not phone.seen("ring")
    assert [frame["ie"]["CAUSECODE"] for frame in frames(phone) if frame["name"] == "REJECT"] == [50]


@pytest.mark.item(48)
def test_server_that_forces_encryption_refuses_a_clear_call(make_secret):
    """Heard as reorder tone."""
    phone = make_secret(opened.FORCE).register()
    phone.dial("600")
    phone.do("wait tone reorder 5", "hang")
    phone.assert_clear()
    assert not [frame for frame in frames(phone) if frame["name"] in ("MINI", "VOICE")]
