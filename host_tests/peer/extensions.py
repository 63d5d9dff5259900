"""The dial plan: one script per number. A script yields how many ms to wait.

| number | behaviour                                                    |
|--------|--------------------------------------------------------------|
| 600    | answers, echoes every packet; `#` ends it                    |
| 601    | answers, 1004 Hz at 0 dBm0 for ever                          |
| 602    | answers, plays `peer.playback` (PCM) once, hangs up          |
| 603    | BUSY, 3 s later HANGUP 17                                    |
| 604    | CONGESTION, 3 s later HANGUP 34                              |
| 605    | answers, hangs up after 1 s; 3 s later calls the device      |
| 606    | early media without an answer, for a minute                  |
| 607    | answers, never sends a packet                                |
| 608    | rings for 6 s, then answers and echoes                       |
| other  | REJECT 3                                                     |
"""

from collections.abc import Callable

from . import media
from . import numbers as n
from .call import Call, Script


def _answer(call: Call) -> None:
    call.state = "up"
    call.control("ANSWER")
    call.control("STOP")


def echo(call: Call) -> Script:
    """Answer and send back what comes."""
    _answer(call)
    call.echo = True
    return
    yield


def milliwatt(call: Call) -> Script:
    """Answer with the test tone of 1004 Hz at 0 dBm0."""
    _answer(call)
    call.play(media.looped(media.tone(1004, level_dbm0=0.0, seconds=0.5)))
    return
    yield


def playback(call: Call) -> Script:
    """Answer, play the peer's PCM once, hang up."""
    _answer(call)
    yield 100
    call.play(media.pieces(call.peer.playback))
    yield len(call.peer.playback) / 16 + 200
    call.hangup(n.NORMAL)


def busy(call: Call) -> Script:
    """Say BUSY, clear after 3 s."""
    call.control("BUSY")
    yield 3000
    call.hangup(n.BUSY)


def congestion(call: Call) -> Script:
    """Say CONGESTION, clear after 3 s."""
    call.control("CONGESTION")
    yield 3000
    call.hangup(n.CONGESTION)


def call_back(call: Call) -> Script:
    """Answer, hang up, and call the same account 3 s later."""
    peer, name = call.peer, call.account_name

    def ring_back() -> None:
        account = peer.accounts.get(name)
        if account is not None and account.dialable(peer.now):
            peer.call_device(name, number="605", name="Call back")
        else:
            peer.note("call back: %s cannot be called" % name)

    _answer(call)
    yield 1000
    peer.after(3000, ring_back)
    call.hangup(n.NORMAL)


def early_media(call: Call) -> Script:
    """Play a sound without answering."""
    call.control("PROGRESS")
    yield 40
    call.play(media.looped(media.pieces(media.babble(606))))
    yield 60000
    call.hangup(n.NO_ANSWER)


def silent(call: Call) -> Script:
    """Answer and never send a packet."""
    _answer(call)
    return
    yield


def late_answer(call: Call) -> Script:
    """Ring for 6 s, then answer and echo."""
    call.state = "ringing"
    call.control("RINGING")
    yield 6000
    _answer(call)
    call.echo = True


DIAL_PLAN: dict[str, Callable[[Call], Script]] = {
    "600": echo, "601": milliwatt, "602": playback, "603": busy, "604": congestion, "605": call_back,
    "606": early_media, "607": silent, "608": late_answer,
}  # fmt: skip
