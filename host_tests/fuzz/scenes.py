"""The states in which a box is attacked: each scene leads a fresh box there, as a good server would."""

import hashlib

from fuzz.box import GUEST, SERVER, Box

from peer import wire

VOICE = bytes(range(0x60, 0x60 + 160))
OFFER = wire.ies(
    ("VERSION", 2), ("CALLED_NUMBER", "s"), ("CALLING_NUMBER", "700"), ("CALLING_NAME", "Ann"), ("FORMAT", 4),
    ("CAPABILITY", 12), ("VARIABLE", "a=b"), ("DATETIME", 0x3576AE6D), ("CALLTOKEN", b""),
)  # fmt: skip
FORMAT = wire.ie("FORMAT", 4)


def idle(box: Box) -> None:
    """Nothing is up."""


def registering(box: Box) -> None:
    """REGREQ is out."""
    box.registrars[0].start(box.accounts[0], box.now)
    box.drain()


def proving(box: Box) -> None:
    """REGAUTH came."""
    registering(box)
    challenge = wire.ies(("AUTHMETHODS", 3), ("CHALLENGE", "123456789"), ("USERNAME", "ata1"))
    box.say(box.registrars[0], "REGAUTH", challenge)


def registered(box: Box) -> None:
    """REGACK came."""
    proving(box)
    box.say(box.registrars[0], "REGACK", wire.ies(("REFRESH", 60), ("MSGCOUNT", 0x102)))


def waiting(box: Box, leg: int = 0) -> None:
    """NEW is out."""
    box.ep.dial(box.accounts[leg], b"600", box.now)
    box.drain()


def challenged_us(box: Box) -> None:
    """AUTHREQ came; where the account encrypts, the call does from here on."""
    waiting(box)
    box.challenge(box.ep.legs[0])


def linked(box: Box, leg: int = 0) -> None:
    """ACCEPT came."""
    waiting(box, leg)
    side = box.ep.legs[leg]
    if side.account.crypt == 2:
        box.challenge(side, 1, 5000 + leg)
    box.say(side, "ACCEPT", FORMAT, 5000 + leg)


def up(box: Box, leg: int = 0) -> None:
    """Answered, with voice both ways."""
    linked(box, leg)
    side = box.ep.legs[leg]
    box.say(side, "4", b"", 5000 + leg, ftype=4)
    box.say(side, "4", VOICE, 5000 + leg, ftype=2)
    speak(box, leg)


def speak(box: Box, leg: int) -> None:
    """Let 20 ms pass and send voice."""
    box.wait(20)
    box.ep.slot.payload[:] = VOICE
    box.ep.legs[leg].send_voice(box.now)
    box.drain()


def secret_call(box: Box) -> None:
    """A call up and encrypted, if the account does that at all."""
    waiting(box)
    leg = box.ep.legs[0]
    box.challenge(leg, 0x8001)
    box.say(leg, "ACCEPT", FORMAT)
    box.say(leg, "4", b"", ftype=4)
    box.say(leg, "4", VOICE, ftype=2)
    speak(box, 0)


def two_calls(box: Box) -> None:
    """Both legs up, with different servers."""
    up(box, 0)
    up(box, 1)


def offered(box: Box) -> None:
    """A NEW came in from the second account's server; the line has not been asked."""
    box.feed(wire.iax(6000, 0, 3, 0, 0, "NEW", OFFER), SERVER + 2)
    if box.tokens and not box.ep.legs[0].state:
        box.feed(wire.iax(6000, 0, 3, 0, 0, "NEW", OFFER + wire.ie("CALLTOKEN", box.tokens[-1])), SERVER + 2)


def alerting(box: Box) -> None:
    """It rings."""
    offered(box)
    box.ep.legs[0].take(box.now)
    box.drain()


def talking(box: Box) -> None:
    """An incoming call is answered."""
    alerting(box)
    box.ep.legs[0].pickup(box.now)
    box.drain()
    if box.ep.legs[0].state:
        box.say(box.ep.legs[0], "4", VOICE, 6000, ftype=2)
        speak(box, 0)


def challenged(box: Box) -> None:
    """A NEW came from the first account's server; it must prove the secret where that is demanded."""
    box.feed(wire.iax(6000, 0, 3, 0, 0, "NEW", OFFER), SERVER)


def proved(box: Box) -> None:
    """The caller has proven the secret, and the call is encrypted where that is wanted."""
    new = wire.iax(6000, 0, 3, 0, 0, "NEW", OFFER + wire.ie("ENCRYPTION", 0x8001))
    box.feed(new, SERVER)
    leg = box.ep.legs[0]
    if leg.state and box.asked:
        digest = hashlib.md5(box.asked + leg.account.secret)
        box.keys[0] = digest.digest()
        box.say(leg, "AUTHREP", wire.ie("MD5_RESULT", digest.hexdigest()), 6000)


def signing(box: Box) -> None:
    """A signature is being computed, where the account may sign."""
    waiting(box)
    box.challenge(box.ep.legs[0], 0, methods=6)


def guest(box: Box) -> None:
    """A stranger called and showed our token, where guests may call."""
    box.feed(wire.iax(6001, 0, 3, 0, 0, "NEW", OFFER), 0)
    if box.tokens:
        box.feed(wire.iax(6001, 0, 3, 0, 0, "NEW", OFFER + wire.ie("CALLTOKEN", box.tokens[-1])), 0)
    if GUEST in box.net.places:
        box.ep.legs[0].take(box.now)
        box.drain()


def planning(box: Box) -> None:
    """A dialog with the server's dial plan is open, and a question is out."""
    leg = box.plan.open(box.accounts[0], box.now)
    box.drain()
    if leg >= 0:
        box.say(box.ep.legs[leg], "ACCEPT", FORMAT)
    box.plan.ask(b"6", box.now)
    box.drain()


def asked_to_move(box: Box) -> None:
    """TXREQ came in a call."""
    up(box)
    where = wire.ie("APPARENT_ADDR", wire.apparent_addr(("198.51.100.9", 4569)))
    box.say(box.ep.legs[0], "TXREQ", where + wire.ies(("CALLNO", 7000), ("TRANSFERID", 99)))
    box.wait(10)


def moved(box: Box) -> None:
    """The media path is direct."""
    asked_to_move(box)
    leg = box.ep.legs[0]
    box.feed(wire.iax(7000, leg.scallno, 0, 0, 0, "TXACC", wire.ie("TRANSFERID", 99)), 10)
    box.say(leg, "TXREL", wire.ie("CALLNO", 7000))


def referring(box: Box) -> None:
    """A blind transfer is asked for."""
    up(box)
    box.refer.transfer(box.ep.legs[0], b"602", box.now)
    box.drain()


def closing(box: Box) -> None:
    """HANGUP is out."""
    up(box)
    box.ep.legs[0].drop(16, box.now)
    box.drain()


SCENES = (
    idle, registering, proving, registered, waiting, challenged_us, linked, up, secret_call, two_calls,
    offered, alerting, talking, challenged, guest, planning, asked_to_move, moved, referring, closing,
    proved, signing,
)  # fmt: skip
