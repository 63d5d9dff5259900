"""`python -m host_tests.peer`: the test peer as a UDP server, one line per full frame."""

import argparse
import sys
import time

from .server import Peer
from .udp import PeerServer


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted; return an exit status."""
    options = _parser().parse_args(argv)
    accounts: dict[str, str] = {}
    for text in options.user or ["ata1:pw1"]:
        name, _, accounts[name] = text.partition(":")
    peer = Peer(
        options.seed, accounts, calltoken=options.calltoken, inval=options.inval, epoch_s=time.time(),
        keep_voice=False, log_minis=False,
    )  # fmt: skip
    if options.loss:
        peer.faults.lose(options.loss, way="both")
    try:
        server = PeerServer(peer, options.host, options.port)
    except OSError as error:
        print("peer: cannot use %s:%d: %s" % (options.host, options.port, error.strerror), file=sys.stderr)
        return 2
    print("peer: UDP %s:%d, accounts %s" % (options.host, server.port, ", ".join(accounts)), flush=True)
    try:
        _serve(server, options.quiet)
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m host_tests.peer", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4569)
    parser.add_argument("--user", action="append", metavar="NAME:SECRET", help="default ata1:pw1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calltoken", choices=("yes", "no"), default="yes")
    parser.add_argument("--inval", choices=("silent", "yate"), default="silent")
    parser.add_argument("--loss", type=float, default=0.0, metavar="PERCENT", help="lose datagrams both ways")
    parser.add_argument("--quiet", action="store_true", help="do not print frames")
    return parser


def _serve(server: PeerServer, quiet: bool) -> None:
    peer = server.peer
    while True:
        server.turn()
        for frame in [] if quiet else peer.log:
            print(line_of(frame), flush=True)
        peer.log.clear()


def line_of(frame: dict) -> str:
    """Return one readable line for a logged frame."""
    text = "%10.1f %-3s %-18s" % (frame["t"], frame["way"], frame["name"])
    if frame["kind"] == "full":
        text += " %5d>%-5d ts %-8d o%d i%d" % tuple(frame[k] for k in ("src", "dst", "ts", "oseq", "iseq"))
        text += " R" if frame["r"] else ""
        text += "".join(" %s=%r" % pair for pair in frame.get("ie", {}).items() if "RESULT" not in pair[0])
    return text + (" [%s]" % ",".join(frame["faults"]) if frame["faults"] else "")


if __name__ == "__main__":
    sys.exit(main())
