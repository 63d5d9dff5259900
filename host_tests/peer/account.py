"""An account of the test peer: what Asterisk calls a friend."""

from dataclasses import dataclass, field

from . import numbers as n
from .dialog import Addr


@dataclass
class Account:
    """Secret and policy, and where the device is registered now."""

    name: str
    secret: str = ""  # empty: no challenge
    rsa: tuple[int, int] | None = None  # n and e of its public key, if it may prove itself by RSA
    refresh_min_s: int = 60
    refresh_max_s: int = 3600
    qualify_ms: int = 2000  # 0: no POKEs
    mailbox: tuple[int, int] | None = None  # new and old messages; None: no MSGCOUNT
    caller_id: tuple[str, str] = ("", "")  # number and name told in REGACK
    codecs: tuple[int, ...] = (n.ULAW, n.ALAW)
    encryption: str = "no"  # no | yes | force
    codec_priority: str = "host"  # host | caller | disabled | reqonly
    immediate: bool = False  # a TBD call is connected at once (overlap.py)

    addr: Addr | None = None  # where it is registered
    expires_ms: float = 0.0
    refresh_s: int = 0
    rtt_ms: float | None = None  # of the last POKE
    reachable: str = "UNKNOWN"  # UNKNOWN | OK | LAGGED | UNREACHABLE
    history: list[tuple[float, str]] = field(default_factory=list)  # registered, released, expired, refused

    def registered(self, now_ms: float) -> bool:
        """Return whether the registration still holds."""
        return self.addr is not None and now_ms < self.expires_ms

    def dialable(self, now_ms: float) -> bool:
        """Return whether Asterisk would place a call to it."""
        return self.registered(now_ms) and (not self.qualify_ms or self.reachable in ("OK", "UNKNOWN"))


def as_accounts(accounts: dict) -> dict[str, Account]:
    """Return accounts by name from secrets, dicts of fields, or ready Accounts."""
    out = {}
    for name, value in accounts.items():
        if isinstance(value, Account):
            out[name] = value
        elif isinstance(value, dict):
            out[name] = Account(name, **value)
        else:
            out[name] = Account(name, value)
    return out
