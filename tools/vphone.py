#!/usr/bin/env python3
"""The virtual phone: the whole firmware on this machine, with a simulated analog telephone on its line.

    tools/vphone.py --server peer --virtual --scenario demo.txt --report build/report/demo
    tools/vphone.py --server pbx.example --user ata1 --secret pw1

See --help, and `vphone_lib/verbs.py` for what can be said.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[0] = str(Path(__file__).resolve().parent.parent)

try:
    from tools.vphone_lib.cli import main
except ModuleNotFoundError as missing:
    print(f"vphone: this Python lacks {missing.name}: pip install -r tools/requirements.txt", file=sys.stderr)
    raise SystemExit(2) from None
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    sys.exit(main())
