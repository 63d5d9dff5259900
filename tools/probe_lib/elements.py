"""Information elements for the eye: number → name, kind of value, and what the value means.

RFC 5456, section 8.6; numbers 7, 29 to 37 and 52 and up are Asterisk's (52 as VARIABLE, the RFC's OSPTOKEN).
"""

import ipaddress
from collections.abc import Callable

# Names of the format bits (section 8.7; 4, 5, 11, 13 and those above 21 as Asterisk means them).
CODECS = {
    0: "g723", 1: "gsm", 2: "ulaw", 3: "alaw", 4: "g726aal2", 5: "adpcm", 6: "slin", 7: "lpc10", 8: "g729",
    9: "speex", 10: "ilbc", 11: "g726", 12: "g722", 13: "siren7", 14: "siren14", 15: "slin16", 16: "jpeg",
    17: "png", 18: "h261", 19: "h263", 20: "h263p", 21: "h264", 22: "mpeg4", 23: "vp8", 26: "t140red",
    27: "t140", 32: "g719", 33: "speex16", 34: "opus", 47: "testlaw",
}  # fmt: skip
# Letters of CODEC PREFS, from B on.
_PREFERENCES = (
    "g723", "gsm", "ulaw", "alaw", "g726", "adpcm", "slin", "lpc10", "g729", "speex", "speex16", "ilbc",
    "g726aal2", "g722", "slin16", "jpeg",
)  # fmt: skip
_CAUSES = {
    0: "none given", 1: "unallocated number", 3: "no route to destination", 16: "normal clearing",
    17: "user busy", 18: "no response", 19: "no answer", 20: "subscriber absent", 21: "call rejected",
    22: "number changed", 27: "destination out of order", 28: "invalid number format",
    29: "facility rejected", 31: "normal, unspecified", 34: "no circuit",
    38: "network out of order", 41: "temporary failure",
    42: "congestion", 50: "no authority", 57: "not authorized", 58: "codec not available",
    66: "not implemented", 88: "incompatible destination", 102: "timer expired",
    111: "protocol error", 127: "interworking",
}  # fmt: skip
_SCREENING = ("not screened", "screening passed", "screening failed", "by the network")
Value = "int | str"


def formats(mask: int) -> str:
    """Return the codecs of a bit mask, `ulaw+alaw`."""
    return "+".join(CODECS.get(bit, f"bit{bit}") for bit in range(mask.bit_length()) if mask >> bit & 1)


def cause(code: int) -> str:
    """Return the words of a Q.850 cause (section 8.6.33), "" for one we have no words for."""
    return _CAUSES.get(code, "")


def _bits(names: "dict[int, str]") -> "Callable[[int], str]":
    def words(value: int) -> str:
        known = [name for bit, name in names.items() if value & bit]
        rest = value & ~sum(names)
        return "+".join([*known, f"{rest:#x}"] if rest else known)

    return words


def _date(value: int) -> str:
    year, month, day = 2000 + (value >> 25), value >> 21 & 15, value >> 16 & 31
    return f"{year}-{month:02d}-{day:02d} {value >> 11 & 31:02d}:{value >> 5 & 63:02d}:{(value & 31) * 2:02d}"


def _messages(value: int) -> str:
    return "some, count unknown" if value == 0xFFFF else f"{value & 0xFF} new, {value >> 8} old"


def _presentation(value: int) -> str:
    shown = ("allowed", "restricted", "unavailable", "reserved")[value >> 5 & 3]
    return f"{shown}, {_SCREENING[value & 3]}"


def _loss(value: int) -> str:
    return f"{value & 0xFFFFFF} lost, {value >> 24} %"


def _block(value: int) -> str:
    return f"block {value >> 8}, {value & 0xFF} octets"


_METHODS = _bits({1: "plaintext", 2: "md5", 4: "rsa"})
_CRYPT = _bits({1: "aes128", 0x8000: "rotation"})
_DPSTATUS = _bits({1: "exists", 2: "can exist", 4: "nonexistent", 0x4000: "ignore pattern", 0x8000: "more"})

