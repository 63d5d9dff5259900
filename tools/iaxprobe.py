#!/usr/bin/env python3
"""The probe: the firmware's own IAX2 core at the prompt, for anyone who debugs IAX2.

    tools/iaxprobe.py poke pbx.example
    tools/iaxprobe.py dial pbx.example 600 --user ata1 --seconds 5 --frames
    tools/iaxprobe.py decode call.pcap

See --help. CPython 3.11 or newer; nothing to install.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)
sys.path[1:1] = [str(ROOT / "firmware"), str(ROOT / "host_tests" / "shim")]

try:
    from tools.probe_lib.cli import main
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    sys.exit(main())
