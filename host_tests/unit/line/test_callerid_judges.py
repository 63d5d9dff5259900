"""Third parties: do minimodem, multimon-ng and spandsp read our Caller ID, over lines good and bad?

minimodem hears the octets of any form (its own display knows Bell's parameters alone), multimon-ng knows
MDMF, spandsp all forms. The checksum, or NTT's CRC and parity, is checked by spandsp and by cidkit.
"""

import cidkit
import pytest

from line import callerid

WHEN = 6 << 25 | 11 << 21 | 23 << 16 | 9 << 11 | 5 << 5
ADA = {"number": b"5551234567", "name": b"Ada Lovelace"}
LINES = {
    "good": {},
    "long": {"level_dbm0": -30},
    "noisy": {"snr_db": 20},
    "mark_strong": {"twist_db": 6},
    "space_strong": {"twist_db": -6},
    "all_mark_strong": {"level_dbm0": -24, "snr_db": 20, "twist_db": 6},
    "all_space_strong": {"level_dbm0": -24, "snr_db": 20, "twist_db": -6},
}
EACH_LINE = pytest.mark.parametrize("line", list(LINES))
FORMS = pytest.mark.parametrize("form", list(cidkit.FORM_MODEM))
TEXT = b"The quick brown fox jumps over the lazy dog. "
DTMF = {"dtmf1": "A5551234567C", "dtmf2": "A5551234567#", "dtmf3": "D5551234567C", "dtmf4": "5551234567#"}


def sent(form, call=ADA, on_hook=True, line="good", seed=1):
    """Return the message and how it arrives over a line."""
    bits, n_bits = callerid.make(form, call, WHEN, cidkit.letters(), on_hook)
    modem = cidkit.FORM_MODEM[form]
    samples = cidkit.rendered(bits, n_bits, modem)
    (message,) = cidkit.decode_minimodem(samples, modem)
    return message, cidkit.spoil(samples, **LINES[line], around_hz=cidkit.MODEMS[modem], seed=seed)


@EACH_LINE
@FORMS
def test_minimodem_hears_each_form_over_each_line(form, line):
    message, samples = sent(form, line=line)
    assert cidkit.decode_minimodem(samples, cidkit.FORM_MODEM[form]) == [message]


@EACH_LINE
@FORMS
def test_spandsp_hears_each_form_over_each_line(form, line):
    """At -30 dBm0 its receivers for V.23 give up; its modem, told the floor of a telephone, does not."""
    message, samples = sent(form, line=line)
    assert cidkit.modem_spandsp(samples, cidkit.FORM_MODEM[form]) == [message]
    if line != "long" or cidkit.FORM_MODEM[form] == "bell":
        assert cidkit.decode_spandsp(samples, cidkit.FORM_STANDARD[form]) == [message]


@EACH_LINE
@pytest.mark.parametrize("form", ["mdmf", "etsi", "uk"])
def test_multimon_ng_shows_number_name_and_date_over_each_line(form, line):
    _, samples = sent(form, line=line)
    shown = cidkit.decode_multimon(samples)
    assert shown == {"DATE": "11230905", "CID": "5551234567", "CNT": "Ada Lovelace"}


@EACH_LINE
@pytest.mark.parametrize("form", ["sdmf", "mdmf"])
def test_minimodem_shows_what_a_telephone_would(form, line):
    shown = cidkit.show_minimodem(sent(form, line=line)[1])
    assert shown["Time"] == "11/23 09:05" and shown["Phone"] == "555-123-4567"
    assert shown.get("Name") == (None if form == "sdmf" else "Ada Lovelace")


@pytest.mark.parametrize("form", ["mdmf", "etsi", "uk"])
def test_off_hook_without_seizure_all_hear_it_too(form):
    for line in ("good", "all_mark_strong", "all_space_strong"):
        message, samples = sent(form, on_hook=False, line=line)
        assert cidkit.modem_spandsp(samples, cidkit.FORM_MODEM[form]) == [message]
        assert cidkit.decode_spandsp(samples, cidkit.FORM_STANDARD[form]) == [message]
        assert cidkit.decode_multimon(samples)["CID"] == "5551234567"


