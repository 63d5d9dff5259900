#!/usr/bin/env python3
"""`make demo`: a telephone calls an echo, hears itself, is called back and talks. No hardware needed.

The firmware runs on a real MicroPython against a real Asterisk, which is installed into the cache folder
where that is possible; elsewhere against the bundled test peer, and one line says so. Everything that was
seen and heard lies in build/demo/. Exit status: 0 if the echo came back with the right words.
`tools/demo.py --picture FILE` also writes the picture of the call to FILE, as the front page shows it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools.lab_lib import find, install  # noqa: E402  after the path
from tools.lab_lib.server import Lab, LabError  # noqa: E402
from tools.vphone_lib import speech  # noqa: E402

WORDS = "Hello. This is an old telephone, calling through a very small box. Do you hear me well?"
REPORT = ROOT / "build" / "demo"
GOOD_ENOUGH = 0.9  # correlation of what was spoken with what came back
TAIL_S = 1.5  # what an echo may need to come back
SCENARIO = """\
# lift, hear dial tone, call the echo, hear oneself, hang up
wait registered 20
lift
wait tone dial
dtmf 600#
wait call up
play {wav}
sleep {tail_s}
hang
wait call down
# ask for a call back, hang up, be called
sleep 1
lift
wait tone dial
dtmf 605#
wait call up
wait call down
hang
wait ringing 20
sleep 1
lift
wait call up
play {wav}
sleep {tail_s}
hang
wait call down
"""


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"demo: {text}", flush=True)


def server() -> "tuple[Lab | None, str]":
    """Return a laboratory with an Asterisk, installed if need be, or None and why not."""
    if os.environ.get("UIAXY_ASTERISK") == "none":
        return None, "UIAXY_ASTERISK=none"
    if find.asterisk() is None:
        try:
            install.tree(say)
        except LabError as why:
            return None, str(why)
        except OSError as why:
            return None, f"it could not be installed: {why}"
    return (Lab(), "") if find.asterisk() is not None else (None, "none with chan_iax2 here")


def phone(arguments: "list[str]", scenario: Path) -> int:
    """Run the virtual phone; its story goes to the terminal. Returns its exit status."""
    command = [sys.executable, str(ROOT / "tools" / "vphone.py"), *arguments]
    return subprocess.run(
        [*command, "--scenario", str(scenario), "--report", str(REPORT)], check=False
    ).returncode


def echoes() -> "list[tuple[float, float]]":
    """Return (correlation, delay in ms) of each time the telephone spoke, from the report directory."""
    ear = speech.read_wav(str(REPORT / "ear.wav"))
    spoken = speech.read_wav(str(REPORT / "words.wav"))
    found = []
    for line in (REPORT / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["who"] == "phone" and event["what"] == "play":
            start = int(event["t_ms"]) * 8
            found.append(speech.echo_match(spoken, ear[start : start + len(spoken) + int(TAIL_S * 8000)]))
    return found


def verdict(status: int) -> bool:
    """Say how it went, and where to look."""
    good = status == 0
    if good:
        heard = echoes()
        good = len(heard) == 2 and all(match > GOOD_ENOUGH for match, _ in heard)
        for what, (match, delay_ms) in zip(("the echo test", "the call back"), heard):
            say(f"{what}: the words came back {delay_ms:.0f} ms later, correlation {match:.3f}")
    say(f"{'success' if good else 'FAILED'}; see call.svg, ear.wav, net.pcap and report.json in build/demo/")
    return good


def main() -> int:
    """Set up, call, be called, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="where else to put the picture of the call")
    given = parser.parse_args()
    start = time.monotonic()
    lab, why = server()
    shutil.rmtree(REPORT, ignore_errors=True)
    REPORT.mkdir(parents=True)
    words = speech.say(WORDS)
    speech.write_wav(str(REPORT / "words.wav"), words)
    scenario = REPORT / "demo.scenario"
    scenario.write_text(SCENARIO.format(wav=REPORT / "words.wav", tail_s=TAIL_S))
    if lab is None:
        say(f"no Asterisk ({why}): the bundled test peer stands in")
        status = phone(["--server", "peer"], scenario)
    else:
        say("the firmware on MicroPython, a telephone on its line, Asterisk at the other end")
        try:
            with lab.asterisk() as asterisk:
                account = ["--user", "phone", "--secret", asterisk.secret]
                status = phone(["--server", asterisk.address, *account], scenario)
        except LabError as problem:
            say(f"{problem}")
            return 1
    good = verdict(status)
    if given.picture:
        shutil.copy(REPORT / "call.svg", given.picture)
    say(f"{time.monotonic() - start:.0f} s in all")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
