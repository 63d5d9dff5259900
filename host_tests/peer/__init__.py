"""A small IAX2 server to test against, written from RFC 5456 and observed behaviour, apart from the firmware.

    peer = Peer(seed=1, accounts={"ata1": "secret"})
    peer.feed(datagram, ("127.0.0.1", 40000), now_ms)
    for port, addr, octets in peer.drain(): ...
    peer.poll(now_ms); peer.next_due()

How to make it misbehave stands in one table: `quirks.py`. The dial plan: `extensions.py`.
"""

from .account import Account
from .call import Call
from .media import babble, decode, encode, pieces, tone
from .outgoing import Invitation, Outgoing
from .quirks import Quirks
from .server import Peer
from .udp import PeerServer
from .wire import decode as decode_frame
from .wire import full, iax, ie, ies, mini, trunk, video_mini

__all__ = [
    "Account", "Call", "Invitation", "Outgoing", "Peer", "PeerServer", "Quirks", "babble", "decode",
    "decode_frame", "encode", "full", "iax", "ie", "ies", "mini", "pieces", "tone", "trunk", "video_mini",
]  # fmt: skip
