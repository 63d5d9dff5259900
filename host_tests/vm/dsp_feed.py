"""Feed a file of raw PCM through the uplink: `dsp_feed.py IN.raw [OUT.ulaw]`.

Print `frame + digit` and `frame - digit`, then `frames N muted M`; write the µ-law that would have been sent.
"""

import sys

import micropython

from dsp.dtmf import Dtmf
from media.uplink import Uplink


def feed(pcm, out):
    """Run the uplink over the open file `pcm`; write what it sends to the open file `out`, if any."""
    detector = Dtmf()
    up = Uplink(bytearray(320), detector)
    up.listen = True
    payload = bytearray(160)
    frames = muted = 0
    while pcm.readinto(up.frame) == 320:
        micropython.heap_lock()
        event = up.encode(payload, 2)
        micropython.heap_unlock()
        if event:
            print(frames, "+" if event & 0x100 else "-", chr(event & 0x7F))
        muted += detector.tone_now
        frames += 1
        if out:
            out.write(payload)
    print("frames", frames, "muted", muted)


with open(sys.argv[1], "rb") as samples:
    if len(sys.argv) > 2:
        with open(sys.argv[2], "wb") as codes:
            feed(samples, codes)
    else:
        feed(samples, None)
