"""A small model of the Xtensa LX6: runs what mpy-cross makes of a kernel, and counts its instructions.

It knows the integer instructions that the compiler's viper emitter uses and refuses all others (Xtensa ISA
Reference Manual, formats RRR, RRI8, RI16, CALL, BRI8, BRI12, RRRN, RI7). Windows of registers are not
turned: a kernel calls nothing but the interpreter, which is played by a Python function.
"""

import struct
from collections.abc import Callable

_WORD = 0xFFFFFFFF
_SIGN = 0x80000000
_B4 = (-1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256)  # constants of BEQI and its sisters
_A1_STACK = 1
RETURNED = -1
Step = Callable[["Cpu"], int]  # does one instruction and returns where the next one lies


class Unknown(Exception):
    """The code holds what this model does not know."""


def signed(value: int) -> int:
    """Return a 32-bit word as the number it stands for."""
    return (value ^ _SIGN) - _SIGN


def _extend(value: int, bits: int) -> int:
    return (value ^ 1 << bits - 1) - (1 << bits - 1)


# (op1, op2) of QRST → result of s and t and the shift amount register
_ALU: "dict[tuple[int, int], Callable[[int, int, int], int]]" = {
    (0, 1): lambda s, t, sar: s & t,
    (0, 2): lambda s, t, sar: s | t,
    (0, 3): lambda s, t, sar: s ^ t,
    (0, 8): lambda s, t, sar: s + t,
    (0, 9): lambda s, t, sar: (s << 1) + t,
    (0, 10): lambda s, t, sar: (s << 2) + t,
    (0, 11): lambda s, t, sar: (s << 3) + t,
    (0, 12): lambda s, t, sar: s - t,
    (1, 9): lambda s, t, sar: t >> sar,
    (1, 10): lambda s, t, sar: s << 32 - sar,
    (1, 11): lambda s, t, sar: signed(t) >> sar,
    (2, 8): lambda s, t, sar: s * t,
}
# r of the B format, and r of BZ by its m: whether to go
_BRANCH: "dict[int, Callable[[int, int], bool]]" = {
    0: lambda s, t: not s & t,
    1: lambda s, t: s == t,
    2: lambda s, t: signed(s) < signed(t),
    3: lambda s, t: s < t,
    8: lambda s, t: bool(s & t),
    9: lambda s, t: s != t,
    10: lambda s, t: signed(s) >= signed(t),
    11: lambda s, t: s >= t,
}
_ZERO: "tuple[Callable[[int, int], bool], ...]" = (
    _BRANCH[1],
    _BRANCH[9],
    _BRANCH[2],
    _BRANCH[10],
)  # BEQZ BNEZ BLTZ BGEZ, and BEQI … with a constant
_LOAD = {0: ("<B", 0), 1: ("<H", 1), 2: ("<I", 2), 9: ("<h", 1)}
_STORE = {4: ("<B", 0, 0xFF), 5: ("<H", 1, 0xFFFF), 6: ("<I", 2, _WORD)}


class Cpu:
    """Registers, memory and a count. `helper(cpu, number)` plays the interpreter's functions."""

    def __init__(self, memory: bytearray, helper: "Callable[[Cpu, int], None]", helpers_at: int) -> None:
        self.memory = memory
        self.helper = helper
        self.helpers_at = helpers_at  # a call to this address plus n is one of helper n
        self.a = [0] * 16
        self.sar = 0
        self.count = 0
        self.steps: "dict[int, Step]" = {}  # each instruction that was done, by its address

    def run(self, pc: int, limit: int = 20_000_000) -> None:
        """Run from `pc` until the function returns; raise Unknown beyond `limit` instructions."""
        steps = self.steps
        while pc != RETURNED:
            step = steps.get(pc)
            if step is None:
                step = steps[pc] = decode(self.memory, pc)
            pc = step(self)
            self.count += 1
            if self.count > limit:
                raise Unknown(f"no end after {limit:,} instructions")


def decode(memory: bytearray, pc: int) -> Step:
    """Return the instruction at `pc`, ready to be done."""
    word = int.from_bytes(memory[pc : pc + 3], "little")
    make = _FORMATS.get(word & 15)
    step = make(word, pc, word >> 12 & 15, word >> 8 & 15, word >> 4 & 15) if make else None
    if step is None:
        raise Unknown(f"instruction {word:06x} at {pc:#x}")
    return step


def _set(to: int, value: "Callable[[Cpu], int]", following: int) -> Step:
    def step(cpu: Cpu) -> int:
        cpu.a[to] = value(cpu) & _WORD
        return following

    return step


def _load(to: int, base: int, offset: int, form: str, following: int) -> Step:
    read = struct.Struct(form).unpack_from
    width = struct.calcsize(form)

    def step(cpu: Cpu) -> int:
        at = cpu.a[base] + offset & _WORD
        if at % width:
            raise Unknown(f"load of {width} octets from the odd address {at:#x}")
        cpu.a[to] = read(cpu.memory, at)[0] & _WORD
        return following

    return step


def _store(value: int, base: int, offset: int, form: str, mask: int, following: int) -> Step:
    write = struct.Struct(form).pack_into
    width = struct.calcsize(form)

    def step(cpu: Cpu) -> int:
        at = cpu.a[base] + offset & _WORD
        if at % width:
            raise Unknown(f"store of {width} octets to the odd address {at:#x}")
        write(cpu.memory, at, cpu.a[value] & mask)
        return following

    return step


def _go_if(
    s: int, t: "int | None", constant: int, test: "Callable[[int, int], bool]", way: "tuple[int, int]"
) -> Step:
    """Compare register s with register t, or with a constant; `way` is (where to, where else)."""

    def step(cpu: Cpu) -> int:
        return way[0] if test(cpu.a[s], constant if t is None else cpu.a[t]) else way[1]

    return step


