"""Making the adapter: saved settings in, parts chosen and joined. Loaded at start, forgotten once it stands.

What is read only once needs no room for ever: this file, config.py, typed.py, arena.py and line/tones.py
leave RAM again when `forget` is called. Whoever changes settings later loads them anew.
"""

import sys

from micropython import const

from arena import Arena
from ata import Ata
from config import Config
from dsp.dtmf import Dtmf
from dsp.tone import Tone
from iax.account import Account
from iax.call import Call
from iax.endpoint import Endpoint
from iax.registrar import Registrar
from iax.slot import VoiceSlot
from iax.window import Window
from line import tones
from line.digits import Digits
from line.hook import Hook
from line.port import Port
from line.ringer import Ringer
from media.downlink import Downlink
from media.jitter import Jitter
from media.uplink import Uplink

PASSING = ("setup", "config", "typed", "arena", "line.tones")  # modules that are not needed once all stands

_PEER = const(1)  # the one server of the one account
_FRAMES = const(4)  # a registration has one frame on its way, or two
_CALL_FRAMES = const(12)


def configure(hal, config) -> None:
    """Take the saved settings, one NAME=VALUE a line; a wrong one is told and left at its default."""
    for line in (hal.store.load("config") or b"").split(b"\n"):
        try:
            name, found, value = line.decode().partition("=")
            error = name.strip() and "a saved line without ="
            if found:
                error = config.set(name.strip(), value.strip())
        except UnicodeError:
            error = "a saved line is not UTF-8"
        if error:
            hal.serial.write(("config: " + error + "\n").encode())


def server(config) -> tuple:
    """Return (local UDP port, host of the server or "", its UDP port, wait at power-down in ms)."""
    get = config.get
    host = get("account.1.server")
    return get("net.port"), host, get("account.1.port"), get("system.release_ms")


def build(hal, config, stats, log) -> Ata:
    """Return the adapter on `hal`; ValueError with one clear line if the configuration cannot be used."""
    arena = Arena()
    get = config.get
    choices = (
        get("audio.jitter_ms"),
        get("feature.dtmf_frames"),
        get("account.1.register"),
        get("feature.tone_unregistered"),
    )
    line = _line(hal, get, arena)
    return Ata(
        hal, stats, log, line, _media(arena, choices[0], stats), _iax(hal, get, arena, stats, log), choices
    )


def _line(hal, get, arena) -> tuple:
    sounds, cadence_ms, ring_dhz = tones.load(hal.store, get("line.profile"))
    if not hal.slic.set_ring(ring_dhz):
        raise ValueError("line.profile: this board cannot ring at its frequency: choose another")
    waits_ms = get("dial.first_ms"), get("dial.inter_ms"), get("dial.match_ms")
    return (
        sounds,
        Hook(get("line.hook_off_ms"), get("line.hook_on_ms")),
        Digits(arena.number, get("dial.map"), waits_ms[0], waits_ms[1], waits_ms[2], get("dial.hash_sends")),
        Ringer(cadence_ms, get("line.ring_max_ms")),
        Port(get("line.busy_ms"), get("line.reorder_ms"), get("line.howler_ms"), get("line.calling_ms")),
    )


def _media(arena, depth_ms: int, stats) -> tuple:
    jitter = Jitter(arena.jitter, depth_ms, stats)
    return arena.up, arena.down, Uplink(arena.up, Dtmf()), jitter, Downlink(arena.down, jitter, Tone())


def _iax(hal, get, arena, stats, log) -> tuple:
    account = Account(_PEER, get("account.1.user").encode(), get("account.1.secret").encode())
    account.number = get("account.1.number").encode()
    account.name = get("account.1.name").encode()
    account.laws = bytes([2 if law == "ulaw" else 3 for law in get("account.1.codecs").split(",")])
    account.refresh_s = get("account.1.refresh_s")
    endpoint = Endpoint([account], arena.small, VoiceSlot(arena.slot), hal.crypto, stats, log)
    registrar = Registrar(endpoint, Window(arena.reg_window, _FRAMES))
    endpoint.add_registrar(registrar)
    endpoint.add_leg(Call(endpoint, Window(arena.leg_window, _CALL_FRAMES), 0))
    return endpoint, registrar, account


def make(hal, stats, log) -> tuple:
    """Return (adapter, what `server` tells) by the saved settings, and forget how it was done."""
    config = Config(hal.store)
    configure(hal, config)
    made = build(hal, config, stats, log), server(config)
    forget()
    return made


def forget() -> None:
    """Take the modules that are needed no more out of RAM; what they built stays."""
    for name in PASSING:
        module = sys.modules.pop(name, None)
        room, dot, last = name.partition(".")
        if module and dot:
            delattr(sys.modules[room], last)
