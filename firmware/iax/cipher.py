"""Encrypted calls: AES-128 as Asterisk does it, and new keys on the way (RFC 5456, sections 7.4 and 8.1.4).

The key is MD5(challenge || secret), and both sides use it from AUTHREQ on. Call numbers stay clear; the rest
of a frame follows 16 to 31 octets of padding, whose 16th tells how many, and all of it is AES in CBC with a
zero IV for each datagram. RTKEY, which brings the sender's next key, is Asterisk's and not in the RFC.

A chain of blocks that goes on from datagram to datagram differs from a zero IV in the first block alone, and
that is random anyway. So one AES object serves all datagrams of a key: only the octet that tells the padding
is XORed with the last octet of the datagram before. A packet as long as one seen before allocates nothing.

Callers who are to prove the secret are challenged by iax/demand.py, which then lets PART_KEY be asked in
state CHALLENGED, with its own AUTHREQ in `buf`: CHALLENGE and ENCRYPTION are read from there either way.
"""

import micropython
from micropython import const

import ticks
from iax import ie
from iax.frame import u16

_FT_VOICE = const(2)  # proto.FT_VOICE
_FT_IAX = const(6)  # proto.FT_IAX
_RTKEY = const(39)  # proto.RTKEY
_IE_CHALLENGE = const(15)  # proto.IE_CHALLENGE
_IE_ENCRYPTION = const(43)  # proto.IE_ENCRYPTION
_CRYPT_AES128 = const(1)  # proto.CRYPT_AES128
_FULL_HDR = const(12)  # proto.FULL_HDR
_MINI_HDR = const(4)  # proto.MINI_HDR
_CHALLENGED = const(8)  # codes.CALL_CHALLENGED
_PART_SIGNAL = const(1)  # codes.PART_SIGNAL
_PART_KEY = const(8)  # codes.PART_KEY
_PART_LINK = const(11)  # codes.PART_LINK

_KEY = const(16)  # octets of a key, of a block, and of the shortest padding
_FROM = const(4)  # where the blocks lie in the buffer: behind the clear octets of a full frame
_ROOM = const(672)  # octets of blocks that the buffer holds: a full frame of 640 and its padding
_LAST_TYPE = const(15)
_NEAR = const(64)  # sequence numbers: a frame this far from its turn is no frame
_NEAR_MS = const(2000)  # time-stamps of voice: the same
_REQUIRED = const(2)  # account.crypt


@micropython.viper
def _copy(dst: ptr8, at: int, src: ptr8, src_at: int, n: int):
    """Copy `n` octets, the first one first: within one buffer only towards its beginning."""
    i = 0
    while i < n:
        dst[at + i] = src[src_at + i]
        i += 1


class _Chain:
    """One key in one direction, with the last octet of cipher text that went through it."""

    def __init__(self, aes) -> None:
        self.aes = aes
        self.last = 0


