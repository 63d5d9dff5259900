"""Hours of one call against Asterisk: `make soak`, SOAK_S seconds. Nothing may drift, pile up or be given up.

Three hours pass 329 multiples of 32,768 ms, at each of which a full voice frame goes out, and two wraps of
every sequence number.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.lab_lib import find
from tools.lab_lib.server import Lab

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("UIAXY_SOAK_S", "10800"))
SCENARIO = f"""
wait registered
lift
wait tone dial
dtmf 600#
wait call up
hum 440 -15 {{hum_s}}
sleep {SECONDS}
wait call up 1
expect stat JITTER_RESYNC == 0
expect stat TX_LOST == 0
expect stat PEER_DEAD == 0
hang
wait call down
"""


def test_a_call_of_hours_stays_up_and_in_step(tmp_path):
    lab = Lab()
    if lab.asterisk_program is None:
        (pytest.fail if find.in_ci() else pytest.skip)(lab.why)
    scenario = tmp_path / "soak.scenario"
    scenario.write_text(SCENARIO.format(hum_s=min(SECONDS, 10)))
    report = ROOT / "build" / "soak"
    report.mkdir(parents=True, exist_ok=True)
    with lab.asterisk() as server:
        phone = ["--server", server.address, "--user", "phone", "--secret", server.secret]
        done = subprocess.run(
            [sys.executable, "tools/vphone.py", *phone, "--scenario", str(scenario), "--report", str(report)],
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0
        assert server.calls() == 0
    told = json.loads((report / "report.json").read_text())
    assert told["turn_in_call"]["allocated_octets"] < SECONDS * 50  # less than an octet a tick: none per tick
