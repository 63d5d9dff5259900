"""The model of the board's CPU: a kernel gives there what it gives on CPython, and costs what it costs."""

import re
import subprocess
from array import array

import micropython
import need
import pytest

from tools import build
from tools.budget_lib import jobs, kernels, machine, mpy, xtensa

HEAD = "import micropython\n\n\n@micropython.viper\n"
EMPTY_LOOP = HEAD + "def f(n: int) -> int:\n    while n:\n        n -= 1\n    return n\n"
ARITHMETIC = f"""{HEAD}def f(a: int, b: int, n: int) -> int:
    c = (a * b ^ a >> 3) & (b << n | 0x55) - (a >> n)
    if a < b:
        c = -c
    if a >= b or c == 7:
        c += 1
    if not a & 1 and b != 5:
        c ^= 1023
    return c & 0x3FFFFFFF
"""
MEMORY = f"""{HEAD}def f(o: ptr8, h: ptr16, w: ptr32, n: int):
    i = 0
    while i < n:
        o[i] = o[i] + i & 255
        h[i] = h[i] ^ 0x8001
        w[i] = w[i] * 3 + h[i] - o[i]
        i += 1
"""


def compiled(tmp_path, source, at=0):
    """The kernel on the model, and as CPython has it."""
    (tmp_path / "k.py").write_text(source)
    assert build.compile_one(tmp_path / "k.py", "xtensawin", build.SHIP_OPT, tmp_path / "k.mpy") == ""
    code = mpy.read(tmp_path / "k.mpy")
    home = {"micropython": micropython}
    exec(source, home)
    return machine.Kernel(code.kernels[at], code.names, code.fun_table, home), home["f"]


@pytest.fixture(scope="module")
def counted():
    return kernels.count()


@pytest.fixture(scope="module")
def arithmetic(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("k"), ARITHMETIC)


def test_every_kernel_of_the_firmware_is_counted(counted):
    """And none did anything else on the model than on CPython, or counting would have said so."""
    assert sorted(counted.kernels) == sorted(
        f"{module}.{name}" for module, path in kernels.sources().items() for name in kernels.names_in(path)
    )
    for name, figures in counted.kernels.items():
        assert figures.calls >= 1, name
        assert 10 * 160 < figures.frame < kernels.FRAME_MOST / 20, name


def test_g711_costs_about_what_an_emulated_esp32_needed(counted):
    """34 instructions a sample for a bare table look-up, not unrolled; the laws' arithmetic is more."""
    for name in ("encode_ulaw", "encode_alaw", "decode_ulaw", "decode_alaw"):
        assert 34 < counted.kernels[f"dsp.g711.{name}"].frame / 160 < 120


def test_a_loop_costs_the_same_each_turn(tmp_path):
    kernel, _ = compiled(tmp_path, EMPTY_LOOP)
    costs = [machine.run(kernel, (n,)).count for n in (0, 1, 2, 100)]
    turn = costs[1] - costs[0]
    assert 3 <= turn <= 12
    assert costs[2] - costs[1] == turn
    assert costs[3] - costs[0] == 100 * turn


@pytest.mark.parametrize("a", [0, 1, -1, 6, -32768, 32767])
@pytest.mark.parametrize("b", [0, 5, -7, 21845, -30000])
@pytest.mark.parametrize("n", [0, 1, 13])
def test_arithmetic_is_that_of_cpython(arithmetic, a, b, n):
    kernel, plain = arithmetic
    assert machine.run(kernel, (a, b, n)).result == plain(a, b, n)


def test_memory_of_all_three_widths_is_that_of_cpython(tmp_path):
    kernel, plain = compiled(tmp_path, MEMORY)
    args = (
        bytearray(range(250, 256)) + bytearray(4),
        array("H", range(65530, 65536)),
        array("i", range(-3, 3)),
    )
    run = machine.run(kernel, (*args, 6))
    plain(*args, 6)
    assert run.result is None
    assert [after for _, after in run.left] == [bytes(arg) for arg in args]


def test_a_difference_between_source_and_machine_code_is_found(monkeypatch):
    real = machine.run

    def wrong(kernel, args):
        done = real(kernel, args)
        done.left = [(buf, bytes(len(after))) for buf, after in done.left]
        return done

    monkeypatch.setattr(machine, "run", wrong)
    with pytest.raises(kernels.KernelError, match="something else than its source"):
        kernels.count({"four tones": jobs.JOBS["four tones"]})


def test_a_kernel_that_no_job_calls_is_named(monkeypatch):
    monkeypatch.setattr(jobs, "JOBS", {"four tones": jobs.JOBS["four tones"]})
    with pytest.raises(kernels.KernelError, match=r"calls .*dsp\.g711\.encode_ulaw"):
        kernels.count()


def test_kernels_are_themselves_again_after_counting():
    from dsp import g711

    plain = g711.encode_ulaw
    kernels.count({"voice, µ-law": jobs.JOBS["voice, µ-law"]})
    assert g711.encode_ulaw is plain


def test_a_job_costs_what_its_kernels_cost_together(counted):
    for job, total in counted.jobs.items():
        alone = [figures.frame for figures in counted.kernels.values() if figures.job == job]
        assert max(alone, default=0) <= total <= sum(figures.frame for figures in counted.kernels.values())
    assert list(counted.jobs) == list(jobs.JOBS)


def test_unknown_instruction_is_refused():
    with pytest.raises(xtensa.Unknown, match="instruction"):
        xtensa.decode(bytearray(b"\x03\x00\x00"), 0)


def test_instructions_lie_where_the_binutils_see_them(monkeypatch, tmp_path):
    tool = need.program("xtensa-lx106-elf-objdump")
    real = machine.run
    seen = {}

    def remember(kernel, args):
        done = real(kernel, args)
        seen.setdefault(kernel.code, set()).update(done.seen)
        return done

    monkeypatch.setattr(machine, "run", remember)
    kernels.count()
    assert len(seen) >= 10
    for code, addresses in seen.items():
        (tmp_path / "code").write_bytes(code)
        start = (int.from_bytes(code[:3], "little") >> 6) + 4  # over the constants
        command = [tool, "-b", "binary", "-m", "xtensa", "-D", f"--start-address={start}"]
        said = subprocess.run(
            [*command, tmp_path / "code"], capture_output=True, text=True, check=True
        ).stdout
        listed = {
            int(line.split(":")[0], 16) for line in said.splitlines() if re.match(r" +[0-9a-f]+:\t", line)
        }
        assert addresses - {0} <= listed
