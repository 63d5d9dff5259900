"""What a caller told and what day it is, on any VM: prints one number over many lists of rubbish.

The same number must come out on CPython and on both real VMs: the modules run unchanged everywhere.
"""

from iax import date, told

ROUNDS = 300
KNOWN = b"\x02\x04\x08\x09\x1f\x26\x34\x37\x38"  # numbers of elements that somebody asks for


def rubbish(seed):
    """Return the next seed and up to 60 octets, mostly a list of elements."""
    octets = bytearray()
    while len(octets) < 40:
        seed = (seed * 1103 + 12345) & 0xFFFFFF
        size = seed >> 4 & 15
        octets.append(KNOWN[seed % len(KNOWN)])
        octets.append(size)
        for i in range(size):
            seed = (seed * 1103 + 12345) & 0xFFFFFF
            octets.append((seed >> 8) & (0x7F if seed & 3 else 0xFF) if i != 2 else 61)
    return seed, bytes(octets[: len(octets) - (seed & 7)])


def stir(digest, octets):
    """Return the digest with these octets in it."""
    for octet in octets:
        digest = (digest * 33 + octet) & 0xFFFFFF
    return digest


def main():
    """Return the number."""
    seed, digest = 1, 0
    for _ in range(ROUNDS):
        seed, octets = rubbish(seed)
        digest = stir(digest, told.text(octets, 2, 9))
        for name, value in told.variables(octets):
            digest = stir(digest, name + value)
        digest = stir(digest, bytes((told.presentation(octets), told.uint(octets, 38, 1) & 0xFF)))
        for number in (told.formats(octets, 55, 8), told.formats(octets, 56, 9), told.date30(octets) + 1):
            digest = stir(digest, b"%d" % number)
        moved = date.of(seed * 60 + digest)
        digest = stir(digest, date.text(moved).encode())
    return digest


if __name__ == "__main__":
    print(main())
