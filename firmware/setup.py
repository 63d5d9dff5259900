"""Making the adapter: saved settings in, parts chosen and joined. Loaded at start, forgotten once it stands.

What is read only once needs no room for ever: this file and the others named in PASSING leave RAM again when
`forget` is called. Whoever changes settings later loads them anew.
"""

import sys

from micropython import const

import extras
from announcer import Announcer
from arena import Arena
from ata import Ata
from config import Config
from dsp.dtmf import Dtmf
from dsp.tone import Tone
from iax import caller
from iax.call import Call
from iax.endpoint import Endpoint
from iax.opener import Account
from iax.registrar import Registrar
from iax.talk import VoiceSlot
from iax.window import Window
from line import digitmap, programs, tones
from line.digits import Digits
from line.hook import Hook
from line.port import Port
from line.sequence import Sequence
from media.downlink import Downlink
from media.jitter import Jitter
from media.uplink import Uplink

PASSING = (
    "setup",
    "extras",
    "config",
    "typed",
    "arena",
    "iax.caller",
    "line.tones",
    "line.digitmap",
    "line.programs",
)  # modules that are not needed once all stands

_FRAMES = const(4)  # a registration has one frame on its way, or two
_CALL_FRAMES = const(12)
_METHODS = "plain md5 rsa".split()  # by the bits of AUTHMETHODS (RFC 5456, section 8.6.13)
_MODEMS = {"bell": (1200, 2200), "v23": (1300, 2100), "": (0, 0)}  # mark and space in Hz
_CRYPT = "off allow require".split()


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
            hal.serial.write(("config: %s\n" % error).encode())


def server(config) -> tuple:
    """Return (local UDP port, wait at power-down in ms, [(peer, host, UDP port) of each server])."""
    get = config.get
    found = []
    for n in _accounts(get):
        found.append((2 * n - 1, get("account.%d.server" % n), get("account.%d.port" % n)))
        if get("account.%d.altserver" % n):
            found.append((2 * n, get("account.%d.altserver" % n), get("account.%d.altport" % n)))
    return get("net.port"), get("system.release_ms"), found


def _accounts(get) -> list:
    """Return the number of each account that has a server, 1 to 4."""
    return [n for n in range(1, 5) if get("account.%d.server" % n)]


def build(hal, config, stats, log) -> Ata:
    """Return the adapter on `hal`; ValueError with one clear line if the configuration cannot be used."""
    get = config.get
    known = _accounts(get) or [1]
    arena = Arena(get("feature.legs"), len(known))
    depth_ms = get("audio.jitter_ms")
    media = _media(arena, depth_ms, stats)
    line = _line(hal, get, arena, media[4], log)
    iax, no_register = _iax(hal, get, known, arena, stats, log)
    tone_always = get("feature.tone_unregistered") or no_register != 0
    choices = (
        depth_ms,
        get("feature.dtmf_frames"),
        no_register,
        tone_always,
        get("feature.flash") == "send",
        get("feature.pulse_dtmf"),
        get("feature.messages") != "off",
    )
    ata = Ata(hal, stats, log, line, media, iax, choices)
    extras.load(get, hal, ata, line)
    return ata


def _line(hal, get, arena, downlink, log) -> tuple:
    """Return what Ata wants of the line: sounds, hook, digits, announcer, port."""
    sounds, ring, ring_dhz, caller_id, level_ddbm0, *rest = tones.load(hal.store, get("line.profile"), get)
    flash_min_ms, flash_max_ms, pulse_map, impedance, tx_db, rx_db = rest
    if not hal.slic.set_ring(ring_dhz):
        raise ValueError("line.ring_hz: this board cannot ring at that frequency: choose another")
    hal.slic.set_line(impedance, tx_db, rx_db)
    if get("feature.flash") == "off":
        flash_max_ms = 0
    style = _style(hal.store, caller_id) + (level_ddbm0, ring)
    opening = None
    if get("line.open_ms"):
        opening = programs.build("s%d " % get("line.open_wait_ms") + programs.OPEN % get("line.open_ms"), "")
    plain = programs.build("", ring), programs.build("", ""), opening
    announcer = Announcer(Sequence(get("line.ring_max_ms")), downlink, log, hal.store, sounds, style, plain)
    announcer.answered = 2 if get("line.answer_reversal") else 1  # FEED_REVERSE, FEED_FORWARD
    announcer.on_hangup = get("line.hangup_reversal")
    return (
        sounds,
        Hook(
            get("line.hook_off_ms"),
            get("line.hook_on_ms"),
            flash_min_ms,
            flash_max_ms,
            get("dial.pulses"),
            pulse_map,
        ),
        Digits(
            arena.number,
            digitmap.compile_map(get("dial.map")),
            get("dial.first_ms"),
            get("dial.inter_ms"),
            get("dial.match_ms"),
            get("dial.hash_sends"),
        ),
        announcer,
        Port(get("line.busy_ms"), get("line.reorder_ms"), get("line.howler_ms"), get("line.calling_ms")),
    )


def _style(store, name: str) -> tuple:
    """Return (form, words, mark in Hz, space in Hz) of a way to show the caller; no modem: 0, 0."""
    found = ("none", "", 0, 0)
    for row in store.rows("callerid"):
        if row.startswith(name + "|"):
            _, form, modem, words, _ = row.split("|", 4)
            found = (form, words) + _MODEMS[modem]
    return found


def _media(arena, depth_ms: int, stats) -> tuple:
    jitter = Jitter(arena.jitter, depth_ms, stats)
    return arena.up, arena.down, Uplink(arena.up, Dtmf()), jitter, Downlink(arena.down, jitter, Tone())


def _iax(hal, get, known: list, arena, stats, log) -> tuple:
    """Return ((endpoint, registrars), a bit for each account that does not register)."""
    accounts = [_account(get, n) for n in known]
    endpoint = Endpoint(accounts, arena.small, VoiceSlot(arena.slot), hal.crypto, stats, log)
    registrars = []
    no_register = 0
    for i in range(len(accounts)):
        if get("account.%d.register" % known[i]):
            registrar = Registrar(endpoint, Window(arena.reg_windows[i], _FRAMES))
            registrar.account = accounts[i]
            registrars.append(registrar)
            endpoint.add_registrar(registrar)
        else:
            no_register |= 1 << known[i] - 1
    for window in arena.leg_windows:
        endpoint.add_leg(Call(endpoint, Window(window, _CALL_FRAMES), len(endpoint.legs)))
    return (endpoint, registrars), no_register


def _account(get, n: int) -> Account:
    prefix = "account.%d." % n
    user = get("account.%d.user" % n).encode()
    account = Account(n - 1, 2 * n - 1, user, get("account.%d.secret" % n).encode())
    account.laws = bytes([2 if law == "ulaw" else 3 for law in get("account.%d.codecs" % n).split(",")])
    account.refresh_s = get("account.%d.refresh_s" % n)
    account.elements = caller.elements(get, prefix, account.laws)
    account.methods = sum([1 << _METHODS.index(name) for name in get("account.%d.auth" % n).split(",")])
    account.crypt = _CRYPT.index(get("account.%d.encryption" % n))
    account.demand = get("account.%d.demand" % n) or account.crypt == 2  # a call's key comes of the challenge
    account.transfer = get("account.%d.transfer" % n)
    account.trunk = get("account.%d.trunk" % n)
    return account


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
