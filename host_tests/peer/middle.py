"""The server between two of its calls: what it passes on, and the ways to leave the middle.

    peer.extensions["701"] = to_account("ata2")      # a number that reaches another device
    middle = Middle(call, other)                     # or any two calls that are up, joined by hand
    middle.transfer()                                # native transfer: TXREQ to both (RFC 5456, section 6.5)

`state` tells how far a native transfer is: "", begin, released, media, refused. A TRANSFER from one side
takes the other one to that number if there is such an extension, and is not answered otherwise, as at
Asterisk.
"""

from collections.abc import Callable

from . import media, wire
from . import numbers as n
from .call import Call, Script

PASSED_ON = frozenset(("CONTROL FLASH", "CONTROL HOLD", "CONTROL UNHOLD", "DTMF_BEGIN", "DTMF_END", "TEXT"))


class Middle:
    """Two calls as one."""

    def __init__(self, one: Call, two: Call) -> None:
        self.peer = one.peer
        self.calls = (one, two)
        self.state = ""
        self.ready: list[Call] = []  # sides that said TXREADY
        self.media_only = False
        self.transfer_id = 0
        self.refused: list[tuple[str, str]] = []  # (account, number) of each TRANSFER that came to nothing
        for call in self.calls:
            call.middle = self
            call.echo = False
            call.full_sent = None

    def other(self, call: Call) -> Call:
        """Return the other side."""
        return self.calls[1] if call is self.calls[0] else self.calls[0]

    # What passes through.

    def voice(self, call: Call, payload: bytes) -> None:
        """Pass on a packet that `call` sent, unless we have left."""
        other = self.other(call)
        if self.state != "released" and other.alive and other.state == "up":
            other.voice(payload, call.rx_codec)

    def frame(self, call: Call, frame: dict) -> bool:
        """Take a full frame of one side; False leaves it to the call itself."""
        name = frame["name"]
        if name in PASSED_ON:
            self.other(call).send(frame["type"], frame["subclass"], frame["payload"])
            return name[0] == "C"  # digits are kept by the call as well
        act = {
            "TXREADY": self.on_txready,
            "TXREJ": self.on_txrej,
            "TRANSFER": self.on_transfer,
        }.get(name)
        if act is not None:
            act(call, frame)
            return True
        self._music(call, frame)
        return False

    def _music(self, call: Call, frame: dict) -> None:
        """QUELCH may ask for music for the other side; RFC 5456, section 6.4.4."""
        if frame["name"] == "QUELCH" and "MUSICONHOLD" in frame["ie"]:
            self.other(call).play(media.looped(media.pieces(media.babble(28))))
        elif frame["name"] == "UNQUELCH":
            self.other(call).stop()

    def gone(self, call: Call) -> None:
        """One side is over: so is the other, unless the two have each other now."""
        other = self.other(call)
        call.middle = None
        if self.state != "released" and other.middle is self:
            other.middle = None
            other.hangup(n.NORMAL)

    # Native transfer, we as the one who starts it.

    def transfer(self, media_only: bool = False, only: int | None = None, **ies: bytes | int | None) -> None:
        """Send TXREQ to both sides, or to side `only`; `ies` replace elements, None leaves one out."""
        self.state, self.media_only, self.ready = "begin", media_only, []
        self.transfer_id = self.peer.rng.randrange(1, 1 << 32)
        for at, call in enumerate(self.calls):
            other = self.other(call)
            elements: dict = {
                "APPARENT_ADDR": wire.apparent_addr(other.addr),
                "CALLNO": other.their,
                "TRANSFERID": self.transfer_id,
                **ies,
            }
            if only in (None, at):
                call.iax("TXREQ", wire.ies(*((k, v) for k, v in elements.items() if v is not None)))

    def on_txready(self, call: Call, frame: dict) -> None:
        """One side hears the other end; when both do, we leave, or let only the media go."""
        if self.state != "begin" or call in self.ready:
            return
        self.ready.append(call)
        if len(self.ready) == 2:
            self.release()

    def release(self) -> None:
        """Send TXREL (TXMEDIA) to both and forget them when they have acknowledged it."""
        self.state = "media" if self.media_only else "released"
        for call in self.calls:
            call.iax("TXMEDIA" if self.media_only else "TXREL", wire.ie("CALLNO", self.other(call).their))
            if not self.media_only:
                call.ended_by, call.state = "transferred", "gone"
                call.linger()

    def on_txrej(self, call: Call, frame: dict) -> None:
        """One side will not, or cannot: the other one is told, and all stays as it was (section 6.5.7)."""
        call.note("txrej")
        if self.state in ("begin", "media"):
            self.state = "refused"
            self.other(call).iax("TXREJ")

    # Blind transfer.

    def on_transfer(self, call: Call, frame: dict) -> None:
        """Take the other side to a number of ours and hang up on this one; silence if there is none."""
        number = str(frame["ie"].get("CALLED_NUMBER"))
        call.note("transfer " + number)
        script, other = self.peer.extensions.get(number), self.other(call)
        if script is None:
            self.refused.append((call.account_name, number))
            return
        call.middle = other.middle = None
        call.hangup(n.NORMAL)
        other.stop()
        other.run(script(other))


def to_account(account: str, **invitation: object) -> Callable[[Call], Script]:
    """Return an extension that rings a device and joins the caller with it."""

    def script(call: Call) -> Script:
        def up(far: Call) -> Script:
            if call.alive and not call.closing:
                if call.state != "up":
                    call.state = "up"
                    call.control("ANSWER")
                Middle(call, far)
            else:
                far.hangup(n.NORMAL)
            return
            yield

        who: dict = {"number": call.account_name, **invitation}
        far = call.peer.call_device(account, on_up=up, **who)
        if call.state != "up":
            call.control("RINGING")
        while far.alive and far.state != "up":
            yield 20
        if far.state != "up":
            call.hangup(far.cause or n.CONGESTION)

    return script
