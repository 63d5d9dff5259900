"""G.711 against the recipe of the Recommendation's own software library, and against its vectors."""

import os
from pathlib import Path

import numpy as np
import pytest

from dsp import g711
from ref import g711 as twin

EVERY = np.arange(-32768, 32768).astype("<i2")
LAWS = {
    "u": (g711.encode_ulaw, g711.decode_ulaw, twin.encode_ulaw, twin.decode_ulaw),
    "a": (g711.encode_alaw, g711.decode_alaw, twin.encode_alaw, twin.decode_alaw),
}


def encoded(encode, samples):
    out = bytearray(len(samples))
    encode(out, bytearray(samples.astype("<i2").tobytes()), len(samples))
    return bytes(out)


def decoded(decode, codes):
    out = bytearray(2 * len(codes))
    decode(out, codes, 0, len(codes))
    return np.frombuffer(bytes(out), "<i2")


@pytest.mark.parametrize("law", LAWS)
def test_all_65536_samples_encode_as_the_recipe_says(law):
    encode, _, slow, _ = LAWS[law]
    assert encoded(encode, EVERY) == bytes(slow(int(sample)) for sample in EVERY)


@pytest.mark.parametrize("law", LAWS)
def test_all_256_codes_decode_as_the_recipe_says(law):
    _, decode, _, slow = LAWS[law]
    assert decoded(decode, bytes(range(256))).tolist() == [slow(code) for code in range(256)]


@pytest.mark.parametrize("law", LAWS)
def test_a_code_decoded_and_encoded_is_itself_but_for_negative_zero_of_ulaw(law):
    encode, decode, _, _ = LAWS[law]
    back = encoded(encode, decoded(decode, bytes(range(256))))
    assert [code for code in range(256) if back[code] != code] == ([0x7F] if law == "u" else [])


def test_silence_is_ff_and_d5():
    assert encoded(g711.encode_ulaw, np.zeros(3)) == b"\xff\xff\xff"
    assert encoded(g711.encode_alaw, np.zeros(3)) == b"\xd5\xd5\xd5"


def test_decoding_starts_where_it_is_told_and_touches_nothing_else():
    out = bytearray(b"\x55" * 12)
    g711.decode_ulaw(out, b"\x00\x80\x00\x80", 1, 3)
    assert out == bytearray(np.array([32124, -32124, 32124], "<i2").tobytes()) + b"\x55" * 6


@pytest.mark.parametrize("law", LAWS)
def test_the_sweep_of_the_itu_is_met_bit_for_bit(law):
    folder = os.environ.get("ITU_VECTORS", "")
    if not folder or not (Path(folder) / "sweep.src").exists():
        pytest.skip("ITU_VECTORS does not name a folder with the G.711 sweep of ITU-T G.191")
    encode, decode, _, _ = LAWS[law]
    samples = np.fromfile(Path(folder) / "sweep.src", "<i2")
    codes = np.fromfile(Path(folder) / f"sweep-r.{law}", "<u2")
    assert encoded(encode, samples) == codes.astype(np.uint8).tobytes()
    sound = np.fromfile(Path(folder) / f"sweep-r.{law}-{law}", "<i2")
    assert np.array_equal(decoded(decode, codes.astype(np.uint8).tobytes()), sound)
