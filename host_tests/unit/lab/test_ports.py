"""A port is ours alone, or we hear about it."""

import socket

import pytest

from tools.lab_lib import ports

TABLE = """   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
  10: 0100007F:11D9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0
  11: 00000000:11D9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0
  12: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0
"""


@pytest.fixture
def taken():
    """A UDP socket as Asterisk opens it: with address reuse."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


def test_a_port_shared_by_address_reuse_counts_as_taken(taken):
    assert not ports.is_free(taken)


def test_a_port_taken_on_all_addresses_counts_as_taken():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("", 0))
        assert not ports.is_free(other.getsockname()[1])


def test_asking_for_a_taken_port_says_which(taken):
    with pytest.raises(ports.PortError, match=f"port {taken} is in use"):
        ports.reserve(taken)


def test_two_labs_in_the_same_moment_never_get_the_same_port():
    first = ports.reserve()
    try:
        with pytest.raises(ports.PortError):
            ports.reserve(first.port)
    finally:
        first.release()
    ports.reserve(first.port).release()


def test_a_second_server_on_the_port_is_counted():
    assert ports.owners(4569, TABLE) == 2
    assert ports.owners(53, TABLE) == 1
    assert ports.owners(4570, TABLE) == 0
