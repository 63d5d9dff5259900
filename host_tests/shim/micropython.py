"""`micropython` for CPython, as far as the firmware uses it: const, viper, native and the heap lock.

`viper` casts its arguments by their annotations (ptr8, ptr16 and ptr32 become memoryview casts), so a kernel
runs unchanged, slowly, and more strictly than on the device: a store that does not fit its width raises, and
so does an index past the end. `ptr16` is unsigned and `ptr32` signed, as in viper. Importing this module puts
the four type names into `builtins`, because annotations are looked up when a function is defined.
"""

import builtins
from functools import wraps

_WIDTH = {"B": 1, "H": 2, "i": 4}


def const(value):
    """Return `value`; MicroPython folds it into the code."""
    return value


def native(function):
    """Return `function` unchanged."""
    return function


def _cast(buf, code):
    view = buf if isinstance(buf, memoryview) else memoryview(buf)
    if view.format == code:
        return view
    if view.format != "B":
        view = view.cast("B")
    whole = len(view) // _WIDTH[code] * _WIDTH[code]
    return view[:whole].cast(code) if code != "B" else view


def ptr8(buf):
    """View any buffer as unsigned octets."""
    return _cast(buf, "B")


def ptr16(buf):
    """View any buffer as unsigned 16-bit words of this machine's order."""
    return _cast(buf, "H")


def ptr32(buf):
    """View any buffer as signed 32-bit words of this machine's order."""
    return _cast(buf, "i")


def uint(value):
    """Return `value` modulo 2**32."""
    return value & 0xFFFFFFFF


builtins.ptr8 = ptr8  # type: ignore[attr-defined]
builtins.ptr16 = ptr16  # type: ignore[attr-defined]
builtins.ptr32 = ptr32  # type: ignore[attr-defined]
builtins.uint = uint  # type: ignore[attr-defined]

_CASTS = {ptr8: ptr8, ptr16: ptr16, ptr32: ptr32, uint: uint, int: int, bool: bool}
_CASTS.update({"ptr8": ptr8, "ptr16": ptr16, "ptr32": ptr32, "uint": uint, "int": int, "bool": bool})


def viper(function):
    """Wrap `function` so that each argument is cast by its annotation; refuse what viper refuses."""
    code = function.__code__
    if function.__defaults__ or function.__kwdefaults__ or code.co_flags & 0x0C:
        raise TypeError(f"viper: {function.__name__} has default, * or ** arguments")
    hints = function.__annotations__
    names = code.co_varnames[: code.co_argcount]
    casts = [(at, _CASTS[hints[name]]) for at, name in enumerate(names) if hints.get(name) in _CASTS]

    @wraps(function)
    def cast_and_call(*args):
        values = list(args)
        for at, cast in casts:
            values[at] = cast(values[at])
        return function(*values)

    return cast_and_call


_locks: "list[bool]" = []


def heap_lock():
    """Count a lock; CPython cannot lock its heap."""
    _locks.append(True)
    return len(_locks)


def heap_unlock():
    """Take one lock back; return how many are left."""
    if _locks:
        _locks.pop()
    return len(_locks)


def heap_locked():
    """Return how many locks are held."""
    return len(_locks)


def kbd_intr(char):
    """Do nothing: Ctrl-C keeps its meaning here."""


def schedule(function, arg):
    """Call `function(arg)` at once: there is no interrupt to come back from."""
    function(arg)


def opt_level(level=0):
    """Return 0: assertions stay."""
    return 0


def alloc_emergency_exception_buf(size):
    """Do nothing: CPython has memory for its exceptions."""
