"""The whole firmware under MicroPython proves itself by RSA, by its settings and the key on its flash."""

import need
import pytest

need.package("cryptography")
from peer import Peer
from tools import rsakey
from tools.vphone_lib.box import UsageError
from tools.vphone_lib.session import Session
from tools.vphone_lib.world import Options

SETTINGS = {"account.1.auth": "rsa", "account.1.refresh_s": "20"}


def box(bits, key, public, **settings) -> Session:
    """Return a virtual telephone whose server wants RSA and nothing else."""
    peer = Peer(
        accounts={"ata1": {"secret": "unused", "rsa": public, "refresh_min_s": 20}},
        keep_voice=False,
        log_minis=False,
    )
    peer.quirks.authmethods = 4
    return Session(
        Options(
            virtual=True,
            vm=need.micropython(bits),
            rsa_key=key,
            settings={**SETTINGS, **settings},
            secret="",
            peer=peer,
        )
    )


@pytest.fixture
def key(tmp_path):
    """A key on disk, and its public half as two numbers."""
    private = rsakey.generate()
    secret, _public = rsakey.write(tmp_path, "ata1", private)
    numbers = private.public_key().public_numbers()
    return secret, (numbers.n, numbers.e)


@pytest.mark.parametrize(
    "bits", [pytest.param(64, marks=pytest.mark.vm), pytest.param(32, marks=pytest.mark.vm32)]
)
def test_registered_by_rsa_calls_by_rsa_and_is_refreshed_in_the_call(bits, key):
    with box(bits, *key) as session:
        session.power_on()
        for line in ("wait registered 10", "lift", "wait tone dial", "dtmf 600#", "wait call up 10"):
            session.do(line)
        before = session.read_counters()
        session.run(19)
        after = session.read_counters()
        assert after["SIGN_SLICES"] - before["SIGN_SLICES"] == 459
        assert after["TX_MINI"] - before["TX_MINI"] >= 940, "speech in each of 950 frames"
        assert after["JITTER_LOST"] == before["JITTER_LOST"] and session.calls_up


@pytest.mark.vm
def test_rsa_without_a_key_is_told_at_start(key):
    refused = pytest.raises(UsageError, match=r"account\.1\.auth: no RSA key here")
    with box(64, None, key[1]) as session, refused:
        session.power_on()
