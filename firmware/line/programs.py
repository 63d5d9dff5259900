"""Line programs out of words: a country's ringing, with Caller ID where its telephones expect it.

`build` turns the words of a row of callerid.txt (or of the texts below) and a ringing cadence into the orders
that line/sequence.py plays. Loaded when something is to be played, and forgotten again.

  ring       the first ring, whole, up to the gap of the cadence that is kept for Caller ID
  gap        the rest of that gap
  sN         silence for N ms, in the polarity of now
  rev nor    reverse the polarity from now on; back to that of rest
  pN         ringing for N ms: ring pulse, ring splash
  oN         loop open for N ms
  dtas sas cas fsk dtmf   send that and go on when it is over
  ackN       wait N ms for the telephone's acknowledgement; none: the program ends here
  car        NTT's call to the telephone's modem: short rings that it answers by closing the loop
  hangN      wait N ms until it opens the loop again

The limits that these times keep stand at the head of callerid.txt.
"""

from array import array

from micropython import const

_OPEN_LOOP = const(0)  # codes.FEED_OPEN
_FORWARD = const(1)  # codes.FEED_FORWARD
_REVERSE = const(2)  # codes.FEED_REVERSE
_RINGING = const(3)  # codes.FEED_RINGING
_DTMF = const(2)  # codes.SIGNAL_DTMF
_SIGNAL = const(8)  # codes.ORDER_SIGNAL
_CATCH = const(16)  # codes.ORDER_CATCH
_GAP = const(20)  # codes.ORDER_GAP
_JUMP = const(21)  # codes.ORDER_JUMP
_END = const(22)  # codes.ORDER_END
_DTMF_MS = const(12000)  # forty digits, number and redirecting number
_CAR_MS = const(500)  # on, and off
_CARS = const(6)  # 6 s in all

# Words for the telephone off the hook in a call: call waiting with Caller ID. SAS to CAS 0-50 ms; the ACK
# begins within 100 ms of CAS, lasts 60, and is on its way for as long again; FSK 50-500 ms after it.
CALL_WAITING = "sas s20 cas ack300 s60 fsk"

# Message waiting, by how the telephone is told that it is coming (settings of the same names).
WAITING = {
    "fsk": "s100 fsk s300",
    "splash": "p400 s600 fsk s300",  # a ring splash that the user hears too
    "pulse": "p250 s600 fsk s300",  # ETSI's ring pulse alerting signal
    "dtas": "dtas s100 fsk s300",
    "reverse": "rev s300 dtas s150 fsk s300 nor",
}

SPLASH = "p%d"  # a ring splash of so many ms, for a call that was forwarded
OPEN = "o%d"  # open interval, or CPC: the far end is gone

# One text and not five: short ones stay in RAM for ever, also when this file has left it.
_SIGNALS = ". fsk dtmf dtas sas cas".split()  # in the order of codes.SIGNAL_*
_TIMED = "silence pulse open hang ack".split()  # known by as much of them as a word has, each with …
_ORDERS = b"\x01\x03\0\x12\x13"  # … its order: codes.FEED_* and ORDER_*


def _number(text: str, low: int, what: str) -> int:
    text = text.strip()
    if not text.isdigit() or not low <= int(text) <= 32767:
        raise ValueError("%s must be %d..32767 ms, not %s" % (what, low, text or "empty"))
    return int(text)


def cadence(text: str) -> array:
    """Return a ringing cadence `on/off,on/off` in ms as array on, off, on, off …; ValueError if it is wrong.

    A minus before an off (`400/200,400/-2000`) keeps that gap for Caller ID; it stays in the array.
    """
    cadence_ms = array("h")
    for ring in text.split(","):
        on, _, off = ring.partition("/")
        off = off.strip()
        cadence_ms.append(_number(on, 100, "ringing: ms on"))
        kept = off[:1] == "-"
        off_ms = _number(off[1:] if kept else off, 0, "ringing: ms off")
        cadence_ms.append(-off_ms if kept else off_ms)
    return cadence_ms


def gap_of(cadence_ms: array) -> int:
    """Return the index of the off that is kept for Caller ID: the first with a minus, else the longest."""
    best = 1
    for i in range(1, len(cadence_ms), 2):
        if cadence_ms[i] < 0:
            return i
        if cadence_ms[i] > cadence_ms[best]:
            best = i
    return best


def build(words: str, cadence_text: str) -> array:
    """Return the program for line/sequence.py that does `words`, then rings until answered.

    cadence_text: as `cadence` takes it; "" = no ringing afterwards.  ValueError with one line if wrong.
    """
    cadence_ms = cadence(cadence_text) if cadence_text else array("h")
    program = array("h")
    silence = _FORWARD
    rung = 0  # elements of the cadence that the first ring took
    for word in words.split():
        if word == "rev" or word == "nor":
            silence = _REVERSE if word == "rev" else _FORWARD
            _put(program, silence, 0)
        elif word == "ring" and cadence_ms:
            rung = gap_of(cadence_ms) + 1
            _ring(program, cadence_ms, 0, rung, silence)
            program[-1] = 0  # the silence that follows is what the next words make of it
        elif word == "gap" and rung:
            _put(program, _GAP, abs(cadence_ms[rung - 1]))
        elif word == "car":
            _call_modem(program, silence)
        else:
            _add(program, word, silence)
    _ring_on(program, cadence_ms, rung, silence)
    return program


def _ring_on(program: array, cadence_ms: array, rung: int, silence: int) -> None:
    """Add the rest of the cadence that began, and the cadence for ever."""
    if rung:
        _ring(program, cadence_ms, rung, len(cadence_ms), silence)
    again = len(program)
    for at in range(0, again, 2):
        if program[at] == _JUMP:  # a telephone that did not answer `car`
            program[at + 1] = again
    _ring(program, cadence_ms, 0, len(cadence_ms), silence)
    _put(program, _JUMP if cadence_ms else _END, again)


def _put(program: array, order: int, ms: int) -> None:
    program.append(order)
    program.append(ms)


def _ring(program: array, cadence_ms: array, first: int, last: int, silence: int) -> None:
    for i in range(first, last):
        _put(program, silence if i & 1 else _RINGING, abs(cadence_ms[i]))


def _call_modem(program: array, silence: int) -> None:
    """Add NTT's call receiving signal; who does not answer it goes around all that follows."""
    _put(program, _CATCH, len(program) + 4 * _CARS + 4)
    for _ in range(_CARS):
        _put(program, _RINGING, _CAR_MS)
        _put(program, silence, _CAR_MS)
    _put(program, _JUMP, 0)
    _put(program, silence, 0)


def _add(program: array, word: str, silence: int) -> None:
    """Add the orders of one word that stands for itself."""
    name = word.rstrip("0123456789 ")
    if word in _SIGNALS:
        signal = _SIGNALS.index(word)
        _put(program, _SIGNAL + signal, _DTMF_MS if signal == _DTMF else 0)
        return
    for k in range(len(_TIMED)):
        if name and _TIMED[k].startswith(name):
            ms = _number(word[len(name) :], 0 if k == 0 else 1, name)
            _put(program, silence if k == 0 else _ORDERS[k], ms)
            if _ORDERS[k] in (_OPEN_LOOP, _RINGING):
                _put(program, silence, 0)
            return
    raise ValueError("no word %s in a line program" % word)
