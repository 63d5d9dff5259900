"""The flash of the stub: saved blobs, the tables of the firmware, and a power cut at the Nth write."""

_HERE = __file__.replace("\\", "/").rsplit("/", 1)[0]
_FIRMWARE = _HERE + "/../../firmware/"


class PowerCut(Exception):
    """The power went away in the middle of a write; nothing after it happened."""


class Store:
    """A save is two writes, a new copy and then its name, so `cut_at` = 1 leaves the old blob and 2 too.

    `cut_at` counts writes from now; 0 never cuts. After a cut every call raises until `reboot()`.
    """

    def __init__(self) -> None:
        self.blobs: "dict[str, bytes]" = {}
        self.tables: "dict[str, list[str]]" = {}
        self.cut_at = 0
        self.off = False
        self.full = False
        self.n_writes = 0

    def rows(self, table: str):
        """Yield the lines of a table: those of `tables`, else of firmware/<table>.txt."""
        if table in self.tables:
            yield from self.tables[table]
            return
        with open(_FIRMWARE + table + ".txt") as lines:
            for line in lines:
                yield line.rstrip("\n")

    def load(self, name: str) -> "bytes | None":
        """Return the saved blob, or None."""
        self._powered()
        return self.blobs.get(name)

    def save(self, name: str, data: bytes) -> bool:
        """Replace a blob; False while `full` is set."""
        self._powered()
        if self.full:
            return False
        self._write()  # the new copy, under another name
        self._write()  # the name
        self.blobs[name] = bytes(data)
        return True

    def reboot(self) -> None:
        """Bring the power back."""
        self.off = False
        self.cut_at = 0

    def _write(self) -> None:
        self.n_writes += 1
        if self.cut_at > 0:
            self.cut_at -= 1
            if not self.cut_at:
                self.off = True
                raise PowerCut

    def _powered(self) -> None:
        if self.off:
            raise PowerCut
