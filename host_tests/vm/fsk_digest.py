"""Send Caller ID with the heap locked; print digests of samples and messages that all machines must share."""

import micropython

from dsp import fsk
from line import callerid

CALLS = (
    {"number": b"5551234567", "name": b"Ada Lovelace", "reason": 1, "qualifier": "L"},
    {"number": b"+4930123456", "name": "Γιώργος Παπαδόπουλος".encode(), "redirect": b"123", "reason": 3},
    {"number": b"1234567890123456", "name": "Jürgen ÖÄÜ Щербаков".encode()},
    {"number": b"alice", "name": "王小明".encode()},
    {"number": b"1", "name": b"\xff\xfe", "why": "P", "extra": b"\x50\x14" + b"Q" * 20},
)
ROWS = (
    "# a few of letters.txt",
    "pairs|ου=ou",
    "c0|A A A A Ae Aa Ae C E E E E I I I I D N O O O O Oe x Oe U U U Ue Y Th ss",
    "e0|a a a a ae aa ae c e e e e i i i i d n o o o o oe / oe u u u ue y th y",
    "386|A . E I I ~ O ~ Y O i A V G D E Z I Th I K L M N X O P R ~ S T Y",
    "3a6|F Ch Ps O I Y a e i i y a v g d e z i th i k l m n x o p r s s t y",
    "3c6|f ch ps o i y o y o",
    "420|R S T U F Kh Ts Ch Sh Shch ^ Y ^ E Iu Ia a b v g d e zh z i i k l m n o p",
    "440|r s t u f kh ts ch sh shch ^ y ^ e iu ia e e dj g ie dz i i j lj nj c k i u dz",
)
WHEN = 6 << 25 | 11 << 21 | 23 << 16 | 9 << 11 | 5 << 5


def mix(digest, buf):
    """Return `digest` carried on over the octets of `buf`, within 24 bits."""
    for octet in buf:
        digest = (digest * 31 + octet) & 0xFFFFFF
    return digest


def send(modem, bits, n_bits, mark_hz, space_hz):
    """Return the number of frames and a digest of their samples; nothing may be allocated meanwhile."""
    frame = bytearray(320)
    silence = bytes(320)
    digest = 1
    frames = 0
    more = True
    modem.start(bits, n_bits, mark_hz, space_hz, -135)
    while more:
        micropython.heap_lock()
        frame[:] = silence
        more = modem.fill(frame)
        micropython.heap_unlock()
        digest = mix(digest, frame)
        frames += 1
    return frames, digest


def main():
    """Print a line for each form and call."""
    modem = fsk.Fsk()
    for call in CALLS:
        for form in ("sdmf", "mdmf", "etsi", "uk", "ntt"):
            bits, n_bits = callerid.make(form, call, WHEN, iter(ROWS), form != "uk")
            print(form, n_bits, mix(1, bits), send(modem, bits, n_bits, 1300, 2100))
        print([callerid.make("dtmf%d" % kind, call, -1, ()) for kind in (1, 2, 3, 4)])
    bits, n_bits = callerid.vmwi("mdmf", 3)
    print(n_bits, mix(1, bits), send(modem, bits, n_bits, 1200, 2200))
    print("ok")


main()
