"""From the telephone: PCM frames to G.711, with DTMF seen and kept out of the voice."""

from micropython import const

from dsp import g711, tone

_ALAW = const(3)  # codes.LAW_ALAW


class Uplink:
    """20 ms of voice at a time out of `frame`, which the board fills."""

    def __init__(self, frame: bytearray, dtmf) -> None:
        self.frame = frame
        self.listen = False  # look for DTMF; a digit that is on waits for its end
        self.muted = False  # the far end hears nothing
        self._dtmf = dtmf

    def encode(self, payload: "bytearray | memoryview", law: int) -> int:
        """Encode `frame` into 160 octets of `payload`, µ-law or A-law; law -1: only look for DTMF.

        Return 0, or ASCII | 0x100 when a digit begins, ASCII | 0x200 when it ends. A frame with tone, and
        all frames until the tone is gone, are encoded as silence: 20 ms of it leave, 40 ms at worst.
        """
        event = 0
        if self.listen:
            event = self._dtmf.feed(self.frame)
        if self.muted or (self.listen and self._dtmf.tone_now):
            tone.silence(self.frame)
        if law == _ALAW:
            g711.encode_alaw(payload, self.frame, 160)
        elif law >= 0:
            g711.encode_ulaw(payload, self.frame, 160)
        return event
