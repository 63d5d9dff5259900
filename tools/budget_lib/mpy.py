"""Read a .mpy file (format 6) far enough to count what it holds, and to run its kernels: machine code, names.

The file is a header, a table of names, a table of objects, then a tree of functions; each function says its
kind and its length. The whole file must be used up exactly, or the reading is refused.
"""

from dataclasses import dataclass, field
from pathlib import Path

_BYTECODE, _NATIVE, _VIPER, _ASM = 2, 3, 4, 5
_FUN_TABLE, _TUPLE = 0, 10
_SINGLETONS = 5  # types 0 … 4 have no data; 5 and 6, str and bytes, end in a zero octet


@dataclass
class MpyCode:
    """What one module holds, in octets: byte code, machine code; and how many functions.

    names: its table of names, "" for one that the VM has anyway.  fun_table: where its table of objects holds
    the interpreter's own functions, -1 = nowhere.  kernels: the machine code of each viper function.
    """

    bytecode: int = 0
    native: int = 0
    functions: int = 0
    kinds: "list[int]" = field(default_factory=list)
    names: "list[str]" = field(default_factory=list)
    fun_table: int = -1
    kernels: "list[bytes]" = field(default_factory=list)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def skip(self, n: int) -> None:
        self.at += n
        if self.at > len(self.data):
            raise ValueError("ends too early")

    def uint(self) -> int:
        value = 0
        while True:
            octet = self.data[self.at]
            self.skip(1)
            value = value << 7 | octet & 0x7F
            if not octet & 0x80:
                return value

    def qstr(self) -> str:
        length = self.uint()
        if length & 1:  # a number in the VM's own table
            return ""
        at = self.at
        self.skip((length >> 1) + 1)
        return self.data[at : self.at - 1].decode()

    def obj(self) -> None:
        kind = self.data[self.at]
        self.skip(1)
        if kind < _SINGLETONS:
            return
        length = self.uint()
        if kind == _TUPLE:
            for _ in range(length):
                self.obj()
        else:
            self.skip(length + (kind in (5, 6)))

    def function(self, code: MpyCode) -> None:
        head = self.uint()
        kind = (head & 3) + _BYTECODE
        length = head >> 3
        self.skip(length)
        code.functions += 1
        code.kinds.append(kind)
        if kind == _BYTECODE:
            code.bytecode += length
        else:
            code.native += length
            if kind == _VIPER:
                code.kernels.append(self.data[self.at - length : self.at])
            for _ in range(3 if kind == _ASM else 1):  # prelude offset, or flags of the scope
                self.uint()
        if head & 4:
            for _ in range(self.uint()):
                self.function(code)


def read(path: Path) -> MpyCode:
    """Return the code of the .mpy file at `path`; raise ValueError if it is not one of format 6."""
    data = path.read_bytes()
    if data[:2] != b"M\x06":
        raise ValueError(f"{path.name}: not a .mpy file of format 6")
    reader = _Reader(data)
    reader.skip(4)
    if data[2] & 0x40:  # flags of the architecture follow
        reader.uint()
    n_qstr, n_obj = reader.uint(), reader.uint()
    code = MpyCode(names=[reader.qstr() for _ in range(n_qstr)])
    for at in range(n_obj):
        if data[reader.at] == _FUN_TABLE:
            code.fun_table = at
        reader.obj()
    reader.function(code)
    if reader.at != len(data):
        raise ValueError(f"{path.name}: {len(data) - reader.at} octets left over")
    return code
