"""What a run is about: the options of the command line, the server they name, the settings they make."""

from dataclasses import dataclass, field
from pathlib import Path

from .box import UsageError
from .countries import COUNTRIES, DIALS, FLASH_MS, PULSES
from .inside import PORT, Inside, make_peer
from .relay import Udp


@dataclass
class Options:
    """What the command line says; see tools/vphone.py --help."""

    server: str = "peer"  # HOST[:PORT] or peer
    user: str = "ata1"
    secret: str = "pw1"
    port: int = 0  # local UDP port toward the world, 0 = any
    virtual: bool = False
    report: "Path | None" = None
    vm: str = "micropython"
    settings: "dict[str, str]" = field(default_factory=dict)
    seed: int = 1
    heap: int = 0  # octets, 0 = the VM's own
    first_tick: int = 0
    firmware: "Path | None" = None  # another main.py
    rsa_key: "Path | None" = None  # private key of account 1, as tools/rsakey.py writes it
    telephone: str = "plain"  # kind of set on the line: plain, ntt, callwaiting
    country: str = ""  # whose tones its user knows; "" = that of line.profile
    places: "dict[str, str]" = field(default_factory=dict)  # where the user wrote a setting
    peer: object = None  # a test peer of the caller's, for server = "peer"


@dataclass
class World:
    """The outside of the relay, and the server as the firmware is told to call it."""

    outside: "Inside | Udp"
    host: str
    port: int
    peer: object


def open_world(options: Options) -> World:
    """Find the server; UsageError with one line if that cannot work."""
    if options.server == "peer":
        peer = options.peer or make_peer(options.seed, options.user, options.secret)
        return World(Inside(peer, options.port), "peer", PORT, peer)
    if options.virtual:
        raise UsageError("--virtual needs --server peer: only the bundled peer can run faster than real time")
    host, _, port = options.server.partition(":")
    if not host or (port and not (port.isdigit() and 0 < int(port) < 65536)):
        raise UsageError(f"--server {options.server}: give HOST, HOST:PORT (1 to 65535) or peer")
    outside = Udp(options.port)
    if outside.resolve(host) is None:
        outside.close()
        raise UsageError(f"nobody knows the server {host}: check its name, or this machine's network")
    return World(outside, host, int(port or PORT), None)


def _profile(options: Options) -> str:
    """Return the country of the box."""
    return options.settings.get("line.profile") or "us"


def country_of(options: Options) -> str:
    """Return whose tones the user of the telephone knows."""
    country = options.country or _profile(options)
    return country if country in COUNTRIES else "us"


def stranger(options: Options) -> str:
    """Return one line about a country whose tones the telephone does not know; "" if it does."""
    profile = _profile(options)
    if options.country or profile in COUNTRIES:
        return ""
    return f"the telephone does not know {profile}, it listens as us: choose with --country"


def flash_ms_of(options: Options) -> int:
    """Return the middle of what the box takes for a tap of the hook; 0: nothing is one."""
    window = FLASH_MS.get(_profile(options), FLASH_MS["us"])
    shortest, _, longest = options.settings.get("line.flash", "").partition("/")
    if shortest.strip().isdigit() and longest.strip().isdigit():
        window = (int(shortest), int(longest))
    return sum(window) // 2


def dial_of(options: Options) -> str:
    """Return the name in PULSES of the dial that suits the box."""
    dial = options.settings.get("line.pulses") or DIALS.get(_profile(options), "normal")
    return dial if dial in PULSES else "normal"


def wants_ntt(options: Options) -> bool:
    """True if only a Japanese set is shown who calls."""
    return (options.settings.get("line.callerid") or _profile(options)) == "jp"


def fill_store(folder: Path, options: Options, world: World) -> None:
    """Save what the firmware finds on its flash: settings, and its private key if it has one."""
    (folder / "config").write_text(settings_text(options, world), encoding="utf-8")
    if options.rsa_key:
        (folder / "rsa.1").touch(0o600)
        (folder / "rsa.1").write_bytes(options.rsa_key.read_bytes())


def settings_text(options: Options, world: World) -> str:
    """Return the settings as the firmware saves them, NAME=VALUE a line."""
    settings = {
        "account.1.server": world.host,
        "account.1.port": str(world.port),
        "account.1.user": options.user,
        "account.1.secret": options.secret,
        **options.settings,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
