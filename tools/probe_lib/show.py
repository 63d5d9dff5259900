"""What a live command prints: frames and events, for people or as JSON, and a capture file of it all."""

import json
import sys
import time
from pathlib import Path

from tools.vphone_lib.pcap import Pcap

from . import lines
from .core import Core
from .dissect import dissect, veil
from .lines import Address
from .socket_io import Net
from .told import UsageError


class Show:
    """Hears the core and prints. frames: full frames too.  minis: voice without header too."""

    def __init__(self, frames: bool, minis: bool, as_json: bool, capture: str) -> None:
        self._frames = frames or minis
        self._minis = minis
        self._as_json = as_json
        self._core: "Core | None" = None
        self._local: "dict[Address, Address]" = {}
        try:
            self._capture = Pcap(Path(capture) if capture else None, time.time())
        except OSError as error:
            raise UsageError(f"{capture}: {error.strerror}") from None

    def follow(self, core: Core) -> None:
        """Print what this core sends and receives."""
        self._core = core
        core.on_frame = self._frame
        self._local = {address: _local(core.net, index) for index, address in core.net.peers.items()}

    @property
    def _t_s(self) -> float:
        return self._core.t_s if self._core else 0.0

    def _frame(self, way: str, address: Address, octets: bytes, encrypted: bool) -> None:
        here = self._local.get(address, ("0.0.0.0", 0))
        ends = (here, address) if way == "out" else (address, here)
        if ":" not in address[0]:
            self._capture.put(self._t_s * 1000, *ends, octets)
        if not self._frames:
            return
        frame = veil(octets) if encrypted else dissect(octets)
        if frame["kind"] == "mini" and not self._minis:
            return
        if self._as_json:
            print(
                lines.as_json(frame, t_s=round(self._t_s, 6), way=way, peer=lines.place(address)), flush=True
            )
        else:
            arrow = ">" if way == "out" else "<"
            print(lines.as_line(frame, f"{self._t_s:9.3f} {arrow} {lines.place(address)}  "), flush=True)

    def event(self, what: str, words: str, **fields: object) -> None:
        """Tell what happened: `words` for people, `what` and fields for programs."""
        if self._as_json:
            print(json.dumps({"t_s": round(self._t_s, 6), "event": what, **fields}), flush=True)
        else:
            print(f"{self._t_s:9.3f} {words}", flush=True)

    def summary(self, words: str, **fields: object) -> None:
        """Tell a result at the end."""
        print(json.dumps({"event": "summary", **fields}) if self._as_json else words, flush=True)

    def close(self) -> None:
        """Finish the capture."""
        self._capture.close()


def _local(net: Net, index: int) -> Address:
    return net.local(index)


def complain(text: str) -> None:
    """Say what went wrong, in one line."""
    print(f"iaxprobe: {text}", file=sys.stderr, flush=True)
