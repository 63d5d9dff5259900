"""The numbers of the wire, by name, as the test peer understands them.

Written apart from the firmware on purpose: both sides reading one table would agree on one mistake.
RFC 5456, sections 8.2 to 8.6, and the numbers Asterisk added later (subclasses 38-40, elements 52-57).
"""

# Frame types, RFC 5456 section 8.2; 11 and 12 are Asterisk's.
T_DTMF_END, T_VOICE, T_VIDEO, T_CONTROL, T_NULL, T_IAX, T_TEXT, T_IMAGE, T_HTML, T_CNG = range(1, 11)
T_MODEM, T_DTMF_BEGIN = 11, 12

TYPE_NAMES = {
    1: "DTMF_END", 2: "VOICE", 3: "VIDEO", 4: "CONTROL", 5: "NULL", 6: "IAX", 7: "TEXT", 8: "IMAGE",
    9: "HTML", 10: "CNG", 11: "MODEM", 12: "DTMF_BEGIN",
}  # fmt: skip

# IAX subclasses, RFC 5456 section 8.4.
IAX_NAMES = {
    1: "NEW", 2: "PING", 3: "PONG", 4: "ACK", 5: "HANGUP", 6: "REJECT", 7: "ACCEPT", 8: "AUTHREQ",
    9: "AUTHREP", 10: "INVAL", 11: "LAGRQ", 12: "LAGRP", 13: "REGREQ", 14: "REGAUTH", 15: "REGACK",
    16: "REGREJ", 17: "REGREL", 18: "VNAK", 19: "DPREQ", 20: "DPREP", 21: "DIAL", 22: "TXREQ",
    23: "TXCNT", 24: "TXACC", 25: "TXREADY", 26: "TXREL", 27: "TXREJ", 28: "QUELCH", 29: "UNQUELCH",
    30: "POKE", 31: "PAGE", 32: "MWI", 33: "UNSUPPORT", 34: "TRANSFER", 35: "PROVISION", 36: "FWDOWNL",
    37: "FWDATA", 38: "TXMEDIA", 39: "RTKEY", 40: "CALLTOKEN",
}  # fmt: skip
IAX = {name: number for number, name in IAX_NAMES.items()}

# Control subclasses, RFC 5456 section 8.3; 18 and above, and 255, are Asterisk's.
CONTROL_NAMES = {
    1: "HANGUP", 2: "RING", 3: "RINGING", 4: "ANSWER", 5: "BUSY", 6: "TAKEOFFHOOK", 7: "OFFHOOK",
    8: "CONGESTION", 9: "FLASH", 10: "WINK", 11: "OPTION", 12: "KEY", 13: "UNKEY", 14: "PROGRESS",
    15: "PROCEEDING", 16: "HOLD", 17: "UNHOLD", 18: "VIDUPDATE", 22: "CONNECTED_LINE", 23: "REDIRECTING",
    24: "T38", 28: "AOC", 30: "INCOMPLETE", 31: "MCID", 255: "STOP",
}  # fmt: skip
CONTROL = {name: number for number, name in CONTROL_NAMES.items()}

# Information elements, RFC 5456 section 8.6: number, name, kind of value.
# Kinds: s text, b octets, e empty, 1 2 4 unsigned of that many octets, v version octet and 64-bit mask.
_IE_TABLE = (
    (1, "CALLED_NUMBER", "s"), (2, "CALLING_NUMBER", "s"), (3, "CALLING_ANI", "s"), (4, "CALLING_NAME", "s"),
    (5, "CALLED_CONTEXT", "s"), (6, "USERNAME", "s"), (7, "PASSWORD", "s"), (8, "CAPABILITY", "4"),
    (9, "FORMAT", "4"), (10, "LANGUAGE", "s"), (11, "VERSION", "2"), (12, "ADSICPE", "2"), (13, "DNID", "s"),
    (14, "AUTHMETHODS", "2"), (15, "CHALLENGE", "b"), (16, "MD5_RESULT", "s"), (17, "RSA_RESULT", "s"),
    (18, "APPARENT_ADDR", "b"), (19, "REFRESH", "2"), (20, "DPSTATUS", "2"), (21, "CALLNO", "2"),
    (22, "CAUSE", "s"), (23, "IAX_UNKNOWN", "1"), (24, "MSGCOUNT", "2"), (25, "AUTOANSWER", "e"),
    (26, "MUSICONHOLD", "s"), (27, "TRANSFERID", "4"), (28, "RDNIS", "s"), (29, "PROVISIONING", "b"),
    (31, "DATETIME", "4"), (32, "DEVICETYPE", "s"), (33, "SERVICEIDENT", "s"), (34, "FIRMWAREVER", "2"),
    (35, "FWBLOCKDESC", "4"), (36, "FWBLOCKDATA", "b"), (37, "PROVVER", "4"), (38, "CALLINGPRES", "1"),
    (39, "CALLINGTON", "1"), (40, "CALLINGTNS", "2"), (41, "SAMPLINGRATE", "2"), (42, "CAUSECODE", "1"),
    (43, "ENCRYPTION", "2"), (44, "ENCKEY", "b"), (45, "CODEC_PREFS", "s"), (46, "RR_JITTER", "4"),
    (47, "RR_LOSS", "4"), (48, "RR_PKTS", "4"), (49, "RR_DELAY", "2"), (50, "RR_DROPPED", "4"),
    (51, "RR_OOO", "4"), (52, "VARIABLE", "b"), (53, "OSPTOKEN", "b"), (54, "CALLTOKEN", "b"),
    (55, "CAPABILITY2", "v"), (56, "FORMAT2", "v"), (57, "CALLINGANI2", "4"),
)  # fmt: skip
IE_NAMES = {number: name for number, name, _ in _IE_TABLE}
IE_KINDS = {number: kind for number, _, kind in _IE_TABLE}
IE = {name: number for number, name, _ in _IE_TABLE}

# Codec bits, RFC 5456 section 8.7 (names for bits 4, 5, 11 and 13 as Asterisk means them).
GSM, ULAW, ALAW, G726, SLIN, G729, G722 = 2, 4, 8, 1 << 11, 64, 1 << 8, 1 << 12
CODECS = {"gsm": GSM, "ulaw": ULAW, "alaw": ALAW, "g726": G726, "slin": SLIN, "g729": G729, "g722": G722}
PREFERENCE_LETTERS = {"C": GSM, "D": ULAW, "E": ALAW, "F": G726, "H": SLIN, "J": G729, "O": G722}

# Cause codes, Q.850 as in RFC 5456 section 8.6.33.
NO_SUCH_NUMBER, NORMAL, BUSY, NO_ANSWER, REJECTED = 3, 16, 17, 19, 21
REGISTRATION_REFUSED, CONGESTION, NO_AUTHORITY, NO_CODEC = 29, 34, 50, 58

# These take no number of the outgoing sequence, RFC 5456 sections 7 and 8.1.1.
UNCOUNTED = frozenset(("ACK", "INVAL", "VNAK", "TXCNT", "TXACC"))
