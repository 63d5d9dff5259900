"""One call of a kernel on the model CPU: memory laid out as the interpreter does it, its functions played.

mpy-cross makes a viper function find its names and the interpreter's functions through its own function
object (a2): context, table of names, table of objects. The arguments come as objects, which it has converted
one by one.
"""

import struct
from array import array
from dataclasses import dataclass, field

from tools.budget_lib import xtensa

_FUN_TABLE, _OBJ_TABLE, _NAMES, _CONTEXT, _SELF, _ARGS = 0x100, 0x400, 0x800, 0xC00, 0xC40, 0xC80
_CODE, _STACK, _HEAP, _SIZE = 0x1000, 0xFF00, 0x10000, 0x40000
_HELPERS = 0x7F0000  # where the interpreter's functions would lie

# Places in the interpreter's table of functions (py/nativeglue.h) that a kernel's frame uses.
_NONE, _FALSE, _TRUE = 0, 1, 2
_FROM_OBJ, _TO_OBJ, _SWAP_GLOBALS, _LOAD_GLOBAL = 3, 4, 5, 7
_NLR_PUSH, _NLR_POP, _SETJMP = 32, 33, 49
_BOOL, _INT = 1, 2

Memory = (bytes, bytearray, memoryview, array)


@dataclass
class Kernel:
    """One viper function: its machine code, its module's names as compiled, and its module's globals."""

    code: bytes
    names: "list[str]"
    fun_table: int
    home: dict


@dataclass
class Run:
    """What one call did: instructions, the result, and [(buffer, what it holds then)].

    seen: where in the code the instructions lie that were done.
    """

    count: int = 0
    result: object = None
    left: "list[tuple[bytearray | memoryview | array, bytes]]" = field(default_factory=list)
    seen: "set[int]" = field(default_factory=set)


class _Vm:
    """The interpreter's side of one call. An object is a number: its place in `objects`."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.memory = bytearray(_SIZE)
        self.objects: "list[object]" = [None, False, True]
        self.lent: "dict[int, tuple[int, object]]" = {}  # id → address, buffer
        self.free = _HEAP
        self._play = {
            _FROM_OBJ: self._from_obj,
            _TO_OBJ: self._to_obj,
            _SWAP_GLOBALS: lambda cpu: 1,  # called from another module
            _LOAD_GLOBAL: lambda cpu: self.hold(kernel.home[kernel.names[cpu.a[10]]]),
            _NLR_PUSH: lambda cpu: 0,
            _NLR_POP: lambda cpu: 0,
            _SETJMP: lambda cpu: 0,
        }

    def words(self, at: int, *values: int) -> None:
        """Put 32-bit words at an address."""
        struct.pack_into(f"<{len(values)}I", self.memory, at, *values)

    def hold(self, value: object) -> int:
        """Return the number of an object."""
        self.objects.append(value)
        return len(self.objects) - 1

    def lend(self, value: "bytes | bytearray | memoryview | array") -> int:
        """Return where a buffer lies; the same buffer always lies in the same place."""
        if id(value) not in self.lent:
            data = memoryview(value).cast("B")
            self.memory[self.free : self.free + len(data)] = data
            self.lent[id(value)] = (self.free, value)
            self.free += len(data) + 31 & ~15
        return self.lent[id(value)][0]

    def help(self, cpu: xtensa.Cpu, number: int) -> None:
        """Do what the interpreter's function `number` does for the CPU."""
        if number not in self._play:
            raise xtensa.Unknown(f"the kernel calls function {number} of the interpreter")
        cpu.a[10] = self._play[number](cpu) & 0xFFFFFFFF

    def _from_obj(self, cpu: xtensa.Cpu) -> int:
        value = self.objects[cpu.a[10]]
        if isinstance(value, Memory):
            return self.lend(value)
        if isinstance(value, int):
            return value
        raise xtensa.Unknown(f"argument {value!r}")

    def _to_obj(self, cpu: xtensa.Cpu) -> int:
        word, kind = cpu.a[10], cpu.a[11]
        return self.hold(bool(word) if kind == _BOOL else xtensa.signed(word) if kind == _INT else word)


def run(kernel: Kernel, args: tuple) -> Run:
    """Call the kernel with `args` (integers and buffers, which stay as they are); return what it did."""
    vm = _Vm(kernel)
    vm.memory[_CODE : _CODE + len(kernel.code)] = kernel.code
    vm.words(_FUN_TABLE, _NONE, _FALSE, _TRUE, *(_HELPERS + n for n in range(3, 100)))
    vm.words(_OBJ_TABLE + 4 * kernel.fun_table, _FUN_TABLE)
    struct.pack_into(f"<{len(kernel.names)}H", vm.memory, _NAMES, *range(len(kernel.names)))
    vm.words(_CONTEXT, 0, 0, _NAMES, _OBJ_TABLE)
    vm.words(_SELF, 0, _CONTEXT)
    vm.words(_ARGS, *(vm.hold(arg) for arg in args))
    cpu = xtensa.Cpu(vm.memory, vm.help, _HELPERS)
    cpu.a[1:6] = _STACK, _SELF, len(args), 0, _ARGS
    cpu.run(_CODE)
    done = Run(cpu.count, vm.objects[cpu.a[2]], seen={pc - _CODE for pc in cpu.steps})
    for at, value in vm.lent.values():
        if isinstance(value, (bytearray, memoryview, array)):
            size = memoryview(value).nbytes
            done.left.append((value, bytes(vm.memory[at : at + size])))
    return done
