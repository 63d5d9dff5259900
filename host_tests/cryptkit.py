"""What the tests of encryption share: a bench whose account may encrypt, and a look through the cipher.

bench = secret_bench("require", peer_encryption="force")
"""

from bench import CoreBench, box_account

from iax.cipher import Secrecy
from peer.account import Account

CRYPT = {"off": 0, "allow": 1, "require": 2}


def secret_bench(encryption: str = "allow", peer_encryption: str = "yes", rotate_s: int = 0, **options):
    """Return a registered bench: our policy, the peer's (no, yes, force), and our own rotation."""
    account = Account("ata1", "pw1", encryption=peer_encryption)
    bench = CoreBench(accounts={"ata1": account}, **options)
    bench.account.crypt = CRYPT[encryption]
    bench.account.elements = box_account(encryption=encryption).elements
    if encryption != "off":
        bench.endpoint.parts.append(Secrecy(bench.endpoint, {0: rotate_s}))
    bench.register()
    return bench


def wire_sizes(bench: CoreBench, since_ms: float = 0) -> set[int]:
    """Return the lengths of all datagrams that left the box since then."""
    return {len(raw) for t_ms, raw in bench.sent if t_ms >= since_ms}
