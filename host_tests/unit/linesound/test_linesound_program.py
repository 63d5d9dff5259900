"""linesound as a program: it runs by itself, its numbers are those of the box, the README tells the truth."""

import subprocess
import sys

from tools.layers import ROOT
from tools.sound_lib.line import MODEMS, Line


def test_modems_are_those_of_the_box():
    assert MODEMS == {"bell": (1200, 2200), "v23": (1300, 2100)}


def test_program_runs_by_itself(tmp_path):
    words = [
        sys.executable,
        str(ROOT / "tools" / "linesound.py"),
        "alert",
        "cas",
        "--out",
        "x.wav",
        "--no-picture",
    ]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "x.wav").exists()


def test_readme_shows_tones_and_rings_that_are_taken():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.partition("A tone is steps parted")[2].partition("Asterisk chooses a ring")[0]
    steps = [line.split()[0] for line in shown.splitlines() if line.startswith("    ")]
    assert len(steps) == 4
    line = Line("us", [])
    for step in steps:
        line.tone(step, -13)
    assert line.named_cadence("400/200,400/-2000") in shown