class Cipher:
    """What one call leg seals and opens with. Calls share the buffer: `plain` is good until the next frame.

    waits: True until a caller whom we challenged has sent a frame that opens: before, it knows of no key.
    """

    def __init__(self, leg, work: bytearray, views: list, key: bytes, rotate_s: int = 0) -> None:
        """work: 4 octets and whole blocks.  views: a list of None, one longer than there are blocks."""
        self.plain = work
        self.waits = leg.state == _CHALLENGED
        self.rotate_ms = rotate_s * 1000  # how long a key of ours serves, 0 = for the whole call
        self.new_key_at = 0
        self._leg = leg
        self._work = work
        self._views = views
        self._tx = _Chain(leg.ep.crypto.aes(key))
        self._rx = _Chain(leg.ep.crypto.aes(key))
        self._tx_before = self._tx
        self._rx_before = self._rx
        self._announced = 0  # how often our RTKEY went out
        self._voice_ts = 0  # of the last voice frame, modulo 2**16
        self._voice_n = 0  # octets of it, 0 = none yet
        self._odd_ts = 0  # the same of the last one that did not follow it
        self._odd_n = 0

    def _blocks(self, work: bytearray, size: int) -> memoryview:
        """Return a view of `size` octets of blocks; made once for each size."""
        if work is not self._work:
            return memoryview(work)[_FROM : _FROM + size]
        view = self._views[size >> 4]
        if view is None:
            view = memoryview(work)[_FROM : _FROM + size]
            self._views[size >> 4] = view
        return view

    def open(self, buf: bytes, n: int, mini: bool) -> int:
        """Decrypt datagram `buf` of `n` octets into `plain`; return the octets of the frame, -1 = none.

        The key before this one is tried too: for late frames, and for an RTKEY whose ACK was lost.
        """
        head = 2 if mini else _FROM
        size = n - head
        if size < 2 * _KEY or size & 15:
            return -1
        self.plain = self._work if size <= _ROOM else bytearray(_FROM + size)  # long texts are rare
        found = self._decrypt(self._rx, buf, head, size)
        if not self._follows(found, mini):
            if self._rx_before is self._rx:
                return -1
            found = self._decrypt(self._rx_before, buf, head, size)
            if not self._follows(found, mini):
                return -1
        self.waits = False
        return found

    def _decrypt(self, chain, buf: bytes, head: int, size: int) -> int:
        work = self.plain
        _copy(work, _FROM, buf, head, size)
        blocks = self._blocks(work, size)
        chain.aes.decrypt(blocks, blocks)
        pad = _KEY + ((work[_FROM + 15] ^ chain.last) & 15)
        chain.last = buf[head + size - 1]
        _copy(work, 0, buf, 0, head)
        _copy(work, head, work, _FROM + pad, size - pad)
        return head + size - pad

    def _follows(self, n: int, mini: bool) -> bool:
        """True if `plain` can be what the peer sends next: nothing else tells that the key was right."""
        plain: "bytes" = self.plain  # pyright: ignore[reportAssignmentType]
        if mini:
            return self._voice_follows(n, u16(plain, 2))
        ftype = plain[10]
        if n < _FULL_HDR or ftype == 0 or ftype > _LAST_TYPE:
            return False
        if ftype == _FT_IAX and not ie.check(plain, _FULL_HDR, n):
            return False
        if plain[8] - self._leg.iseq + _NEAR & 0xFF >= 2 * _NEAR:
            return ftype == _FT_IAX and n == _FULL_HDR  # ACK and VNAK have other numbers there
        if ftype == _FT_VOICE:
            self._voice_n = 0
        return True

    def _voice_follows(self, n: int, ts: int) -> bool:
        """True for voice as long as the last and of its time; a stray is believed when another follows it."""
        near = self._voice_n == 0 or (
            self._voice_n == n and ts - self._voice_ts + _NEAR_MS & 0xFFFF < 2 * _NEAR_MS
        )
        if near or (self._odd_n == n and ts - self._odd_ts + _NEAR_MS & 0xFFFF < 2 * _NEAR_MS):
            self._voice_n = n
            self._voice_ts = ts
            return n > _MINI_HDR
        self._odd_n = n
        self._odd_ts = ts
        return False

    def seal(self, ep) -> None:
        """Replace the clear frame that `ep` offers (tx_buf, tx_at, tx_n) by the datagram to send."""
        if self.waits:
            return
        buf = ep.tx_buf
        at = ep.tx_at
        head = _FROM if buf[at] & 0x80 else 2
        size = ep.tx_n - head
        pad = _KEY + (-size & 15)
        chain = self._tx
        if head == _FROM and buf[at + 10] == _FT_IAX and buf[at + 11] == _RTKEY:
            chain = self._key_of_rtkey()
        work = self._work
        _copy(work, _FROM - head, buf, at, head)
        _copy(work, _FROM + pad, buf, at + head, size)
        self._put_padding(ep.crypto, pad, chain.last)
        size += pad
        blocks = self._blocks(work, size)
        chain.aes.encrypt(blocks, blocks)
        chain.last = work[_FROM + size - 1]
        ep.tx_buf = work
        ep.tx_at = _FROM - head
        ep.tx_n = head + size

    def _put_padding(self, crypto, pad: int, last: int) -> None:
        work = self._work
        for i in range(_FROM, _FROM + 15, 3):
            bits = crypto.random(24)
            work[i] = bits & 0xFF
            work[i + 1] = bits >> 8 & 0xFF
            work[i + 2] = bits >> 16
        work[_FROM + 15] = (crypto.random(4) << 4 | pad - _KEY) ^ last
        _copy(work, _FROM + _KEY, work, _FROM, pad - _KEY)

    def _key_of_rtkey(self):
        """RTKEY goes out under the key before the one it brings.

        Asterisk forgets that key at once: if only its ACK was lost, copies under the old key mean nothing to
        it. So every second copy tries the new one.
        """
        self._announced += 1
        return self._tx if self._announced > 2 and self._announced & 1 else self._tx_before

    def hear_key(self, key: bytes) -> None:
        """From here on the peer sends under `key`; frames under the one before may still come."""
        self._rx_before = self._rx
        self._rx = _Chain(self._leg.ep.crypto.aes(key))

    def change_key(self, key: bytes) -> None:
        """Send under `key` from here on; the RTKEY that says so waits in the window, alone."""
        self._announced = 0
        self._tx_before = self._tx
        self._tx = _Chain(self._leg.ep.crypto.aes(key))


