"""Feed many cases of sound to the DTMF detector: `dtmf_cases.py SOUND.raw FRAMES.txt`.

SOUND.raw: raw PCM, all cases one after the other.  FRAMES.txt: how many frames of 160 samples each has, a
line for each. Print a line for each: how many frames were to be muted, then `12+5` and `15-5`: in these
frames the digit 5 began and ended.
"""

import sys

import micropython

from dsp.dtmf import Dtmf


def case(detector, sound, frame, frames):
    """Feed one case to the reset detector and return its line."""
    detector.reset()
    muted = 0
    events = []
    for at in range(frames):
        sound.readinto(frame)
        micropython.heap_lock()
        event = detector.feed(frame)
        micropython.heap_unlock()
        muted += detector.tone_now
        if event:
            events.append("%d%s%s" % (at, "+" if event & 0x100 else "-", chr(event & 0x7F)))
    return "%d %s" % (muted, " ".join(events))


def main():
    """Feed all of them."""
    detector = Dtmf()
    frame = bytearray(320)
    with open(sys.argv[1], "rb") as sound, open(sys.argv[2]) as counts:
        for line in counts:
            print(case(detector, sound, frame, int(line)))


main()
