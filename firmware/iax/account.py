"""Who we are toward one server."""


class Account:
    """One account: peer index of the server, name and secret there, how we call and what we speak.

    user, secret: at most 64 octets.  number: at most 32.  name: at most 40.  laws: format bit numbers in the
    user's order, bytes((2, 3)) for µ-law before A-law.  refresh_s: registration asked for, seconds.
    """

    def __init__(self, peer: int, user: bytes, secret: bytes) -> None:
        self.peer = peer
        self.user = user
        self.secret = secret
        self.number = b""
        self.name = b""
        self.laws = b"\x02\x03"
        self.refresh_s = 60