def _qrst(word: int, pc: int, r: int, s: int, t: int) -> "Step | None":
    op1, op2 = word >> 16 & 15, word >> 20
    alu = _ALU.get((op1, op2))
    if alu:
        return _set(r, lambda cpu: alu(cpu.a[s], cpu.a[t], cpu.sar), pc + 3)
    if op1 in (4, 5):  # EXTUI
        shift, mask = (op1 & 1) << 4 | s, (2 << op2) - 1
        return _set(r, lambda cpu: cpu.a[t] >> shift & mask, pc + 3)
    if op1 == 1:
        return _shift(op2, pc, r, s, t)
    if op1 == 0:
        return _special(op2, pc, r, s, t)
    return None


def _shift(op2: int, pc: int, r: int, s: int, t: int) -> "Step | None":
    if op2 in (0, 1):  # SLLI
        left = 32 - ((op2 & 1) << 4 | t)
        return _set(r, lambda cpu: cpu.a[s] << left, pc + 3)
    if op2 in (2, 3):  # SRAI
        right = (op2 & 1) << 4 | s
        return _set(r, lambda cpu: signed(cpu.a[t]) >> right, pc + 3)
    if op2 == 4:  # SRLI
        return _set(r, lambda cpu: cpu.a[t] >> s, pc + 3)
    return None


def _special(op2: int, pc: int, r: int, s: int, t: int) -> "Step | None":
    def set_shift(cpu: Cpu) -> int:
        cpu.sar = cpu.a[s] & 31 if r == 0 else 32 - (cpu.a[s] & 31)
        return pc + 3

    def call(cpu: Cpu) -> int:
        cpu.helper(cpu, cpu.a[s] - cpu.helpers_at)
        return pc + 3

    if op2 == 0 and r == 0:
        return {0xE: call, 0x9: lambda cpu: RETURNED}.get(t)  # CALLX8, RETW
    if op2 == 4 and r in (0, 1):  # SSR, SSL
        return set_shift
    if op2 == 6 and s == 0:  # NEG
        return _set(r, lambda cpu: -cpu.a[t], pc + 3)
    return None


def _l32r(word: int, pc: int, r: int, s: int, t: int) -> Step:
    at = (pc + 3 & ~3) + ((word >> 8) - 0x10000 << 2)
    return _set(t, lambda cpu: struct.unpack_from("<I", cpu.memory, at)[0], pc + 3)


def _lsai(word: int, pc: int, r: int, s: int, t: int) -> "Step | None":
    octet = word >> 16
    if r in _LOAD:
        form, scale = _LOAD[r]
        return _load(t, s, octet << scale, form, pc + 3)
    if r in _STORE:
        form, scale, mask = _STORE[r]
        return _store(t, s, octet << scale, form, mask, pc + 3)
    if r == 10:  # MOVI
        number = _extend(s << 8 | octet, 12)
        return _set(t, lambda cpu: number, pc + 3)
    if r in (12, 13):  # ADDI, ADDMI
        number = _extend(octet, 8) << (8 if r == 13 else 0)
        return _set(t, lambda cpu: cpu.a[s] + number, pc + 3)
    return None


def _si(word: int, pc: int, r: int, s: int, t: int) -> "Step | None":
    n, m = t & 3, t >> 2
    if n == 0:  # J
        target = pc + 4 + _extend(word >> 6, 18)
        return lambda cpu: target
    if n == 1:  # BEQZ …
        return _go_if(s, None, 0, _ZERO[m], (pc + 4 + _extend(word >> 12, 12), pc + 3))
    if n == 2:  # BEQI …
        return _go_if(s, None, _B4[r] & _WORD, _ZERO[m], (pc + 4 + _extend(word >> 16, 8), pc + 3))
    if m == 0:  # ENTRY
        return _set(_A1_STACK, lambda cpu: cpu.a[s] - (word >> 12 << 3), pc + 3)
    return None


def _branch(word: int, pc: int, r: int, s: int, t: int) -> "Step | None":
    test = _BRANCH.get(r)
    return test and _go_if(s, t, 0, test, (pc + 4 + _extend(word >> 16, 8), pc + 3))


def _st2(word: int, pc: int, r: int, s: int, t: int) -> Step:
    if t & 8 == 0:  # MOVI.N
        number = (t & 7) << 4 | r
        number -= 128 if number >= 96 else 0
        return _set(s, lambda cpu: number, pc + 2)
    return _go_if(s, None, 0, _ZERO[t >> 2 & 1], (pc + 4 + ((t & 3) << 4 | r), pc + 2))


def _st3(word: int, pc: int, r: int, s: int, t: int) -> "Step | None":
    if r == 0:  # MOV.N
        return _set(t, lambda cpu: cpu.a[s], pc + 2)
    if r == 15 and t in (1, 3):  # RETW.N, NOP.N
        return lambda cpu: RETURNED if t == 1 else pc + 2
    return None


_FORMATS: "dict[int, Callable[[int, int, int, int, int], Step | None]]" = {
    0: _qrst,
    1: _l32r,
    2: _lsai,
    6: _si,
    7: _branch,
    8: lambda word, pc, r, s, t: _load(t, s, r << 2, "<I", pc + 2),
    9: lambda word, pc, r, s, t: _store(t, s, r << 2, "<I", _WORD, pc + 2),
    10: lambda word, pc, r, s, t: _set(r, lambda cpu: cpu.a[s] + cpu.a[t], pc + 2),
    11: lambda word, pc, r, s, t: _set(r, lambda cpu: cpu.a[s] + (t or -1), pc + 2),
    12: _st2,
    13: _st3,
}
