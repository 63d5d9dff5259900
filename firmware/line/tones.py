"""Call-progress tones and the line of one country, out of lines of text; small integers are what is played.

The grammar of a tone is that of the PBX's indications.conf, so that its owner knows it: steps parted by
commas, each `f1+f2/ms`. Up to four frequencies in Hz, 0 = silence; `f1*f2` is a carrier that a modulator
f2 swings by 90 %; without /ms a step lasts for ever. Steps marked `!` come first and are played once; the
others repeat. One thing is ours: `@dBm0` after the frequencies is the level of each of them (of the carrier).

All tones of a profile lie in one array of shorts, `sounds`. sounds[k] is where the tone k (codes.TONE_*)
begins, 0 = there is none. There lies the index of the step to go back to after the last one, 0 = it ends
then. Steps follow: a head, the frequencies, their level in dBm0 if there are any, and ms, 0 = for ever. The
head is the number of frequencies, or 19: a carrier and its side bands. -1 ends a tone.
"""

from array import array

from micropython import const

# In the order of codes.TONE_*; the howler has three levels of loudness but one row.
_NAMES = (
    ". dial ringback busy reorder howler stutter callwaiting recall confirm sit unobtainable hold".split()
)
_HOWLER = const(5)  # codes.TONE_HOWLER
_N_TONES = const(15)  # codes.N_TONES
_MODULATED = const(16)
_LONGEST_MS = const(600000)
_SHORT_MS = const(32000)  # what one short holds; a longer step becomes several
_LEVELS = const(8)  # profiles that may lean on one another
_PULSES = "normal nz se".split()  # the digit maps of line/hook.py


def _number(text: str, low: int, high: int, what: str) -> int:
    text = text.strip()
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if not low <= number <= high or "_" in text:
        raise ValueError("%s must be %d..%d, not %s" % (what, low, high, text or "empty"))
    return number


def parse(text: str, level_dbm0: int, sounds: array) -> int:
    """Append the tone `text` to `sounds` and return where it begins; ValueError with one line if it is wrong.

    level_dbm0: of each frequency of a step that has no @level, -60..3. A step lasts 1..600,000 ms.
    """
    start = len(sounds)
    sounds.append(0)
    endless = False
    for part in text.split(","):
        once = part.strip()[:1] == "!"
        if endless:
            raise ValueError("tone: a step without /ms must be the last: " + text)
        if once and sounds[start]:
            raise ValueError("tone: ! after a step that repeats: " + text)
        if not once and not sounds[start]:
            sounds[start] = len(sounds)
        endless = _step(part.strip()[once:], level_dbm0, sounds)
    sounds.append(-1)
    return start


def _step(part: str, level_dbm0: int, sounds: array) -> bool:
    """Append a step; return True if it lasts for ever."""
    what, slash, ms = part.partition("/")
    what, at, level = what.partition("@")
    modulated = "*" in what
    texts = what.split("*" if modulated else "+")
    if len(texts) > (2 if modulated else 4):
        raise ValueError("tone: too many frequencies: " + part)
    found = [_number(hz, 0, 3999, "tone: frequency in Hz") for hz in texts]
    if modulated and not 0 < found[1] < min(found[0], 4000 - found[0]):
        raise ValueError("tone: the modulator must leave both side bands within 0..4000 Hz: " + part)
    if modulated:
        found = [found[0], found[0] + found[1], found[0] - found[1]]
    found = [hz for hz in found if hz]
    head = len(found) | (_MODULATED if modulated else 0)
    if found:
        found.append(_number(level, -60, 3, "tone: level in dBm0") if at else level_dbm0)
    left = _number(ms, 1, _LONGEST_MS, "tone: length in ms") if slash else 0
    while True:
        sounds.append(head)
        sounds.extend(array("h", found))
        sounds.append(min(left, _SHORT_MS))
        left -= _SHORT_MS
        if left <= 0:
            return not slash


