#!/usr/bin/env python3
"""Hear and see what the firmware puts on the line: tones, ringing, Caller ID, alerting signals, DTMF.

    tools/linesound.py tone dial --profile de
    tools/linesound.py callerid --number 5551234 --name Παναγιώτης
    tools/linesound.py read build/sound/callerid-us-bell.wav

Each makes a WAV file and a picture of it. See --help.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)
sys.path[1:1] = [str(ROOT / "firmware"), str(ROOT / "host_tests" / "shim")]

try:
    from tools.sound_lib.cli import main
except ModuleNotFoundError as missing:
    print(f"linesound: this Python lacks {missing.name}: run it by tools/env.sh", file=sys.stderr)
    raise SystemExit(2) from None
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    sys.exit(main())
