"""G.711, the slow way: step by step as the ITU-T software tool library (G.191) describes it."""


def encode_ulaw(sample: int) -> int:
    """Return the µ-law code of a 16-bit sample."""
    negative = sample < 0
    magnitude = (~sample if negative else sample) // 4 + 33  # 14 bits, with the bias of table 2a
    magnitude = min(magnitude, 0x1FFF)
    segment = 1
    while magnitude >= 64 * 2 ** (segment - 1):
        segment += 1
    step = magnitude // 2**segment % 16
    code = (8 - segment) * 16 + 15 - step
    return code if negative else code + 128


def decode_ulaw(code: int) -> int:
    """Return the 16-bit sample of a µ-law code."""
    plain = 255 - code
    segment = plain // 16 % 8
    magnitude = ((plain % 16 * 2 + 33) * 2**segment - 33) * 4
    return -magnitude if plain >= 128 else magnitude


def encode_alaw(sample: int) -> int:
    """Return the A-law code of a 16-bit sample, even bits inverted."""
    negative = sample < 0
    magnitude = (~sample if negative else sample) // 16  # 12 bits with the sign
    segment = 0
    while magnitude >= 32:
        magnitude //= 2
        segment += 1
    if magnitude >= 16:
        magnitude -= 16
        segment += 1
    code = segment * 16 + magnitude
    return (code if negative else code + 128) ^ 0x55


def decode_alaw(code: int) -> int:
    """Return the 16-bit sample of an A-law code."""
    plain = code ^ 0x55
    segment = plain // 16 % 8
    magnitude = plain % 16 * 16 + 8
    if segment:
        magnitude = (magnitude + 256) * 2 ** (segment - 1)
    return magnitude if plain >= 128 else -magnitude