def known(store: object, table: str) -> "list[str]":
    """Return the names that the rows of a table begin with, each once."""
    names: "list[str]" = []
    for line in store.rows(table):  # type: ignore[attr-defined]
        name = line.split("|", 1)[0]
        if name[:1] not in ("", "#") and name not in names:
            names.append(name)
    return names


def cadence(store: object, text: str) -> str:
    """Return the cadence that has the name `text` in cadences.txt, or `text` itself where it is one.

    ValueError if it is neither.
    """
    from line import programs

    text = _named(store, text)
    programs.cadence(text)
    return text


def _named(store: object, text: str) -> str:
    if "/" in text:
        return text
    found = ""
    for line in store.rows("cadences"):  # type: ignore[attr-defined]
        if line.startswith(text + "|"):
            found = line.split("|")[1]
    if not text or not found:
        raise ValueError("no cadence %s; there is: %s" % (text, " ".join(known(store, "cadences"))))
    return found


def _read(store: object, profile: str) -> dict:
    """Return {key: (text, level)} of a profile and of those it leans on; its own rows go before theirs."""
    rows: dict = {}
    name = profile
    for _ in range(_LEVELS):
        base = ""
        found = False
        for line in store.rows("profiles"):  # type: ignore[attr-defined]
            if line.startswith(name + "|"):
                found = True
                _, key, text, level = line.split("|")
                if key == "base":
                    base = text
                elif key not in rows:
                    rows[key] = text, level
        if not found:
            raise ValueError("no profile %s; there is: %s" % (name, " ".join(known(store, "profiles"))))
        if not base:
            return rows
        name = base
    raise ValueError("profile %s leans on too many others" % profile)


def load(store: object, profile: str, get) -> tuple:
    """Return what the line of a profile is like, keeping nothing of the others; ValueError if not whole.

    get(name): what the owner wants instead, as config.get; "" or 0 = as the profile has it.
    The tuple: sounds; ringing cadence as text; ringing frequency in 0.1 Hz; Caller ID style, a name of
    callerid.txt; its level in 0.1 dBm0; shortest and longest flash in ms; map of dial pulses, 0..2; impedance
    code; gain from the line in dB; gain to the line in dB.
    """
    rows = _read(store, profile)

    def value(key: str) -> str:
        """Return what the owner wants, else what the profile says; ValueError if neither says anything."""
        text = str(get("line." + key) or rows.get(key, ("",))[0])
        if not text:
            raise ValueError("profile %s has no %s" % (profile, key))
        return text

    def pair(key: str, low: int, high: int) -> tuple:
        """Return both numbers of a value like 300/1000."""
        first, _, second = value(key).partition("/")
        return _number(first, low, high, key), _number(second, low, high, key)

    flash_ms = pair("flash", 0, 2000)
    gains_db = pair("gains", -20, 20)
    return (
        _sounds(rows, get),
        _named(store, value("ring")),
        int(10 * float(value("ring_hz")) + 0.5),
        value("callerid"),
        _number(value("callerid_level"), -400, -1, "callerid_level"),
        flash_ms[0],
        flash_ms[1],
        _PULSES.index(value("pulses")),  # pyright: ignore[reportArgumentType]
        value("impedance"),
        gains_db[0],
        gains_db[1],
    )


def _sounds(rows: dict, get) -> array:
    sounds = array("h", [0] * _N_TONES)
    for k in range(1, len(_NAMES)):
        text, level = rows.get(_NAMES[k], ("", "-13"))
        text = get("line.tone_" + _NAMES[k]) or text
        if text:
            sounds[k] = parse(text, _number(level, -60, 3, "tone: level in dBm0"), sounds)
        elif k <= _HOWLER:
            raise ValueError("the profile has no %s tone" % _NAMES[k])
    sounds[_N_TONES - 2] = sounds[_N_TONES - 1] = sounds[_HOWLER]
    return array("h", sounds)  # without the room it grew by