class Secrecy:
    """The part that encrypts calls where account.crypt allows it, and refuses clear ones where it says so."""

    def __init__(self, endpoint, rotate_s: dict) -> None:
        """rotate_s: by index of account, seconds after which a new key of ours goes out; none or 0: never."""
        self.state = self.peer = self.scallno = 0
        self.cipher = None
        self._ep = endpoint
        self._rotate_s = rotate_s
        self._work = bytearray(_FROM + _ROOM)
        self._views = [None] * (_ROOM // _KEY + 1)
        if any(rotate_s.values()):
            endpoint.dialogs.append(self)

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Answer the endpoint's question `what` (codes.PART_*) about call `leg` and frame `buf`."""
        if what == _PART_KEY and leg.account.crypt:
            self._take_key(leg, buf, n, now)
        elif what == _PART_LINK:
            return 1 if leg.account.crypt == _REQUIRED and leg.cipher is None else 0
        elif what == _PART_SIGNAL and buf[11] == _RTKEY and leg.cipher:
            at = ie.find(buf, _FULL_HDR, n, _IE_CHALLENGE)
            if at and buf[at - 1] == _KEY:
                leg.cipher.hear_key(bytes(buf[at : at + _KEY]))
            return 1
        return 0

    def _take_key(self, leg, buf: bytes, n: int, now: int) -> None:
        """Encrypt the call from here on if AUTHREQ `buf`, ours or theirs, says so."""
        offer = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_ENCRYPTION), 2)
        at = ie.find(buf, _FULL_HDR, n, _IE_CHALLENGE)
        secret = leg.account.secret
        if offer > 0 and offer & _CRYPT_AES128 and at and buf[at - 1] and secret:
            key = self._ep.crypto.md5(bytes(buf[at : at + buf[at - 1]]), secret)
            rotate_s = self._rotate_s.get(leg.account.index, 0)
            leg.cipher = Cipher(leg, self._work, self._views, key, rotate_s)
            leg.cipher.new_key_at = ticks.add(now, leg.cipher.rotate_ms)

    def poll(self, now: int) -> None:
        """Send a new key where it is time, and nothing else is on its way that needs the old one."""
        for leg in self._ep.legs:
            if self._wait_ms(leg, now) == 0:
                self._change(leg, now)

    def _wait_ms(self, leg, now: int) -> int:
        """Milliseconds until a key of this call is to be changed, -1 = never, or not before an ACK."""
        if not (leg.cipher and leg.cipher.rotate_ms and leg.linked() and leg.window.count == 0):
            return -1
        left_ms = ticks.diff(leg.cipher.new_key_at, now)
        return left_ms if left_ms > 0 else 0

    def _change(self, leg, now: int) -> None:
        random = self._ep.crypto.random
        key = bytes([random(8) for _ in range(_KEY)])
        at = leg.open(_FT_IAX, _RTKEY, 2 + _KEY, now)
        if at >= 0:
            leg.close(ie.put(leg.window.buf, at, _IE_CHALLENGE, key), now)
            leg.cipher.change_key(key)
            leg.cipher.new_key_at = ticks.add(now, leg.cipher.rotate_ms)

    def poll_tx(self, now: int) -> int:
        """Return 0: what is to be sent lies in the calls' windows."""
        return 0

    def next_due(self, now: int) -> int:
        """Milliseconds until a key is to be changed, -1 = never, or not before an ACK."""
        due = -1
        for leg in self._ep.legs:
            due = ticks.sooner(due, self._wait_ms(leg, now))
        return due

    def give_up(self, now: int) -> None:
        """Do nothing: `poll_tx` never asks for it."""
