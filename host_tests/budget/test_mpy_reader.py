"""The reader of .mpy files counts machine code where there is some, and nothing where there is none."""

import pytest

from tools import build
from tools.budget_lib import mpy, table

KERNEL = """
import micropython


@micropython.viper
def total(buf: ptr8, n: int) -> int:
    s = 0
    for i in range(n):
        s += buf[i]
    return s


def plain(a):
    return [a, "text", b"octets", 1.5, 1 << 40, (a, ("x", None))]
"""


@pytest.mark.parametrize("arch", ["xtensawin", "x86", "x64"])
def test_reader_uses_up_the_file_and_finds_the_kernel(tmp_path, arch):
    (tmp_path / "kernel.py").write_text(KERNEL)
    target = tmp_path / "kernel.mpy"
    wrong = build.compile_one(tmp_path / "kernel.py", arch, build.SHIP_OPT, target)
    assert wrong == ""
    code = mpy.read(target)
    assert code.functions == 3
    assert 40 < code.native < target.stat().st_size
    assert code.bytecode > 20


def test_reader_refuses_what_is_no_mpy_file(tmp_path):
    (tmp_path / "x.mpy").write_bytes(b"print(1)")
    with pytest.raises(ValueError, match="format 6"):
        mpy.read(tmp_path / "x.mpy")


def test_build_names_file_line_and_reason_of_an_error(tmp_path):
    (tmp_path / "wrong.py").write_text("x = 1\ny = = 2\n")
    wrong = build.compile_one(tmp_path / "wrong.py", "xtensawin", 3, tmp_path / "wrong.mpy")
    assert wrong.endswith(":2: SyntaxError: invalid syntax (for xtensawin)")


def test_table_goes_between_its_markers_and_comes_back(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{table.BEGIN}\nold | 1,234 |\n{table.END}\nafter\n")
    new = f"{table.BEGIN}\n| x | 5,678 | 9 |\n{table.END}"
    assert table.put_into(readme, new)
    assert readme.read_text() == f"before\n{new}\nafter\n"
    assert table.taken_from(readme) == new
    assert table.numbers(new) == [5678, 9]
    assert table.shape(new) == table.shape(new.replace("5,678", "5,700"))
