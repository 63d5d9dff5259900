"""Words beside the voice: TEXT frames and URLs in, TEXT frames out (RFC 5456, sections 6.10.4 to 6.10.6).

A part of the endpoint, loaded only if feature.texts is on. What came is copied once, bounded and cleaned, and
told by EV_NOTE; pictures, video, comfort noise and modem frames are counted and otherwise ignored, as they
are without this part. Every other HTML frame is left to the core, which answers that we show no pages.
"""

from micropython import const

_FT_VIDEO = const(3)  # proto.FT_VIDEO
_FT_TEXT = const(7)  # proto.FT_TEXT
_FT_IMAGE = const(8)  # proto.FT_IMAGE
_FT_HTML = const(9)  # proto.FT_HTML
_FT_CNG = const(10)  # proto.FT_CNG
_FT_MODEM = const(11)  # proto.FT_MODEM
_HTML_URL = const(1)  # proto.HTML_URL
_HTML_NO_SUPPORT = const(17)  # proto.HTML_NO_SUPPORT
_HTML_LINK_URL = const(18)  # proto.HTML_LINK_URL
_FULL_HDR = const(12)  # proto.FULL_HDR
_PART_OTHER = const(2)  # codes.PART_OTHER
_EV_NOTE = const(18)  # codes.EV_NOTE
_RX_FOREIGN = const(36)  # codes.RX_FOREIGN

_MOST = const(96)  # octets kept of what came
_MOST_SAID = const(200)  # octets that may be sent in one frame


def character(buf: bytes, at: int, end: int) -> int:
    """Return how many octets, 1 … 4, the UTF-8 character at `at` has; 0 if it is broken, or a control."""
    lead = buf[at]
    if lead < 0x80:
        return 1 if lead >= 0x20 and lead != 0x7F else 0
    n = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or at + n > end:
        return 0
    for i in range(at + 1, at + n):
        if buf[i] & 0xC0 != 0x80:
            return 0
    second = buf[at + 1]
    if (
        lead == 0xC2 or lead == 0xE0
    ):  # U+0080 … U+009F are controls; E0 80 … E0 9F is too long a way to say it
        return n if second >= 0xA0 else 0
    if lead == 0xED or lead == 0xF4:  # surrogates; beyond the last character
        return n if second < (0xA0 if lead == 0xED else 0x90) else 0
    return n if lead != 0xF0 or second >= 0x90 else 0


class Notes:
    """`buf` holds `n` octets of the last text or URL, clean UTF-8; `url` tells which it was."""

    def __init__(self, endpoint) -> None:
        self._ep = endpoint
        self.buf = bytearray(_MOST)
        self.n = 0
        self.url = False

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Take a frame of `n` octets that the core has no use for; 1 = done, 0 = not ours."""
        if what != _PART_OTHER:
            return 0
        ftype = buf[10]
        sub = buf[11]
        if ftype == _FT_TEXT:
            self._keep(leg, buf, n, False)
        elif ftype == _FT_HTML:
            if sub == _HTML_URL or sub == _HTML_LINK_URL:
                self._keep(leg, buf, n, True)
            elif sub != _HTML_NO_SUPPORT:
                return 0
        elif ftype == _FT_VIDEO or ftype == _FT_IMAGE or ftype == _FT_CNG or ftype == _FT_MODEM:
            self._ep.stats.count(_RX_FOREIGN)
        else:
            return 0
        return 1

    def _keep(self, leg, buf: bytes, end: int, url: bool) -> None:
        """Copy what fits, whole characters only; a control becomes a space, a broken octet a question mark.

        Asterisk ends its texts with a NUL, others do not: what follows the first one is no text.
        """
        note = self.buf
        n = 0
        at = _FULL_HDR
        while at < end and buf[at]:
            size = character(buf, at, end)
            if n + (size or 1) > _MOST:
                break
            if size == 0:
                note[n] = 0x20 if buf[at] < 0x80 else 0x3F
                size = 1
            else:
                for i in range(size):
                    note[n + i] = buf[at + i]
            n += size
            at += size
        if n:
            self.n = n
            self.url = url
            self._ep.post(_EV_NOTE, leg.index, n)

    def say(self, leg, text: bytes, now: int) -> bool:
        """Send `text`, UTF-8 of 1 … 200 octets, without a NUL; False if there is no call, or no room now."""
        n = len(text)
        if not leg.linked() or n < 1 or n > _MOST_SAID:
            return False
        at = leg.open(_FT_TEXT, 0, n, now)
        if at < 0:
            return False
        leg.window.buf[at : at + n] = text
        leg.close(at + n, now)
        return True
