"""The settings: typed values over the defaults of settings.txt, one row of which is in RAM at a time.

Whoever needs a setting is given its value; only setup.py asks this file, when the box starts. What a
person types goes through typed.py, which is loaded then and not before.
"""

from micropython import const

_TYPE = const(1)  # columns of settings.txt
_DEFAULT = const(5)
_LAST_ACCOUNT = "4"


class Config:
    """Overrides live in RAM; a setting nobody touched costs none."""

    def __init__(self, store: object) -> None:
        """store: the HAL's; its table "settings" is read here, the others by typed.py."""
        self._store = store
        self._values: dict = {}

    def get(self, name: str) -> "str | int | bool":
        """Return the value of a setting that exists: the one set, else the default of the table."""
        if name in self._values:
            return self._values[name]
        row = self._row(name)
        assert row, "no such setting: " + name
        text = row[_DEFAULT]
        if row[_TYPE] == "int":
            return int(text)
        return text == "on" if row[_TYPE] == "bool" else text

    def set(self, name: str, text: str) -> str:
        """Give a setting the value that `text` says; return "" or why not, in one line; then nothing changed.

        int: decimal digits.  bool: on/off, yes/no, true/false, 1/0.  list: names and commas, best first.
        """
        import typed

        row = self._row(name)
        if not row:
            return typed.unknown(name, self._store)
        try:
            self._values[name] = typed.value(row, text.strip(), self._store)
        except ValueError as err:
            return name + ": " + str(err)
        return ""

    def _row(self, name: str) -> "list[str] | None":
        """Return the columns of a setting; "account.1.user" stands as "account.N.user" in the table."""
        if name.startswith("account."):
            number, _, last = name[8:].partition(".")
            if len(number) != 1 or not "1" <= number <= _LAST_ACCOUNT:
                return None
            name = "account.N." + last
        elif "|" in name or name[:1] == "#":
            return None
        row = None
        for line in self._store.rows("settings"):  # type: ignore[attr-defined]
            if line.startswith(name + "|"):
                row = line.split("|", 8)
        return row  # only now: the table is read to its end, so that the store can close it
