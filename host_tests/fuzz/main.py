"""`make fuzz`: FUZZ_S seconds of attacks, by atheris where it can be had, else by our own loop.

    python host_tests/fuzz/main.py --seconds 900 --out build/fuzz
    python host_tests/fuzz/main.py --replay build/fuzz/crash-….bin

A program that breaks a law is written to a file, and the command that runs it again is printed. Exit status:
0 clean, 1 a law was broken, 2 wrong usage.
"""

import argparse
import hashlib
import random
import subprocess
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.dont_write_bytecode = True
for _folder in (HERE.parent, HERE.parent / "shim", ROOT, ROOT / "firmware"):
    sys.path.insert(0, str(_folder))

import micropython  # noqa: F401  the shim
from fuzz import engine

ROOMS = ["iax", "failover", "ticks"]
TELL_S = 10


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--seed", type=int, default=0, help="0 = another one each time")
    parser.add_argument(
        "--out", type=Path, default=Path("build/fuzz"), help="where crashes and the corpus go"
    )
    parser.add_argument("--engine", choices=("auto", "atheris", "own"), default="auto")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one program, and say what it does")
    return parser


def tell(words: str) -> None:
    """Print progress at once."""
    print(f"fuzz: {words}", flush=True)


def replay(path: Path) -> int:
    """Run one program with every step told."""
    from fuzz import program

    octets = path.read_bytes()
    plan = program.parse(octets)
    tell(f"scene {program.SCENES[plan.scene].__name__}, variant {plan.variant:#04x}")
    for op in plan.ops:
        tell(f"  {op}")
    try:
        program.run(octets)
    except Exception:
        traceback.print_exc()
        return 1
    tell("no law broken")
    return 0


def keep(folder: Path, octets: bytes, problem: BaseException) -> Path:
    """Write a program that broke a law, and print what it broke and how to run it again."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crash-{hashlib.sha256(octets).hexdigest()[:12]}.bin"
    path.write_bytes(octets)
    traceback.print_exception(problem)
    tell(f"a law is broken: {type(problem).__name__}: {problem}")
    tell(f"again: sh tools/env.sh host_tests/fuzz/main.py --replay {path}")
    return path


def own(given: argparse.Namespace) -> int:
    """Fuzz with our own loop."""
    from fuzz import guided, mutate, program

    seeds = list(mutate.seeds())
    random.Random(given.seed).shuffle(seeds)
    tell(f"our own loop, seed {given.seed}, {given.seconds:.0f} s")
    try:
        runs, lines = guided.fuzz(program.run, seeds, mutate.mutate, given.seconds, given.seed, tell)
    except guided.Crash as crash:
        keep(given.out, crash.program, crash.__cause__ or crash)
        return 1
    tell(f"clean: {runs} programs, {lines} lines of the core ran")
    return 0


def by_atheris(given: argparse.Namespace, atheris: object) -> int:
    """Fuzz with atheris (libFuzzer); it does not return, but ends the process."""
    with atheris.instrument_imports(include=ROOMS, enable_loader_override=False):  # type: ignore[attr-defined]
        from fuzz import mutate, program
    folder = given.out / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    for at, octets in enumerate(mutate.seeds()):
        (folder / f"{at:05d}").write_bytes(octets)
    tell(f"atheris, seed {given.seed}, {given.seconds:.0f} s, {at + 1} seeds")

    began_s = told_s = time.monotonic()
    runs = 0

    def one(octets: bytes) -> None:
        nonlocal runs, told_s
        runs += 1
        if time.monotonic() - told_s > TELL_S:
            told_s = time.monotonic()
            passed_s = told_s - began_s
            tell(f"{passed_s:5.0f} s  {runs} programs, {runs / passed_s:.0f}/s, no law broken")
        try:
            program.run(octets)
        except Exception as problem:
            keep(given.out, octets, problem)
            raise

    def change(octets: bytes, most: int, seed: int) -> bytes:
        return mutate.mutate(octets, random.Random(seed))[:most]

    options = [
        f"-max_total_time={int(given.seconds)}", f"-seed={given.seed}", "-max_len=8192", "-timeout=20",
        "-rss_limit_mb=4096", f"-artifact_prefix={given.out}/", "-verbosity=0", "-len_control=0",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(folder)], one, custom_mutator=change)  # type: ignore[attr-defined]
    atheris.Fuzz()  # type: ignore[attr-defined]
    return 0


def main() -> int:
    """Run what the command line asks for."""
    given = _parser().parse_args()
    if given.replay:
        return replay(given.replay)
    given.seed = given.seed or int(time.time()) & 0x7FFFFFFF
    module = None if given.engine == "own" else engine.find(given.engine == "atheris", tell)
    if given.engine == "atheris" and module is None:
        return 2
    if module is None:
        return own(given)
    return by_atheris(given, module) if given.inside else around(given)


def around(given: argparse.Namespace) -> int:
    """Run the process that atheris will end, and say how it ended."""
    options = [f"--seconds={given.seconds}", f"--seed={given.seed}", f"--out={given.out}", "--engine=atheris"]
    done = subprocess.run([sys.executable, str(HERE / "main.py"), "--inside", *options], check=False)
    tell("clean" if done.returncode == 0 else "a law is broken, see above")
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
