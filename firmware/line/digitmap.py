"""The digit map as its user writes it, made into integers for line/digits.py. Read at start, then forgotten.

    dial.map = 911|[2-8]xxxxxx|1xxxxxxxxxx|*xx|011x.

`|` parts alternatives. `x` is any of 0-9, `[2-9*]` any of a class (`x` may stand in it too), `.` repeats the
element before it zero or more times, and 0-9 * # A-D stand for themselves.
"""

from array import array

from micropython import const

from line.digits import bit

_ANY_DIGIT = const(0x3FF)
_REPEAT = const(0x10000)


def _element(text: str) -> int:
    """Return the bits of one literal, or of what stands between [ and ]."""
    bits = 0
    at = 0
    while at < len(text):
        low = high = bit(ord(text[at]))
        if text[at] in "xX":
            low = high = _ANY_DIGIT
        elif text[at + 1 : at + 2] == "-":
            at += 2
            high = bit(ord(text[at])) if at < len(text) else 0
        if not low or high < low:
            raise ValueError("digit map: no digit or range: " + text)
        bits |= low if low == high else high * 2 - low
        at += 1
    return bits


def _join(code: array, char: str) -> None:
    """Take | or . after an element."""
    if not code[-1] or (char == "." and code[-1] & _REPEAT):
        raise ValueError("digit map: nothing stands before a " + char)
    if char == "|":
        code.append(0)
    else:
        code[-1] |= _REPEAT


def compile_map(text: str) -> array:
    """Return the digit map as integers (see above); ValueError with one line if it is wrong."""
    code = array("i", (0,))  # a 0 in front saves a case; it is cut off at the end
    at = 0
    while at < len(text):
        char = text[at]
        end = at
        if char in "|.":
            _join(code, char)
        elif char == "[":
            end = text.find("]", at)
            if end < at + 2:
                raise ValueError("digit map: a class needs [digits]: " + text[at:])
            code.append(_element(text[at + 1 : end]))
        elif char != " ":
            code.append(_element(char))
        at = end + 1
    if not code[-1]:
        raise ValueError("digit map: an alternative is empty")
    code.append(0)
    return code[1:]
