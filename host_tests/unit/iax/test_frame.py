"""Headers octet by octet, against frames that a real server sent."""

import pytest

from iax import frame

PONG = bytes.fromhex("800100690000000000010603")
POKE = bytes.fromhex("b5f48000000000030000061e3600")
ACCEPT = bytes.fromhex("836f00c800000012010206070904000000043809000000000000000004")


def test_full_frame_header_is_that_of_a_real_pong():
    buf = bytearray(12)
    frame.put_full(buf, 0, 1, 0x69, 0, 0)
    frame.put_tail(buf, 0, 0, 1, 6, 3)
    assert buf == PONG


def test_full_frame_header_is_that_of_a_real_accept():
    buf = bytearray(12)
    frame.put_full(buf, 0, 0x036F, 0xC8, 0, 0x12)
    frame.put_tail(buf, 0, 1, 2, 6, 7)
    assert buf == ACCEPT[:12]


def test_mini_frame_header_is_number_and_low_half_of_the_time():
    buf = bytearray(6)
    frame.put_mini(buf, 0, 0x1CF1, 0x10019)
    assert buf == bytes.fromhex("1cf100190000")


def test_time_stamp_is_read_modulo_two_to_the_thirty():
    assert frame.ts30(bytes.fromhex("80010002ffffffff"), 0) == 0x3FFFFFFF
    assert frame.ts30(POKE, 0) == 3


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"", 0),
        (b"\x80\x01\x00", 0),
        (PONG[:11], 0),
        (PONG, 1),
        (ACCEPT, 1),
        (b"\x00\x01\x00\x00", 2),
        (b"\x7f\xff\x00\x00" + bytes(160), 2),
        (b"\x00\x00\x01\x01", 3),
        (b"\x00\x00\x80\x05\x00\x00", 3),
    ],
)
def test_datagrams_are_told_apart_by_their_first_bits_and_length(octets, kind):
    assert frame.classify(octets, len(octets)) == kind


@pytest.mark.parametrize(
    ("csub", "bit"),
    [(0x02, 1), (0x04, 2), (0x82, 2), (0x08, 3), (0x20, 5), (0x40, 6), (0x87, 7), (0x8B, 11), (0xA2, 34)]
    + [(0x00, -1), (0x03, -1), (0x7F, -1)],
)
def test_media_subclass_is_a_bit_or_its_logarithm(csub, bit):
    assert frame.format_bit(csub) == bit


def test_numbers_of_sixteen_bits_are_cut_and_big_endian():
    buf = bytearray(4)
    frame.put_u16(buf, 1, 0x12345)
    assert buf == b"\x00\x23\x45\x00" and frame.u16(buf, 1) == 0x2345
