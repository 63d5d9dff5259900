"""Never run: pyright reads it and so holds the stub, and each board, to the shapes of firmware/hal.pyi."""

import hal

import stub_hal
from board import sim


def clock() -> "list[hal.Clock]":
    """Return what must be clocks."""
    return [stub_hal.make(1).clock, sim.make([]).clock]


def net() -> "list[hal.Net]":
    """Return what must be networks."""
    return [stub_hal.make(1).net, sim.make([]).net]


def pcm() -> "list[hal.Pcm]":
    """Return what must be converters."""
    return [stub_hal.make(1).pcm, sim.make([]).pcm]


def slic() -> "list[hal.Slic]":
    """Return what must be telephone lines."""
    return [stub_hal.make(1).slic, sim.make([]).slic]


def store() -> "list[hal.Store]":
    """Return what must be flash."""
    return [stub_hal.make(1).store, sim.make([]).store]


def crypto() -> "list[hal.Crypto]":
    """Return what must make digests."""
    return [stub_hal.make(1).crypto, sim.make([]).crypto]


def serial() -> "list[hal.Serial]":
    """Return what must be consoles."""
    return [stub_hal.make(1).serial, sim.make([]).serial]


def box() -> "list[hal.Box]":
    """Return what must be boxes."""
    return [stub_hal.make(1).box, sim.make([]).box]
