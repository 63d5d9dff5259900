"""Ten virtual minutes of one call, a slice of what `make soak` does for hours."""

import need
import pytest
from soak.talker import Talker

from tools.vphone_lib.session import Options, Session

SECONDS = 600


@pytest.mark.vm
def test_call_of_ten_minutes_loses_no_word_and_takes_no_memory():
    """The tick of the board wraps after five of them."""
    need.micropython(64)
    with Session(Options(virtual=True, first_tick=2**30 - SECONDS * 500)) as session:
        talker = Talker(session)
        talker.call("600")
        talker.talk(SECONDS)
        talker.assert_unharmed()
        assert min(talker.likeness) > 0.95
