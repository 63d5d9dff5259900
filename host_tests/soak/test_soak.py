"""Hours of one call against Asterisk: `make soak`, SOAK_S seconds. Nothing may drift, pile up or be given up.

Three hours pass 329 multiples of 32,768 ms, at each of which a full voice frame goes out, and two wraps of
every sequence number.
"""

import os

import need
import pytest
from soak.talker import Talker

from tools.lab_lib.server import Lab
from tools.vphone_lib.session import Options, Session

SECONDS = int(os.environ.get("UIAXY_SOAK_S", "10800"))
pytestmark = pytest.mark.soak


def test_a_call_of_hours_stays_up_and_in_step():
    lab = Lab()
    if lab.asterisk_program is None:
        need.refuse(lab.why)
    with lab.asterisk() as server:
        options = Options(server=server.address, user="phone", secret=server.secret)
        with Session(options) as session:
            talker = Talker(session)
            talker.call("600")
            talker.talk(SECONDS)
            talker.assert_unharmed(pauses=session.skipped and 1 + SECONDS // 600)
            session.do("hang")
            session.do("wait call down")
            assert server.wait(lambda: server.calls() == 0, 5)
            session.finish()
        taken = session.call_cost.allocated
        assert taken < SECONDS * 50, f"{taken} octets allocated: more than none a tick"
