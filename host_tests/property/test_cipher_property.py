"""Encryption: whatever comes, nothing but a frame comes out; whatever leaves is what was given in."""

from types import SimpleNamespace

from bench import SeededCrypto
from hypothesis import given
from hypothesis import strategies as st

import codes
from iax.cipher import Cipher
from peer import secrecy

KEY = bytes(range(16))


def box() -> SimpleNamespace:
    ep = SimpleNamespace(crypto=SeededCrypto(1), tx_buf=b"", tx_at=0, tx_n=0)
    leg = SimpleNamespace(ep=ep, state=codes.CALL_UP, iseq=0)
    ep.cipher = Cipher(leg, bytearray(676), [None] * 43, KEY)
    return ep


FRAMES = st.one_of(
    st.builds(lambda body: b"\x92\x34\x23\x45" + body, st.binary(min_size=8, max_size=636)),
    st.builds(lambda body: b"\x12\x34" + body, st.binary(min_size=2, max_size=600)),
)


@given(st.lists(FRAMES, min_size=1, max_size=12))
def test_any_frames_are_sealed_so_that_each_can_be_read_alone(frames):
    """Each datagram has its own zero IV for the reader."""
    ep = box()
    for frame in frames:
        ep.tx_buf, ep.tx_at, ep.tx_n = bytearray(frame), 0, len(frame)
        ep.cipher.seal(ep)
        sent = bytes(ep.tx_buf[ep.tx_at : ep.tx_at + ep.tx_n])
        assert len(sent) <= len(frame) + 31
        assert secrecy.decrypt(KEY, sent) == frame


@given(st.lists(st.binary(min_size=4, max_size=1500), min_size=1, max_size=8), st.booleans())
def test_any_octets_open_to_a_frame_that_is_shorter_or_to_nothing(datagrams, rotated):
    """And never harm the next good one."""
    ep = box()
    if rotated:
        ep.cipher.hear_key(KEY)
    for datagram in datagrams:
        mini = not datagram[0] & 0x80
        n = ep.cipher.open(datagram, len(datagram), mini)
        assert n == -1 or (4 if mini else 12) <= n <= len(datagram) - 16
    good = b"\x92\x34\x23\x45" + bytes(4) + b"\x00\x00\x06\x02"
    sealed = secrecy.encrypt(KEY, good, bytes(31))
    assert ep.cipher.open(sealed, len(sealed), False) == 12
    assert bytes(ep.cipher.plain[:12]) == good
