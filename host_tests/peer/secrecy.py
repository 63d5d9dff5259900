"""Encryption at the peer's edge: its log and its dialogs see clear frames, only the wire does not.

As Asterisk does it: AES-128-CBC, zero IV for each datagram, key MD5(challenge, secret), RTKEY for new keys,
no memory of the key before. AES is the `cryptography` package's.

    peer.accounts["ata1"].encryption = "yes"      # no, yes, force
    peer.quirks.rotation = "never"                # asterisk: an RTKEY before the first voice, if both offer
    rotate(call)                                  # now
"""

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from . import numbers as n
from . import wire

if TYPE_CHECKING:
    from .dialog import Addr, Dialog
    from .server import Peer

OFFER = 0x8001  # AES-128 and RTKEY
ECHO = 0x0001  # what AUTHREQ says, whatever was offered
IN_CLEAR = ("NEW", "AUTHREQ")


def first_key(challenge: bytes, secret: str) -> bytes:
    """Return the key of a call until somebody sends another one."""
    return hashlib.md5(challenge + secret.encode()).digest()


def encrypt(key: bytes, raw: bytes, noise: bytes) -> bytes:
    """Return the datagram of a clear frame. noise: 31 octets of padding; its 16th tells how many are used."""
    head = 4 if raw[0] & 0x80 else 2
    extra = -(len(raw) - head) % 16
    pad = bytearray(noise[: 16 + extra])
    pad[15] = pad[15] & 0xF0 | extra
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return raw[:head] + encryptor.update(bytes(pad) + raw[head:]) + encryptor.finalize()


def decrypt(key: bytes, datagram: bytes) -> bytes | None:
    """Return the clear frame of a datagram, or None if its length is none of an encrypted frame's."""
    head = 4 if datagram[0] & 0x80 else 2
    body = datagram[head:]
    if len(body) < 32 or len(body) % 16:
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
    plain = decryptor.update(body) + decryptor.finalize()
    return datagram[:head] + plain[16 + (plain[15] & 15) :]


class Keys:
    """The keys of one dialog. `wants_rotation`: the other side offered RTKEY, and none was sent yet."""

    def __init__(self, key: bytes, wants_rotation: bool = False) -> None:
        self.tx = self.rx = key
        self.wants_rotation = wants_rotation
        self.of_frame: dict[tuple[int, int], bytes] = {}  # (OSeqno, time-stamp) → key it was first sent under
        self.n_rtkeys = 0  # heard


class Secrecy:
    """What stands between the peer and the wire."""

    def __init__(self, peer: "Peer") -> None:
        self.peer = peer
        self.n_undecipherable = 0
        self._marked: dict[bytes, bytes] = {}  # clear frame on its way → its key

    # Out.

    def mark(self, raw: bytes) -> None:
        """Choose the key of a frame in the moment it is sent, however late it leaves."""
        frame = wire.decode(raw)
        dialog = self.peer.dialogs.get(frame["src"])
        keys = dialog.keys if dialog is not None else None
        if keys is None or frame["kind"] not in ("full", "mini") or frame["name"] in IN_CLEAR:
            self._marked.pop(raw, None)
            return
        key = keys.tx
        if frame["kind"] == "full" and frame["name"] not in n.UNCOUNTED:
            key = keys.of_frame.setdefault((frame["oseq"], frame["ts"]), key)
            if len(keys.of_frame) > 100:
                del keys.of_frame[next(iter(keys.of_frame))]
        self._marked[raw] = key

    def seal(self, raw: bytes) -> bytes:
        """Return what goes over the wire for a frame that was marked; others as they are."""
        key = self._marked.get(raw)
        if len(self._marked) > 1000:
            self._marked.clear()
        return raw if key is None else encrypt(key, raw, self.peer.rng.randbytes(31))

    # In.

    def open(self, datagram: bytes, addr: "Addr") -> bytes:
        """Return the clear frame of a datagram; one that makes no sense comes back as no frame, b""."""
        dialog = self._dialog_of(datagram, addr)
        if dialog is None or dialog.keys is None:
            return datagram
        raw = decrypt(dialog.keys.rx, datagram)
        frame = wire.decode(raw or b"")
        if frame["kind"] == "runt" or (frame["kind"] == "full" and not self._is_sense(frame)):
            self.n_undecipherable += 1
            dialog.note("undecipherable")
            return b""
        return raw or b""

    def _dialog_of(self, datagram: bytes, addr: "Addr") -> "Dialog | None":
        if len(datagram) < 4:
            return None
        src, dst = int.from_bytes(datagram[:2], "big"), int.from_bytes(datagram[2:4], "big") & 0x7FFF
        if not src & 0x8000:
            return self.peer.find(addr, src, linked=True) if src else None
        return self.peer.dialogs.get(dst) if dst else self.peer.find(addr, src & 0x7FFF)

    def _is_sense(self, frame: dict) -> bool:
        return 1 <= frame["type"] <= 12 and frame.get("ies", ()) is not None

    # Orders of the dialogs.

    def begin(self, dialog: "Dialog", challenge: bytes, secret: str, offered: int) -> None:
        """AUTHREQ was sent or came: all that follows is encrypted."""
        wants = bool(offered & 0x8000) and self.peer.quirks.rotation == "asterisk"
        dialog.keys = Keys(first_key(challenge, secret), wants)

    def before_voice(self, dialog: "Dialog") -> None:
        """Rotate before the first voice frame, as Asterisk does."""
        if dialog.keys is not None and dialog.keys.wants_rotation:
            rotate(dialog)

    def heard_rtkey(self, dialog: "Dialog", frame: dict) -> None:
        """The other side goes on under another key; the old one is forgotten at once."""
        key = frame["ie"].get("CHALLENGE", b"")
        if dialog.keys is not None and len(key) == 16:
            dialog.keys.rx = key
            dialog.keys.n_rtkeys += 1


def rotate(dialog: "Dialog", octets: int = 16) -> bytes:
    """Send RTKEY and go on under what it says, if it has 16 octets; return that."""
    keys = dialog.keys
    assert keys is not None, "this call is not encrypted"
    keys.wants_rotation = False
    key = dialog.peer.rng.randbytes(octets)
    dialog.iax("RTKEY", wire.ie("CHALLENGE", key))
    if octets == 16:
        keys.tx = key
    return key
