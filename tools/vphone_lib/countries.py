"""Tones and hook flash as telephone users of various countries know them.

A table of the telephone's own: nothing here is read from the firmware that is being judged. Tones are in the
grammar of Asterisk's indications.conf, f1*f2 being f1 with side bands f2 away; the number behind a cadence
says how many cycles must be heard whole before being sure. Figures: ITU-T E.180 Supplement 2 and the zone
data of open exchanges; where those disagree (Italy), the more common one. `sit/2` is another form of `sit`.
"""

_HOWLER = ("1400+2060+2450+2600/100,0/100", 2)
_SIT = ("!950/330,!1400/330,!1800/330", 1)
_US = {
    "dial": ("350+440", 1),
    "stutter": ("350+440/100,0/100", 4),  # three bursts may still be the confirmation tone
    "ringback": ("440+480/2000,0/4000", 1),
    "busy": ("480+620/500,0/500", 2),
    "reorder": ("480+620/250,0/250", 2),
    "howler": _HOWLER,
    "callwaiting": ("440/300,0/10000", 1),
    "confirm": ("!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100", 1),
    "sit": _SIT,
    "sit/2": ("!985/380,!1371/274,!1777/380", 1),
}


def _cept(busy_ms: int, reorder_ms: int, waiting: str, stutter: str = "", ring: str = "1000,0/4000") -> dict:
    """The usual European plan: one tone of 425 Hz for everything."""
    plan = {
        "dial": ("425", 1),
        "ringback": (f"425/{ring}", 1),
        "busy": (f"425/{busy_ms},0/{busy_ms}", 2),
        "reorder": (f"425/{reorder_ms},0/{reorder_ms}", 2),
        "callwaiting": (waiting, 1),
        "howler": _HOWLER,
        "sit": _SIT,
    }
    if stutter:
        plan["stutter"] = (stutter, 2)
    if busy_ms == reorder_ms:
        del plan["reorder"]
    return plan


COUNTRIES: "dict[str, dict[str, tuple[str, int]]]" = {
    "us": _US,
    "us-1950": {
        "dial": ("600*120", 1),
        "ringback": ("420*40/2000,0/4000", 1),
        "busy": ("600*120/500,0/500", 2),
        "reorder": ("600*120/250,0/250", 2),
    },
    "uk": {
        "dial": ("350+440", 1),
        "stutter": ("350+440/750,440/750", 1),
        "ringback": ("400+450/400,0/200,400+450/400,0/2000", 1),
        "busy": ("400/375,0/375", 2),
        "reorder": ("400/400,0/350,400/225,0/525", 2),
        "callwaiting": ("400/100,0/4000", 1),
        "unobtainable": ("400", 1),
        "confirm": ("1400", 1),
        "sit": _SIT,
    },
    "de": _cept(480, 240, "425/200,0/200,425/200,0/5000", "400+425"),
    "fr": {
        "dial": ("440", 1),
        "stutter": ("330+440", 1),
        "ringback": ("440/1500,0/3500", 1),
        "busy": ("440/500,0/500", 2),
        "reorder": ("440/250,0/250", 2),
        "callwaiting": ("440/300,0/10000", 1),
        "howler": _HOWLER,
        "sit": _SIT,
    },
    "jp": {
        "dial": ("400", 1),
        "stutter": ("400/250,0/250", 2),
        "ringback": ("400*16/1000,0/2000", 1),
        "busy": ("400/500,0/500", 2),
        "howler": _HOWLER,
    },
    "dk": _cept(250, 250, "425/200,0/200,425/200,0/3600", "425/450,0/50"),
    "se": _cept(250, 250, "425/200,0/500,425/200,0/9100", ring="1000,0/5000"),
    "no": _cept(500, 200, "425/200,0/600,425/200,0/10000", "470/400,425/400"),
    "fi": _cept(300, 200, "425/150,0/150,425/150,0/8000"),
    "nl": _cept(500, 250, "425/500,0/9500", "425/500,0/50"),
    "be": _cept(500, 167, "1400/175,0/175,1400/175,0/3500", "425/1000,0/250", "1000,0/3000"),
    "ch": _cept(500, 200, "425/200,0/200,425/200,0/4000", "425+340/1100,0/1100"),
    "it": {
        **_cept(500, 200, "425/400,0/100,425/250,0/100,425/150,0/14000", "470/400,425/400"),
        "dial": ("425/200,0/200,425/600,0/1000", 1),
    },
    "es": {
        **_cept(200, 200, "425/175,0/175,425/175,0/3500", "425/1000,0/100", "1500,0/3000"),
        "reorder": ("425/200,0/200,425/200,0/200,425/200,0/600", 1),
    },
    "au": {
        "dial": ("413+438", 1),
        "stutter": ("413+438/100,0/40", 4),
        "ringback": ("413+438/400,0/200,413+438/400,0/2000", 1),
        "busy": ("425/375,0/375", 2),
        "callwaiting": ("425/200,0/200,425/200,0/4400", 1),
        "howler": _HOWLER,
        "sit": _SIT,
    },
    "nz": {
        "dial": ("400", 1),
        "stutter": ("400/100,0/100", 4),
        "ringback": ("400+450/400,0/200,400+450/400,0/2000", 1),
        "busy": ("400/500,0/500", 2),
        "reorder": ("400/250,0/250", 2),
        "callwaiting": ("400/200,0/3000", 1),
        "unobtainable": ("400/75,0/100,400/75,0/100,400/75,0/100,400/75,0/400", 1),
        "howler": _HOWLER,
        "sit": _SIT,
    },
    "in": {
        "dial": ("400*25", 1),
        "ringback": ("400*25/400,0/200,400*25/400,0/2000", 1),
        "busy": ("400/750,0/750", 2),
        "reorder": ("400/250,0/250", 2),
        "callwaiting": ("400/200,0/100,400/200,0/7500", 1),
        "howler": _HOWLER,
    },
    "tw": {
        **_US,
        "ringback": ("440+480/1000,0/2000", 1),
        "callwaiting": ("350+440/250,0/250,350+440/250,0/3250", 1),
    },
}
FLASH_MS = {  # what is a tap of the hook, shortest and longest
    "us": (300, 1000), "us-1950": (300, 1000), "uk": (50, 130), "de": (80, 310), "fr": (210, 350),
    "jp": (300, 1000), "dk": (75, 150), "se": (70, 160), "no": (75, 150), "fi": (90, 500), "nl": (75, 150),
    "be": (75, 150), "ch": (70, 140), "it": (75, 150), "es": (75, 150), "au": (50, 150), "nz": (500, 800),
    "in": (100, 900), "tw": (300, 1000),
}  # fmt: skip
