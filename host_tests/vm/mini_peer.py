"""A very small IAX2 server that runs inside the VM, beside the firmware, to carry one call for a measurement.

It knows the good way only: token, challenge, register, call, voice, and it takes any digest for right. The
judge of behaviour is `host_tests/peer`; this one exists because a heap can only be measured from inside.
"""

_TOKEN = b"1700000000?0123456789012345678901234567890123456"
_CHALLENGE = b"123456789"
_IAX, _CONTROL, _VOICE = 6, 4, 2
_NEW, _PING, _PONG, _ACK, _HANGUP, _ACCEPT, _AUTHREQ, _AUTHREP = 1, 2, 3, 4, 5, 7, 8, 9
_LAGRQ, _LAGRP, _REGREQ, _REGAUTH, _REGACK, _CALLTOKEN = 11, 12, 13, 14, 15, 40


def u16(buf, at):
    """Return the big-endian 16-bit word at `at`."""
    return buf[at] << 8 | buf[at + 1]


def element(number, data):
    """Return one information element."""
    return bytes((number, len(data))) + data


def find(buf, number):
    """Return the data of the first element `number` of a full frame, or None."""
    at = 12
    while at + 1 < len(buf):
        if buf[at] == number:
            return bytes(buf[at + 2 : at + 2 + buf[at + 1]])
        at += 2 + buf[at + 1]
    return None


class Dialog:
    """The server's side of one dialog: its numbers and its clock."""

    def __init__(self, mine, theirs, now):
        self.mine = mine
        self.theirs = theirs
        self.oseq = 0
        self.iseq = 0
        self.t0 = now


class MiniPeer:
    """`take(datagram, now)` eats what the firmware sent; `out` holds what is to be delivered to it."""

    def __init__(self):
        self.out = []
        self.dialogs = {}  # the firmware's number → Dialog
        self.call = None
        self.deaf = 0  # full frames not to hear, so that they must come again
        self.heard = []  # (frame type, subclass) of every full frame taken
        self.minis = 0
        self.methods = b"\0\2"  # of proof that are asked for
        self.signatures = 0
        self.resent = 0

    def take(self, buf, now):
        """Take one datagram."""
        if not buf[0] & 0x80:
            self.minis += 1
            return
        scallno, ftype, sub = u16(buf, 0) & 0x7FFF, buf[10], buf[11]
        if buf[2] & 0x80:
            self.resent += 1
        if self.deaf and sub != _ACK:
            self.deaf -= 1
            return
        dialog = self._dialog(scallno, u16(buf, 2) & 0x7FFF, ftype, sub, buf, now)
        if dialog is None or (ftype == _IAX and sub == _ACK):
            return
        if buf[8] != dialog.iseq:
            self._send(dialog, _IAX, _ACK, now, stamp=buf[4:8])
            return
        dialog.iseq = (dialog.iseq + 1) & 0xFF
        self.heard.append((ftype, sub))
        self._answer(dialog, ftype, sub, buf, now)

    def _dialog(self, scallno, dcallno, ftype, sub, buf, now):
        if dcallno:
            return self.dialogs.get(scallno) or self._first_answer(scallno, dcallno)
        if ftype != _IAX or sub not in (_NEW, _REGREQ):
            return None
        if not find(buf, 54):
            header = bytes((0x80, 1, scallno >> 8, scallno & 0xFF)) + bytes(buf[4:8])
            self.out.append(header + bytes((0, 1, _IAX, _CALLTOKEN)) + element(54, _TOKEN))
            return None
        if scallno not in self.dialogs:
            self.dialogs[scallno] = Dialog(len(self.dialogs) + 2, scallno, now)
        return self.dialogs[scallno]

    def _first_answer(self, scallno, dcallno):
        call = self.call
        if call is None or call.mine != dcallno or call.theirs:
            return None
        call.theirs = scallno
        self.dialogs[scallno] = call
        return call

    def _answer(self, dialog, ftype, sub, buf, now):
        if ftype != _IAX:
            self._send(dialog, _IAX, _ACK, now, stamp=buf[4:8])
        elif sub == _REGREQ:
            signature = find(buf, 17)
            if find(buf, 16) is None and signature is None:
                self._send(dialog, _IAX, _REGAUTH, now, element(14, self.methods) + element(15, _CHALLENGE))
            else:
                self.signatures += signature is not None and len(signature) == 172
                self._send(dialog, _IAX, _REGACK, now, element(19, b"\0\x3c") + element(31, bytes(4)))
        elif sub == _NEW:
            self.call = dialog
            elements = element(14, b"\0\2") + element(15, _CHALLENGE)
            self._send(dialog, _IAX, _AUTHREQ, now, elements)
        elif sub == _AUTHREP:
            self._send(dialog, _IAX, _ACCEPT, now, element(9, b"\0\0\0\4"))
            self._send(dialog, _CONTROL, 3, now)
            self._send(dialog, _CONTROL, 4, now)
            self._send(dialog, _VOICE, 4, now, b"\xff" * 160)
        elif sub in (_PING, _LAGRQ):
            self._send(dialog, _IAX, _PONG if sub == _PING else _LAGRP, now, stamp=buf[4:8])
        else:
            self._send(dialog, _IAX, _ACK, now, stamp=buf[4:8])

    def _send(self, dialog, ftype, sub, now, body=b"", stamp=None):
        ts = (now - dialog.t0) & 0x3FFFFFFF
        numbers = bytes(
            (0x80 | dialog.mine >> 8, dialog.mine & 0xFF, dialog.theirs >> 8, dialog.theirs & 0xFF)
        )
        when = bytes(stamp) if stamp else bytes((ts >> 24, ts >> 16 & 0xFF, ts >> 8 & 0xFF, ts & 0xFF))
        self.out.append(numbers + when + bytes((dialog.oseq, dialog.iseq, ftype, sub)) + body)
        if ftype != _IAX or sub != _ACK:
            dialog.oseq = (dialog.oseq + 1) & 0xFF

    def ring(self, number, now):
        """Call the firmware's telephone from `number`."""
        self.call = Dialog(len(self.dialogs) + 2, 0, now)
        body = element(11, b"\0\2") + element(1, b"s") + element(2, number)
        self._send(self.call, _IAX, _NEW, now, body + element(9, b"\0\0\0\4") + element(8, b"\0\0\0\x0c"))

    def say(self, ftype, sub, now, body=b""):
        """Send one full frame in the call."""
        self._send(self.call, ftype, sub, now, body)

    def voice(self, now):
        """Send one mini frame of 20 ms in the call."""
        ts = (now - self.call.t0) & 0xFFFF
        self.out.append(
            bytes((self.call.mine >> 8, self.call.mine & 0xFF, ts >> 8, ts & 0xFF)) + b"\x9a" * 160
        )
