"""Who we are toward one server."""


class Account:
    """One account: who serves it, name and secret there, how we call and what we allow.

    index: number of the account less 1.  peer: index of the server in use.  user, secret: at most 64 octets.
    elements: what each of its NEWs says after CALLED NUMBER, made by iax/caller.py.  laws: format bit numbers
    in the user's order, bytes((2, 3)) for µ-law before A-law.  refresh_s: registration asked for, seconds.
    """

    def __init__(self, index: int, peer: int, user: bytes, secret: bytes) -> None:
        self.index = index
        self.peer = peer
        self.user = user
        self.secret = secret
        self.elements = b""
        self.laws = b"\x02\x03"
        self.refresh_s = 60
        self.methods = 2  # AUTHMETHODS that we may answer with: 1 plain text, 2 MD5, 4 RSA
        self.crypt = 0  # 0 clear, 1 encrypted if the server can, 2 encrypted or not at all
        self.demand = False  # callers must prove the secret
        self.transfer = False  # native transfers
        self.trunk = False  # trunk frames
