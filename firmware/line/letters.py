"""Names in letters that a telephone can show: ASCII, by the table letters.txt. Passing, as callerid.py."""

from micropython import const

_FULL_WIDTH = const(0xFF01)  # the ASCII of East Asian screens, from ! on
_ACCENTS = const(0x300)  # combining accents: dropped


def plain(name: bytes, letters) -> str:
    """Return `name`, UTF-8, in printable ASCII; "" if more of it would be lost than kept.

    letters: iterable of the rows of letters.txt, read only if the name is not ASCII. What is no UTF-8 counts
    by its ASCII alone.
    """
    try:
        text = name.decode()
    except UnicodeError:
        text = "".join([chr(octet) for octet in name if octet < 127])
    if len(text) < len(name) and not _ascii(text):
        text = _spelled(text, letters)
    return "".join([char for char in text if " " <= char <= "~"]).strip()


def _ascii(text: str) -> bool:
    for char in text:
        if ord(char) > 126:
            return False
    return True


def _spelled(text: str, letters) -> str:
    found = {}
    for row in letters:
        if row[:1] == "#" or "|" not in row:
            continue
        first, spellings = row.split("|", 1)
        if first == "pairs":
            for pair in spellings.split(" "):
                written, spelled = pair.split("=")
                text = text.replace(written, spelled)
        else:
            _look_up(text, int(first, 16), spellings, found)
    return _joined([_spelling(char, found) for char in text])


def _look_up(text: str, first: int, spellings: str, found: dict) -> None:
    """Put into `found` the letters of `text` that this row spells; most rows are left as they are."""
    last = first + spellings.count(" ")
    row = None
    for char in text:
        if first <= ord(char) <= last:
            row = row or spellings.split(" ")
            found[char] = row[ord(char) - first]


def _spelling(char: str, found: dict):
    """Return the ASCII for `char`, None if there is none."""
    code = ord(char)
    if code < 127:
        return char
    if _FULL_WIDTH <= code < _FULL_WIDTH + 94:
        return chr(code - _FULL_WIDTH + 33)
    if _ACCENTS <= code < _ACCENTS + 112:
        return ""
    spelled = found.get(char, "~")
    return None if spelled == "~" else spelled.replace("^", "").replace("_", " ")


def _joined(spelled: list) -> str:
    """Join the spellings; two letters that stand for a capital among capitals become capitals both."""
    lost = kept = 0
    made = ""
    for i in range(len(spelled)):
        piece = spelled[i]
        if piece is None:
            lost += 1
            continue
        kept += piece > " "
        beyond = spelled[i + 1] if i + 1 < len(spelled) else None
        if len(piece) > 1 and "A" <= piece < "[" and beyond and "A" <= beyond < "[":
            piece = piece.upper()
        made += piece
    return "" if lost > kept else made
