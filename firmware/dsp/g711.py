"""G.711 µ-law and A-law, bit for bit the ITU-T software tool library (G.191), by arithmetic and one table.

PCM is 16-bit, little-endian, two's complement; a code is one octet as it travels, A-law with its even bits
inverted. Both laws take a negative sample by its ones' complement: -1 becomes the smallest negative step.
"""

import micropython

# How many bits the top seven bits of a magnitude need: the segment number, 0 … 7 (G.711 tables 1 and 2).
_BITS = b"\0\1" + b"\2" * 2 + b"\3" * 4 + b"\4" * 8 + b"\5" * 16 + b"\6" * 32 + b"\7" * 64


@micropython.viper
def encode_ulaw(dst: ptr8, src: ptr16, n: int):
    """Encode `n` samples of `src` into `n` octets of `dst`, µ-law."""
    i = 0
    bits = ptr8(_BITS)
    while i < n:
        v = src[i]
        code = 0x80
        if v & 0x8000:
            v ^= 0xFFFF
            code = 0
        v = (v >> 2) + 33
        if v > 0x1FFF:
            v = 0x1FFF
        segment = bits[v >> 6]
        dst[i] = code | 0x7F - (segment << 4 | v >> segment + 1 & 15)
        i += 1


@micropython.viper
def encode_alaw(dst: ptr8, src: ptr16, n: int):
    """Encode `n` samples of `src` into `n` octets of `dst`, A-law."""
    i = 0
    bits = ptr8(_BITS)
    while i < n:
        v = src[i]
        code = 0xD5
        if v & 0x8000:
            v ^= 0xFFFF
            code = 0x55
        v >>= 4
        segment = bits[v >> 4]
        if segment:
            v = segment << 4 | v >> segment - 1 & 15
        dst[i] = v ^ code
        i += 1


@micropython.viper
def decode_ulaw(dst: ptr16, src: ptr8, src_at: int, n: int):
    """Decode `n` octets of `src` from `src_at` on into `dst`, µ-law; the peak is ±32,124."""
    i = 0
    while i < n:
        code = src[src_at + i] ^ 0xFF
        v = ((code & 15) << 3) + 132 << (code >> 4 & 7)
        if code & 0x80:
            v = 132 - v
        else:
            v -= 132
        dst[i] = v & 0xFFFF
        i += 1


@micropython.viper
def decode_alaw(dst: ptr16, src: ptr8, src_at: int, n: int):
    """Decode `n` octets of `src` from `src_at` on into `dst`, A-law; the peak is ±32,256."""
    i = 0
    while i < n:
        code = src[src_at + i] ^ 0x55
        v = ((code & 15) << 4) + 8
        segment = code >> 4 & 7
        if segment:
            v = v + 256 << segment - 1
        if code & 0x80 == 0:
            v = -v
        dst[i] = v & 0xFFFF
        i += 1
