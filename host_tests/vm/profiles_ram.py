"""What a profile keeps in RAM, one after the other, as JSON: {name: bytes}. Arguments: the names."""

import gc
import json
import sys

import stub_hal
from line import tones


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def main():
    """Load each profile as one that nobody changed."""
    store = stub_hal.make(1).store
    kept = dict.fromkeys(sys.argv[1:], 0)
    tones.load(store, "us", lambda name: "")  # what comes but once, such as new names, is there now
    for name in kept:
        before = live()
        made = tones.load(store, name, lambda name: "")
        kept[name] = live() - before
        assert len(made) == 11
        made = None
    print(json.dumps(kept))


main()