# Kinds: s text, b octets, x octets nobody should see, a address, p letters of codecs, c length alone,
# an int: so many octets of a number, 9: a version octet and 64 bits.
_ROWS: "tuple[tuple[int, str, str | int, Callable[[int], str] | None], ...]" = (
    (1, "CALLED_NUMBER", "s", None), (2, "CALLING_NUMBER", "s", None), (3, "CALLING_ANI", "s", None),
    (4, "CALLING_NAME", "s", None), (5, "CALLED_CONTEXT", "s", None), (6, "USERNAME", "s", None),
    (7, "PASSWORD", "x", None), (8, "CAPABILITY", 4, formats), (9, "FORMAT", 4, formats),
    (10, "LANGUAGE", "s", None), (11, "VERSION", 2, None), (12, "ADSICPE", 2, None), (13, "DNID", "s", None),
    (14, "AUTHMETHODS", 2, _METHODS), (15, "CHALLENGE", "s", None), (16, "MD5_RESULT", "s", None),
    (17, "RSA_RESULT", "s", None), (18, "APPARENT_ADDR", "a", None), (19, "REFRESH", 2, None),
    (20, "DPSTATUS", 2, _DPSTATUS), (21, "CALLNO", 2, None), (22, "CAUSE", "s", None),
    (23, "IAX_UNKNOWN", 1, None), (24, "MSGCOUNT", 2, _messages), (25, "AUTOANSWER", "b", None),
    (26, "MUSICONHOLD", "s", None), (27, "TRANSFERID", 4, None), (28, "RDNIS", "s", None),
    (29, "PROVISIONING", "x", None), (30, "AESPROVISIONING", "x", None), (31, "DATETIME", 4, _date),
    (32, "DEVICETYPE", "s", None), (33, "SERVICEIDENT", "s", None), (34, "FIRMWAREVER", 2, None),
    (35, "FWBLOCKDESC", 4, _block), (36, "FWBLOCKDATA", "c", None), (37, "PROVVER", 4, None),
    (38, "CALLINGPRES", 1, _presentation), (39, "CALLINGTON", 1, None), (40, "CALLINGTNS", 2, None),
    (41, "SAMPLINGRATE", 2, None), (42, "CAUSECODE", 1, cause), (43, "ENCRYPTION", 2, _CRYPT),
    (44, "ENCKEY", "x", None), (45, "CODEC_PREFS", "p", None), (46, "RR_JITTER", 4, None),
    (47, "RR_LOSS", 4, _loss), (48, "RR_PKTS", 4, None), (49, "RR_DELAY", 2, None),
    (50, "RR_DROPPED", 4, None), (51, "RR_OOO", 4, None), (52, "VARIABLE", "s", None),
    (53, "OSPTOKEN", "b", None), (54, "CALLTOKEN", "s", None), (55, "CAPABILITY2", 9, formats),
    (56, "FORMAT2", 9, formats), (57, "CALLINGANI2", 4, None),
)  # fmt: skip
TABLE = {number: (name, kind, words) for number, name, kind, words in _ROWS}


def text(raw: bytes) -> str:
    """Return octets as text if they are, else as hex."""
    try:
        words = raw.decode()
    except UnicodeDecodeError:
        return raw.hex()
    return words if words.isprintable() else raw.hex()


def _address(raw: bytes) -> str:
    """Return a socket address as it comes, by its length (section 8.6.17); hex if it is none."""
    port = int.from_bytes(raw[2:4], "big")
    if len(raw) == 16:
        return f"{ipaddress.IPv4Address(raw[4:8])}:{port}"
    if len(raw) == 28:
        return f"[{ipaddress.IPv6Address(raw[8:24])}]:{port}"
    return raw.hex()


def _letters(raw: bytes) -> str:
    return "+".join(
        _PREFERENCES[octet - 66] if 0 <= octet - 66 < len(_PREFERENCES) else f"{octet:#x}" for octet in raw
    )


def read(number: int, raw: bytes) -> "tuple[str, int | str, str]":
    """Return (name, value, meaning) of an element; what must not be shown gives its length alone.

    A number of the wrong width gives its octets in hex, and the meaning says so.
    """
    name, kind, words = TABLE.get(number, (str(number), "b", None))
    if isinstance(kind, int):
        if len(raw) != kind:
            return name, raw.hex(), f"{len(raw)} octets, not {kind}"
        value = int.from_bytes(raw[1:] if kind == 9 else raw, "big")
        return name, value, words(value) if words else ""
    if kind in "xc":
        return name, len(raw), "octets, not shown" if kind == "x" else "octets"
    if kind == "a":
        return name, _address(raw), ""
    if kind == "p":
        return name, text(raw), _letters(raw)
    return name, text(raw) if kind == "s" else raw.hex(), ""
