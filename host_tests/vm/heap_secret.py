"""Ten seconds of an encrypted call with the heap locked, digits and a resent frame in it; then a new key.

Runs in the VM. Prints as JSON what happened, what a new key takes, and what iax/cipher.py keeps: all that
lives because the call is encrypted, code apart.
"""

import gc
import hashlib
import json

import micropython
from cryptolib import aes
from mini_peer import _CHALLENGE, MiniPeer, element
from vm_bench import Bench
from vm_net import VmNet

from iax.cipher import Cipher, Secrecy

_MS = 10000
_SECRET = b"correct horse battery"
_IAX, _NEW, _AUTHREQ, _RTKEY = 6, 1, 8, 39


def crypt(key, head, body, encrypt):
    """Return `head` and `body`, whole blocks, through AES-CBC with a zero IV."""
    chain = aes(key, 2, bytes(16))
    return head + (chain.encrypt(body) if encrypt else chain.decrypt(body))


class SecretPeer(MiniPeer):
    """The small server, whose calls are encrypted."""

    def __init__(self):
        super().__init__()
        self.key = self.their_key = None
        self.wrong = 0  # frames that were not as long inside as they must be

    def take(self, buf, now):
        """Decrypt first."""
        head = 4 if buf[0] & 0x80 else 2
        number = (buf[0] & 0x7F) << 8 | buf[1]
        if self.key and self.call.theirs == number and (head == 2 or buf[2] & 0x7F or buf[3]):
            plain = crypt(self.their_key, b"", bytes(buf[head:]), False)
            buf = bytes(buf[:head]) + plain[16 + (plain[15] & 15) :]
            self.wrong += len(buf) != 164 if head == 2 else len(buf) < 12
        super().take(buf, now)

    def _answer(self, dialog, ftype, sub, buf, now):
        if ftype == _IAX and sub == _NEW:
            self.call = dialog
            offer = element(14, b"\0\2") + element(15, _CHALLENGE) + element(43, b"\0\1")
            self._send(dialog, _IAX, _AUTHREQ, now, offer)
            self.key = self.their_key = hashlib.md5(_CHALLENGE + _SECRET).digest()
        elif ftype == _IAX and sub == _RTKEY:
            self.their_key = bytes(buf[14:30])
            super()._answer(dialog, ftype, sub, buf, now)
        else:
            super()._answer(dialog, ftype, sub, buf, now)

    def _send(self, dialog, ftype, sub, now, body=b"", stamp=None):
        super()._send(dialog, ftype, sub, now, body, stamp)
        if self.key and dialog is self.call:
            self._seal(4)

    def voice(self, now):
        """Send one encrypted mini frame."""
        super().voice(now)
        self._seal(2)

    def _seal(self, head):
        raw = self.out.pop()
        extra = -(len(raw) - head) % 16
        pad = b"random padding!" + bytes((extra,)) + b"random padding!"[:extra]
        self.out.append(crypt(self.key, raw[:head], pad + raw[head:], True))

    def rotate(self, key, now):
        """Go on under another key."""
        self.say(_IAX, _RTKEY, now, element(15, key))
        self.key = key


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


bench = Bench()
far = bench.far = SecretPeer()
bench.net = bench.hal.net = VmNet(bench.clock, far)
bench.begin(("account.1.encryption", "require"))
up = bench.call()
ep = bench.ata.endpoint
stats = bench.ata.stats
far.heard.clear()
far.resent = 0
minis = far.minis
written = bench.pcm.n_written
voice = stats.counts[9]
before = taken = twin = cipher = 0  # names cost room too
wrong = None
gc.collect()
bench.net.locked = True
micropython.heap_lock()
try:
    bench.run(4000)
    bench.pcm.play("9")
    bench.run(100)
    bench.pcm.play("voice")
    bench.run(1000)
    far.deaf = 1
    bench.pcm.play("5")
    bench.run(100)
    bench.pcm.play("voice")
    bench.run(_MS - 5200)
except MemoryError as error:
    wrong = error
micropython.heap_unlock()
bench.net.locked = False
if wrong is not None:
    raise wrong
minis_heard = far.minis - minis
voice_heard = stats.counts[9] - voice
played = bench.pcm.n_written - written
gc.collect()
gc.disable()
bench.net.allocated = 0
far.rotate(b"0123456789abcdef", bench.clock.now)
before = gc.mem_alloc()
bench.run(1000)
taken = gc.mem_alloc() - before - bench.net.allocated
gc.enable()
voice = stats.counts[9]
bench.run(1000)
after_new_key = stats.counts[9] - voice
bench.slic.hang_up()
bench.run(1000)
digits = [chr(sub) for ftype, sub in far.heard if ftype == 12]
work, views = bytearray(676), [None] * 43  # the part's own, which it lends
before = live()
twin = Secrecy(ep, {})
cipher = Cipher(ep.legs[0], work, views, bytes(16))
kept = live() - before
print(
    json.dumps(
        {
            "call_up": up,
            "locked_ms": _MS,
            "minis_heard": minis_heard,
            "voice_heard": voice_heard,
            "frames_played": played,
            "digits_heard": "".join(digits),
            "frames_resent": far.resent,
            "hung_up": (6, 5) in far.heard,
            "undecipherable": stats.counts[37],
            "wrong": far.wrong,
            "voice_heard_after_new_key": after_new_key,
            "new_key_bytes": taken,
            "kept_bytes": kept,
        }
    )
)
