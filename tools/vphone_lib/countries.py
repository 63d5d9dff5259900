"""Tones and hook flash as telephone users of various countries know them.

A table of the telephone's own: nothing here is read from the firmware that is being judged. Tones are in the
grammar of Asterisk's indications.conf, f1*f2 being f1 with side bands f2 away; the number behind a cadence
says how many cycles must be heard whole before being sure. Figures: ITU-T E.180 Supplement 2 and the zone
data of open exchanges; where those disagree (Italy), the more common one. `sit/2` is another form of `sit`.
Not there: call waiting of Brazil, Austria and Hungary, bursts of 40-50 ms, too short to hear a frequency in.
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


def _cept(
    busy_ms: int, reorder_ms: int, waiting: str = "", stutter: str = "", ring: str = "1000,0/4000"
) -> dict:
    """The usual European plan: one tone of 425 Hz for everything."""
    plan = {
        "dial": ("425", 1),
        "ringback": (f"425/{ring}", 1),
        "busy": (f"425/{busy_ms},0/{busy_ms}", 2),
        "reorder": (f"425/{reorder_ms},0/{reorder_ms}", 2),
        "howler": _HOWLER,
        "sit": _SIT,
    }
    if waiting:
        plan["callwaiting"] = (waiting, 1)
    if stutter:
        plan["stutter"] = (stutter, 2)
    if busy_ms == reorder_ms:
        del plan["reorder"]
    return plan


def _single(hz: str, busy_ms: int, reorder_ms: int, waiting: str, ringback: str) -> dict:
    """The same with one tone of another frequency, and a ringback tone of its own."""
    return {
        **_cept(busy_ms, reorder_ms, waiting),
        "dial": (hz, 1),
        "ringback": (ringback, 1),
        "busy": (f"{hz}/{busy_ms},0/{busy_ms}", 2),
        "reorder": (f"{hz}/{reorder_ms},0/{reorder_ms}", 2),
    }


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
    "ca": _US,
    "mx": _cept(250, 250, "425/200,0/600,425/200,0/10000"),
    "br": {
        **_cept(250, 250, stutter="425/975,0/50"),
        "reorder": ("425/250,0/250,425/750,0/250", 1),
    },
    "ar": {
        **_cept(300, 300, "425/400,0/200,425/400,0/4000"),
        "busy": ("425/300,0/200", 2),
        "reorder": ("425/300,0/400", 2),
    },
    "cl": _single("400", 500, 200, "400/250,0/8750", "400/1000,0/3000"),
    "ie": {
        **_cept(500, 250, "425/180,0/200,425/200,0/4500"),
        "ringback": ("400+450/400,0/200,400+450/400,0/2000", 1),
    },
    "at": {
        **_single("420", 400, 200, "", "420/1000,0/5000"),
        "stutter": ("380+420", 1),
        "sit": ("!950/330,!1450/330,!1850/330", 1),
    },
    "pt": _cept(500, 200, "425/200,0/200,425/200,0/5000", "425/1000,0/200", "1000,0/5000"),
    "pl": _cept(500, 500, "425/150,0/150,425/150,0/4000", "425/500,0/50"),
    "cz": {
        **_cept(330, 165, "425/330,0/9000", "425/450,0/50"),
        "dial": ("425/330,0/330,425/660,0/660", 1),
    },
    "hu": {**_cept(300, 300, ring="1250,0/3750"), "stutter": ("350+375+400", 1)},
    "gr": {
        **_cept(300, 200, "425/300,0/10000"),
        "dial": ("425/200,0/300,425/700,0/800", 1),
        "stutter": ("400/200,0/300,425/700,0/800", 1),
    },
    "tr": {
        **_single("450", 500, 200, "450/200,0/600,450/200,0/8000", "450/2000,0/4000"),
        "stutter": ("450/1000,0/250", 2),
        "reorder": ("450/200,0/200,450/200,0/200,450/200,0/200,450/600,0/200", 1),
    },
    "ru": _cept(350, 175, "425/200,0/5000", "425/400,0/40"),
    "il": {
        **_single("400", 500, 250, "400/100,0/100,400/100,0/100,400/600,0/3000", "400/1000,0/3000"),
        "stutter": ("400/160,0/160", 4),
        "sit": ("!1000/330,!1400/330,!1800/330", 1),
    },
    "za": {
        "dial": ("400*33", 1),
        "stutter": ("400*33/100,0/100", 4),
        "ringback": ("400*33/400,0/200,400*33/400,0/2000", 1),
        "busy": ("400/500,0/500", 2),
        "reorder": ("400/250,0/250", 2),
        "unobtainable": ("400/2500,0/500", 1),
        "howler": _HOWLER,
        "sit": _SIT,
    },
    "cn": {
        **_single("450", 350, 700, "450/400,0/4000", "450/1000,0/4000"),
        "stutter": ("450/400,0/40", 2),
        "unobtainable": ("450/100,0/100,450/100,0/100,450/100,0/100,450/400,0/400", 1),
    },
    "hk": {
        **_US,
        "ringback": ("440+480/400,0/200,440+480/400,0/3000", 1),
        "callwaiting": ("440/500,0/500,440/500,0/500,440/500,0/8000", 1),
    },
    "kr": {
        **_US,
        "stutter": ("350+440/1000,0/250", 2),
        "ringback": ("440+480/1000,0/2000", 1),
        "reorder": ("480+620/300,0/200", 2),
        "callwaiting": ("350+440/250,0/250,350+440/250,0/3250", 1),
    },
    "sg": {
        **_cept(750, 250, "425*24/300,0/200,425*24/300,0/3200", "425/200,0/200,425/600,0/200"),
        "ringback": ("425*24/400,0/200,425*24/400,0/2000", 1),
        "unobtainable": ("425/2500,0/500", 1),
    },
}
FLASH_MS = {  # what is a tap of the hook, shortest and longest; 0, 0: nothing is
    "us": (300, 1000), "us-1950": (300, 1000), "us-1970": (300, 1000), "uk": (50, 130), "de": (80, 310),
    "fr": (210, 350), "jp": (300, 1000), "dk": (75, 150), "se": (70, 160), "no": (75, 150), "fi": (90, 500),
    "nl": (75, 150), "be": (75, 150), "ch": (70, 140), "it": (75, 150), "es": (75, 150), "au": (50, 150),
    "nz": (500, 800), "in": (100, 900), "tw": (300, 1000), "ca": (300, 1000), "mx": (300, 1000),
    "br": (90, 300), "ar": (90, 300), "cl": (200, 700), "ie": (75, 150), "at": (60, 120), "pt": (75, 150),
    "pl": (75, 350), "cz": (80, 150), "hu": (200, 300), "gr": (75, 350), "tr": (75, 350), "ru": (75, 700),
    "il": (80, 300), "za": (80, 600), "cn": (80, 250), "hk": (300, 1000), "kr": (300, 1000),
    "sg": (300, 1000), "gpo-1965": (0, 0), "de-1960": (0, 0),
    # Not found in any table of tones: what their neighbours or the maker of their exchanges has.
    "ve": (300, 1000), "pa": (300, 1000), "cr": (300, 1000), "mo": (300, 1000), "ph": (300, 1000),
    "eu": (75, 150), "ee": (75, 150), "lt": (75, 150), "bg": (75, 150), "my": (75, 150), "id": (75, 150),
    "th": (75, 150), "sk": (80, 150), "ua": (75, 700),
}  # fmt: skip
DIALS = {"nz": "nz", "se": "se"}  # whose dials count otherwise; see PULSES
PULSES = {  # how often a dial breaks the loop for the digits 0 to 9
    "normal": (10, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    "nz": (10, 9, 8, 7, 6, 5, 4, 3, 2, 1),  # New Zealand: 10 - n
    "se": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),  # Sweden: n + 1
}
