"""Hours of one call against the bundled peer, in virtual time: `make soak`, SOAK_S seconds.

The tick of the board wraps in the middle of it, the time-stamps of the wire every 65,536 ms.
"""

import os

import need
import pytest
from soak.talker import Talker

from tools.vphone_lib.session import Options, Session

SECONDS = int(os.environ.get("UIAXY_SOAK_S", "10800"))
pytestmark = pytest.mark.soak


def test_a_call_of_virtual_hours_stays_up_and_in_step():
    need.micropython(64)
    with Session(Options(virtual=True, first_tick=2**30 - SECONDS * 500)) as session:
        talker = Talker(session)
        talker.call("600")
        talker.talk(SECONDS)
        talker.assert_unharmed()
        session.do("hang")
        session.do("wait call down")
        session.finish()
