"""Flash: the read-only tables of the firmware and the saved blobs, one file each."""

import os

_HERE = __file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__ else "."


class Store:
    """`tables`: folder of settings.txt and profiles.txt; `folder`: where blobs go, "" = memory."""

    def __init__(self, tables: str, folder: str) -> None:
        self._tables = tables or _HERE + "/../../firmware"
        self._folder = folder
        self._memory = {}

    def rows(self, table: str):
        """Yield the lines of a table, one in RAM at a time."""
        with open(self._tables + "/" + table + ".txt") as lines:
            for line in lines:
                yield line.rstrip("\r\n")

    def load(self, name: str) -> "bytes | None":
        """Return a saved blob, or None."""
        if not self._folder:
            return self._memory.get(name)
        try:
            with open(self._folder + "/" + name, "rb") as blob:
                return blob.read()
        except OSError:
            return None

    def save(self, name: str, data: bytes) -> bool:
        """Replace a blob: a new file first, then its name."""
        if not self._folder:
            self._memory[name] = bytes(data)
            return True
        path = self._folder + "/" + name
        try:
            with open(path + ".new", "wb") as blob:
                blob.write(data)
            os.rename(path + ".new", path)
        except OSError:
            return False
        return True
