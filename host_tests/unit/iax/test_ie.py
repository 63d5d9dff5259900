"""Elements of a real REGACK and NEW, and lists that are broken."""

import pytest

from iax import ie

REGACK = bytes.fromhex(
    "a4410066000000030102060f060461746131"
    "1f043576ae6d1302003c12100200eaed7f0000010000000000000000"
    "180200000203313030040741544120"
    "4f6e6522020018"
)
NEW = bytes.fromhex(
    "a0c900000000000600000601"
    "0b02000201033730302d064445434647480200260143"
    "27010028020000390400000000"
    "04000a02656e2b02800109040000000438090000000000000000040804000008"
    "6e370900000000000000086e0c0200021f043576aecc3600"
)


def test_the_reference_frames_are_whole():
    assert len(REGACK) == 68 and ie.check(REGACK, 12, 68)
    assert len(NEW) == 103 and ie.check(NEW, 12, 103)


def test_elements_of_a_real_regack_are_found():
    n = len(REGACK)
    assert ie.uint(REGACK, ie.find(REGACK, 12, n, 19), 2) == 60
    assert ie.uint(REGACK, ie.find(REGACK, 12, n, 24), 2) == 0
    name = ie.find(REGACK, 12, n, 4)
    assert REGACK[name : name + REGACK[name - 1]] == b"ATA One"


def test_an_empty_element_is_there_and_an_absent_one_is_not():
    n = len(NEW)
    number = ie.find(NEW, 12, n, 2)
    assert number > 0 and NEW[number - 1] == 0
    assert ie.find(NEW, 12, n, 54) == n
    assert ie.find(NEW, 12, n, 6) == 0


def test_the_last_of_two_equal_elements_wins():
    buf = bytes((42, 1, 16, 42, 1, 17))
    assert ie.uint(buf, ie.find(buf, 0, 6, 42), 1) == 17


def test_a_wide_mask_gives_its_low_sixteen_bits():
    n = len(NEW)
    assert ie.uint(NEW, ie.find(NEW, 12, n, 56), 9) == 4
    assert ie.uint(NEW, ie.find(NEW, 12, n, 55), 9) == 0x086E


def test_a_number_of_the_wrong_size_counts_as_absent():
    buf = bytes((0, 19, 3, 0, 0, 60, 0))
    assert ie.uint(buf, ie.find(buf, 1, 6, 19), 2) == -1
    assert ie.uint(buf, 0, 2) == -1


@pytest.mark.parametrize("octets", ["2a", "2a0110ff", "2a02ff", "2a01102aff00", "ff"])
def test_a_list_that_does_not_end_where_the_frame_ends_is_broken(octets):
    raw = bytes.fromhex(octets)
    assert not ie.check(raw, 0, len(raw))


def test_an_empty_list_is_whole():
    assert ie.check(b"", 0, 0) and ie.find(b"", 0, 0, 1) == 0


def test_elements_are_put_behind_each_other():
    buf = bytearray(40)
    at = ie.put(buf, 12, 6, b"ata1")
    at = ie.put_uint(buf, at, 19, 2, 60)
    at = ie.put_uint(buf, at, 42, 1, 16)
    at = ie.put_uint(buf, at, 9, 4, 1 << 20 | 4)
    at = ie.put(buf, at, 54, b"")
    assert bytes(buf[12:at]) == bytes.fromhex("0604617461311302003c2a01100904001000043600")
