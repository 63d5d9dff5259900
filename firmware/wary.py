"""Once a server has offered MD5 it never gets the secret in clear again, after a restart neither.

Loaded only for accounts that allow plain text. What it knows is one octet on flash, a bit for each account;
a factory reset forgets it.
"""

from micropython import const

_AUTH_PLAIN = const(1)  # proto.AUTH_PLAIN
_NAME = "wary"


class Wary:
    """A service of the adapter: keeps on flash what iax/opener.py learnt, while nobody telephones."""

    def __init__(self, endpoint, store, serial) -> None:
        """Take plain text from the accounts whose server has offered MD5 before."""
        self._endpoint = endpoint
        self._store = store
        self._serial = serial
        saved = store.load(_NAME)
        self._known = saved[0] if saved else 0
        self._allowed = 0
        for account in endpoint.accounts:
            if self._known >> account.index & 1:
                account.methods &= ~_AUTH_PLAIN
            if account.methods & _AUTH_PLAIN:
                self._allowed |= 1 << account.index

    def on_event(self, event: int, leg: int, arg: int, now: int) -> None:
        """Look at the accounts whenever something happens and no call is there."""
        if not self._allowed:
            return
        for call in self._endpoint.legs:
            if call.state:
                return
        for account in self._endpoint.accounts:
            bit = 1 << account.index
            if self._allowed & bit and not account.methods & _AUTH_PLAIN:
                self._keep(bit, account.index + 1)

    def _keep(self, bit: int, number: int) -> None:
        if self._store.save(_NAME, bytes([self._known | bit])):
            self._known |= bit
            self._allowed &= ~bit
            said = "account.%d: the server offers MD5, so plain text is not allowed any more\n" % number
            self._serial.write(said.encode())
