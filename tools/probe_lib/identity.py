"""Who the probe is toward a server: an account of the firmware, and who calls us, as text."""

import codes
from iax import caller, proto, told
from iax.call import Call
from iax.opener import Account

SERVER = 1  # index of the server among the peers
CRYPT = {"off": 0, "allow": 1, "require": 2}
LAWS = {"ulaw": codes.LAW_ULAW, "alaw": codes.LAW_ALAW}
# What iax/caller.py asks of an account, as the settings of a box stand untouched.
_PLAIN = {
    "number": "", "presentation": "allowed", "ton": 0, "tns": 0, "name": "", "ani": "", "ani2": 0,
    "rdnis": "", "dnid": "", "context": "", "language": "", "adsi": 0, "user": "",
    "encryption": "off", "variables": "",
}  # fmt: skip


def make_account(
    user: str = "",
    secret: str = "",
    codecs: str = "ulaw,alaw",
    plaintext: bool = False,
    rsa: bool = False,
    **more: object,
) -> Account:
    """Return the account of the server. more: number, name, encryption … as settings of a box are called."""
    account = Account(0, SERVER, user.encode(), secret.encode())
    account.laws = bytes(LAWS[name] for name in codecs.split(","))
    values = {**_PLAIN, "user": user, **{name: value for name, value in more.items() if value}}
    account.elements = caller.elements(
        lambda name: values[name.removeprefix("account.1.")], "account.1.", account.laws
    )
    account.crypt = CRYPT[str(values["encryption"])]
    account.methods = 2 | (1 if plaintext else 0) | (4 if rsa else 0)
    return account


def caller_of(leg: Call) -> "tuple[str, str]":
    """Return number and name of who calls us, "unknown" and "" if not told."""
    number = told.text(leg.told, proto.IE_CALLING_NUMBER, 32).decode()
    return number or "unknown", told.text(leg.told, proto.IE_CALLING_NAME, 64).decode()
