"""Two of our own adapters and a server that wants to leave: the media path goes direct, or nothing changes."""

import pytest
from town import AtaBox, CoreBox, Town

KINDS = [CoreBox, AtaBox]


@pytest.mark.parametrize("kind", KINDS)
def test_two_cores_go_direct(kind):
    town = Town(kind)
    middle = town.join()
    middle.transfer()
    town.run(1000)
    assert middle.state == "released"
    assert [b.leg.peer for b in town.boxes] == [10, 10]
    assert town.talking()