@FORMS
def test_ten_kinds_of_noise_are_all_the_same_to_them(form):
    for seed in range(2, 12):
        message, samples = sent(form, line="all_mark_strong", seed=seed)
        assert cidkit.decode_spandsp(samples, cidkit.FORM_STANDARD[form]) == [message]


@FORMS
@pytest.mark.parametrize("why", ["P", "O"])
def test_why_there_is_no_number_arrives(form, why):
    message, samples = sent(form, {"number": b"123", "why": why})
    assert cidkit.decode_spandsp(samples, cidkit.FORM_STANDARD[form]) == [message]
    if form in ("mdmf", "etsi", "uk"):
        shown = cidkit.decode_multimon(samples)
        assert shown["RACLI"] == why and shown["RACNT"] == why


@pytest.mark.parametrize("line", ["good", "all_mark_strong", "all_space_strong"])
@pytest.mark.parametrize("form", ["mdmf", "etsi", "uk"])
@pytest.mark.parametrize("n_octets", [255, 257])
def test_messages_of_255_octets_arrive_and_those_with_255_in_their_body(form, line, n_octets):
    """They last 2.6 s, less than the pauses meant for them (2.9 s); spandsp's receiver has room for 255."""
    room = n_octets - len(sent(form)[0])
    call = {**ADA, "extra": b"\x50" + bytes([room - 2]) + (TEXT * 6)[: room - 2]}
    message, samples = sent(form, call, line=line)
    assert len(message) == n_octets
    assert cidkit.decode_minimodem(samples, cidkit.FORM_MODEM[form]) == [message]
    assert cidkit.modem_spandsp(samples, cidkit.FORM_MODEM[form]) == [message]
    if n_octets == 255:
        assert cidkit.decode_spandsp(samples, cidkit.FORM_STANDARD[form]) == [message]


def test_the_longest_message_fits_between_two_rings():
    bits, n_bits = callerid.make("mdmf", {"extra": b"\x50\xed" + b"Q" * 237}, WHEN, ())
    sound = cidkit.active(cidkit.rendered(bits, n_bits, "bell"))
    assert 2.5 < (sound.stop - sound.start) / cidkit.RATE_HZ < 2.9


@pytest.mark.parametrize(
    "name, shown",
    [
        (b"", {"RACNT": "O"}),
        (b"N" * 64, {"CNT": "N" * 20}),
        ("Γιώργος Παπαδόπουλος".encode(), {"CNT": "Giorgos Papadopoulos"}),
        ("王小明".encode(), {"RACNT": "O"}),
    ],
)
def test_names_empty_long_greek_and_chinese_arrive(name, shown):
    message, samples = sent("etsi", {**ADA, "name": name}, line="all_mark_strong")
    assert cidkit.decode_spandsp(samples, "clip") == [message]
    told = cidkit.decode_multimon(samples)
    assert told["CID"] == "5551234567" and told.items() >= shown.items()
    assert ("CNT" in told) == ("CNT" in shown)


def test_sixteen_octets_need_no_doubling_but_in_japan():
    """There the octet 16 is doubled, which the receiver of spandsp does not expect in a length."""
    for form in cidkit.FORM_MODEM:
        message, samples = sent(form, {"number": b"1234567890123456", "name": b"Sixteen letters."})
        assert cidkit.modem_spandsp(samples, cidkit.FORM_MODEM[form]) == [message]
        if form != "ntt":
            assert cidkit.decode_spandsp(samples, cidkit.FORM_STANDARD[form]) == [message]


@EACH_LINE
@pytest.mark.parametrize("form", list(DTMF))
def test_the_digits_of_each_dtmf_form_arrive(form, line):
    """Twist of 6 dB is more than multimon-ng and a receiver of Q.24 take, but Danish telephones take 8."""
    digits = callerid.make(form, ADA, WHEN, ())
    samples = cidkit.spoil(cidkit.dialled(digits), **LINES[line], around_hz=(941, 1209))
    assert digits == DTMF[form] and cidkit.digits_spandsp(samples) == digits
    if "strong" not in line:
        assert cidkit.digits_multimon(samples) == digits
        assert cidkit.decode_spandsp(samples, "dtmf") == [digits.encode()]
