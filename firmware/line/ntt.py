"""Caller ID of Japan (NTT): frames in V.23 with even parity, transparency and a CRC. Passing, as callerid.py.

A frame is DLE SOH 7 DLE STX, then message type 0x40, the length, the parameters, DLE ETX and the CRC with its
low octet first. Each octet before the CRC has 7 bits and even parity; one of the data that equals DLE is
sent twice. The CRC (x¹⁶ + x¹² + x⁵ + 1, reflected, from 0) covers all between DLE SOH and itself.
"""

from micropython import const

_DLE = const(0x10)
_BODY = const(127)  # octets that 7 bits of length can tell
_NUMBER = const(0x02)
_ABSENT = const(0x04)


def frame(number: str, why: str, extra: bytes) -> bytearray:
    """Return the octets of a call from `number`, or from nobody known, and `why` (C, O, P or S).

    extra: whole parameters to be added as they are, if there is room for them.
    """
    value = (number or why).encode()
    body = bytearray((_NUMBER if number else _ABSENT, len(value)))
    body.extend(value)
    if len(body) + len(extra) <= _BODY:
        body.extend(extra)
    octets = bytearray(b"\x10\x01\x07\x10\x02")
    for octet in bytes((0x40, len(body))) + bytes(body):
        octets.append(octet & 127)
        if octet == _DLE:
            octets.append(octet)
    octets.extend(b"\x10\x03")
    for i in range(len(octets)):
        octets[i] = _even(octets[i])
    crc = _crc(octets, 2)
    octets.append(crc & 255)
    octets.append(crc >> 8)
    return octets


def _even(octet: int) -> int:
    """Return seven bits with an eighth that makes the number of ones even."""
    ones = octet ^ octet >> 4
    ones ^= ones >> 2
    return octet | ((ones ^ ones >> 1) & 1) << 7


def _crc(octets: bytearray, at: int) -> int:
    """Return the CRC of `octets` from `at` on."""
    crc = 0
    for i in range(at, len(octets)):
        crc ^= octets[i]
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc
