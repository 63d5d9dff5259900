"""Sounds of the line are written, drawn and read back; what cannot be is one line and exit status 2."""

import json

import numpy as np
import pytest

from tools.sound_lib import cli
from tools.sound_lib.line import Line
from tools.vphone_lib import speech
from tools.vphone_lib.levels import dbm0_of

CALLER = ("--number", "2015550123", "--name", "Ann Boe", "--date", "2026-11-23 14:05")
KNOWN = Line("us", []).known
STYLES = [name for name in KNOWN("callerid") if name != "off"]


@pytest.fixture
def sound(tmp_path, capsys):
    """Run linesound; return what it wrote, as samples."""

    def run(*words, picture=False):
        out = tmp_path / "x.wav"
        files = ("--out", str(out)) if picture else ("--out", str(out), "--no-picture")
        assert cli.main([*words, *files]) == 0, capsys.readouterr().err
        capsys.readouterr()
        return speech.read_wav(str(out))

    run.path = tmp_path / "x.wav"
    return run


@pytest.fixture
def heard(sound, capsys):
    """Run linesound; return what it reads out of its own file."""

    def run(*words):
        sound(*words)
        cli.main(["read", str(sound.path), "--json"])
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def refusal(capsys, *words):
    assert cli.main(list(words)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("linesound: ") and said.err.count("\n") == 1
    return said.err


def spectrum_peaks(samples, n):
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    found = []
    for _ in range(n):
        top = int(np.argmax(power))
        found.append(top * 8000 / (1 << 17))
        power[max(0, top - 400) : top + 400] = 0
    return sorted(found)


def test_dial_tone_has_its_frequencies_and_its_level(sound):
    samples = sound("tone", "dial", "--seconds", "2")
    assert len(samples) == 16000
    assert spectrum_peaks(samples, 2) == [pytest.approx(350, rel=0.005), pytest.approx(440, rel=0.005)]
    assert dbm0_of(samples) == pytest.approx(-13 + 3, abs=0.2)


def test_tone_in_the_grammar_keeps_its_cadence_and_ends(sound):
    samples = sound("tone", "!1000/300,!0/200,!1400@-20/100", "--level", "-10")
    on = np.abs(samples.reshape(-1, 80)).max(1) > 100
    assert on[:60].tolist() == [True] * 30 + [False] * 20 + [True] * 10
    assert dbm0_of(samples[:2400]) == pytest.approx(-10, abs=0.2)
    assert dbm0_of(samples[4000:4800]) == pytest.approx(-20, abs=0.2)


def test_setting_goes_before_the_profile(sound):
    samples = sound("tone", "busy", "--set", "line.tone_busy=1000", "--seconds", "1")
    assert spectrum_peaks(samples, 1) == [pytest.approx(1000, rel=0.005)]


def test_gain_is_in_db(sound):
    loud = dbm0_of(sound("tone", "howler", "--gain", "0", "--seconds", "0.1"))
    assert loud - dbm0_of(sound("tone", "howler", "--seconds", "0.1")) == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize(
    ("words", "rings"), [(("2000/4000",), [(0, 2000), (6000, 8000)]), (("phreak-10",), None)]
)
def test_ringing_follows_its_cadence(sound, words, rings):
    samples = sound("ring", *words, "--seconds", "9")
    ringing = np.abs(samples.reshape(-1, 400)).max(1) > 2000  # cells of 50 ms: one cycle of 20 Hz
    begins = (np.flatnonzero(np.diff(np.append(False, ringing).astype(int)) == 1) * 50).tolist()
    assert begins == ([begin for begin, _ in rings] if rings else [0, 600, 3000, 3600, 6000, 6600])
    if rings:
        assert ringing.sum() * 50 == sum(min(end, 9000) - begin for begin, end in rings)


@pytest.mark.parametrize("form", ["sdmf", "mdmf", "etsi", "uk", "ntt"])
@pytest.mark.parametrize("where", [(), ("--off-hook",)])
def test_fsk_message_is_read_back(heard, form, where):
    found = heard("callerid", "--form", form, *CALLER, *where)
    assert [row["what"] for row in found] == ["callerid"]
    assert (found[0]["number"], found[0]["fault"]) == ("2015550123", "")
    assert found[0].get("name", "") == ("Ann Boe" if form in ("mdmf", "etsi", "uk") else "")
    assert found[0].get("date", "") == ("" if form == "ntt" else "11231405")
    assert bool(found[0]["seizure_bits"] > 10) == (form != "ntt" and not where)


@pytest.mark.parametrize("form", ["dtmf1", "dtmf2", "dtmf3", "dtmf4"])
def test_dtmf_message_is_read_back_digit_by_digit_and_as_a_whole(heard, form):
    found = heard("callerid", "--form", form, *CALLER)
    pressed = "".join(row["digit"] for row in found if row["what"] == "dtmf")
    assert "2015550123" in pressed
    shown = [row["number"] for row in found if row["what"] == "callerid"]
    assert shown == ([] if form == "dtmf4" else ["2015550123"])


def test_greek_name_level_and_reason_are_taken(heard):
    found = heard("callerid", "--name", "Παναγιώτης", "--why", "P", "--level", "-24.5", "--date", "none")
    assert (found[0]["why"], found[0]["mark_dbm0"]) == ("private", pytest.approx(-24.5, abs=0.3))
    found = heard("callerid", "--name", "Παναγιώτης", "--number", "12345")
    assert found[0]["name"] == "Panagiotis"


def test_redirection_call_type_and_parameters_of_ones_own_are_taken(heard):
    found = heard(
        "callerid", "--form", "etsi", "--number", "12345", "--redirect", "777", "--reason", "2",
        "--type", "1", "--extra", "e00141",
    )  # fmt: skip
    assert (found[0]["number"], found[0]["redirecting"], found[0]["fault"]) == ("12345", "777", "")


@pytest.mark.parametrize(("messages", "waiting"), [("3", "on"), ("0", "off")])
def test_lamp_message_is_read_back(heard, messages, waiting):
    assert [row["waiting"] for row in heard("lamp", messages, "--form", "mdmf")] == [waiting]


@pytest.mark.parametrize("style", STYLES)
def test_call_of_every_style_tells_its_number(heard, style):
    found = heard("call", "--style", style, *CALLER, "--seconds", "7")
    numbers = [row["number"] for row in found if row["what"] == "callerid"]
    pressed = "".join(row["digit"] for row in found if row["what"] == "dtmf")
    assert numbers == ["2015550123"] or "2015550123#" in pressed


@pytest.mark.parametrize("profile", KNOWN("profiles"))
def test_every_profile_has_a_line_that_rings_and_a_known_style(profile):
    line = Line(profile, [])
    assert 15 <= line.ring_hz <= 68
    assert line.named_cadence(line.cadence) == line.cadence
    assert line.style().name == line.style_name


def test_telephone_that_is_deaf_gets_no_message_of_ntt(heard):
    assert heard("call", "--style", "jp", *CALLER, "--deaf", "--seconds", "9") == []


def test_waiting_call_has_cas_and_a_message_without_seizure(heard):
    found = heard("call", "--waiting", "--set", "line.tone_callwaiting=440/300", *CALLER, "--seconds", "3")
    assert [row["what"] for row in found] == ["alerting", "callerid"]
    assert found[1]["seizure_bits"] <= 1
    assert 0.05 < found[1]["start_s"] - found[0]["end_s"] < 0.5


@pytest.mark.parametrize(("signal", "ms"), [("cas", 80), ("dtas", 100)])
def test_alerting_signal_is_two_tones_for_its_time(sound, signal, ms):
    samples = sound("alert", signal)
    strong = np.flatnonzero(np.abs(samples) > 300)
    assert (strong[-1] - strong[0]) / 8 == pytest.approx(ms, abs=1)
    found = spectrum_peaks(samples[: ms * 8], 2)
    assert found == [pytest.approx(2130, rel=0.005), pytest.approx(2750, rel=0.005)]


def test_all_sixteen_digits_are_read_back(heard):
    found = heard("dtmf", "0123456789ABCD*#")
    assert "".join(row["digit"] for row in found if row["what"] == "dtmf") == "0123456789ABCD*#"


@pytest.mark.parametrize(
    "words", [("tone", "busy", "--seconds", "1"), ("ring", "--seconds", "3"), ("alert", "cas")]
)
def test_picture_stands_beside_the_sound(sound, words):
    sound(*words, picture=True)
    assert sound.path.with_suffix(".png").read_bytes()[:4] == b"\x89PNG"


def test_picture_of_a_call_names_its_signals_and_is_the_same_each_time(sound, tmp_path):
    made = []
    for k in range(2):
        path = tmp_path / f"{k}.svg"
        sound("call", "--style", "uk", *CALLER, "--seconds", "4", "--picture", str(path), picture=True)
        made.append(path.read_text())
    for word in ("DTAS", "FSK", "line in V", "ringing, 60 V rms, 20 Hz: its peaks", "reversed", "forward"):
        assert word in made[0]
    assert made[0] == made[1]


def test_list_names_what_there_is(capsys):
    assert cli.main(["list"]) == 0
    said = capsys.readouterr().out
    for word in ("dial", "phreak-1", "etsi-dtas", "V.23"):
        assert word in said
    rows = {line.split()[0]: line for line in said.splitlines() if line.startswith("  ")}
    assert set(KNOWN("profiles")) < set(rows)
    for word in ("New Zealand", "bell", "500-800", "nz", "400/200,400/-2000 ms, 20 Hz"):
        assert word in rows["nz"]
    for word in ("United States", "bell"):
        assert word in rows["us"]
    assert "off" in rows["gpo-1965"] and "no flash" in rows["gpo-1965"]


def test_every_profile_has_the_name_of_a_country_or_period():
    names = Line("us", []).countries()
    assert list(names) == KNOWN("profiles")
    assert all(2 < len(name) < 42 and name[0].isupper() for name in names.values())


def test_silence_is_told_as_nothing_heard(sound, capsys):
    sound("tone", "0/500", "--seconds", "1")
    assert cli.main(["read", str(sound.path)]) == 1
    assert capsys.readouterr().out.startswith("nothing heard")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("tone", "dial", "--profile", "atlantis"), "no profile atlantis; there is: us"),
        (("tone", "wail"), "no tone wail; there is: dial"),
        (("tone", "350+x"), "Hz"),
        (("tone", "350", "--level", "9"), "--level"),
        (("tone", "350", "--gain", "99"), "--gain"),
        (("tone", "350", "--seconds", "0"), "--seconds"),
        (("tone", "350", "--seconds", "x"), "invalid float"),
        (("tone", "dial", "--set", "line.tone_diall=350"), "line.tone_dial"),
        (("tone", "dial", "--profile", "germany"), "no profile germany; did you mean de?; there is: us"),
        (("tone", "dial", "--profile", "us1950"), "did you mean us-1950?"),
        (("tone", "dial", "--set", "foo"), "--set foo: write KEY=VALUE"),
        (("tone", "dial", "--profile", "uk", "--set", "line.profile=de"), "choose one of them"),
        (("tone", "dial", "--set", "line.profile="), "there is: us eu"),
        (("tone", "dial", "--out", "x.mp3"), "--out: a name that ends in .wav, not x.mp3"),
        (("tone", "dial", "--out", "/no/such/x.wav"), "--out: there is no folder /no/such"),
        (
            ("tone", "dial", "--picture", "x.bmp"),
            "--picture: a name that ends in .png or .svg or .pdf, not x",
        ),
        (("tone", "dial", "--picture", "/no/such/x.png"), "--picture: there is no folder /no/such"),
        (("callerid", "--profile", "us-1950"), "us-1950 has no Caller ID: choose a style by --style"),
        (("call", "--style", "uk", "--plus", "x"), "--plus: digits"),
        (("callerid", "--name", "\udcff"), "not UTF-8"),
        (("lamp", "--", "-1"), "messages: 0 to 255, not -1"),
        (("lamp", "100000"), "messages: 0 to 255, not 100000"),
        (("lamp", "1", "--profile", "us-1950"), "us-1950 has no Caller ID"),
        (("ring", "bellcore-r99"), "no cadence bellcore-r99"),
        (("ring", "10/10"), "ring"),
        (("callerid", "--style", "pigeon"), "no Caller ID style pigeon; there is: off bell"),
        (("callerid", "--style", "off"), "sends nothing"),
        (("callerid", "--date", "yesterday"), "--date"),
        (("callerid", "--date", "1999-01-01"), "2020"),
        (("callerid", "--extra", "xyz"), "--extra"),
        (("callerid", "--type", "300"), "--type"),
        (("callerid", "--level", "20"), "--level"),
        (("callerid", "--form", "dtmf4"), "sends nothing for such a caller"),
        (("lamp", "1", "--style", "jp"), "no message for a lamp"),
        (("dtmf", "12x"), "X is no key"),
        (("dtmf", ""), "no digits"),
        (("read", "no-such-file.wav"), "no-such-file.wav"),
        (("sing",), "invalid choice"),
        ((), "required"),
    ],
)
def test_what_cannot_be_is_one_line(capsys, words, part):
    assert part in refusal(capsys, *words)


def test_files_that_cannot_be_are_one_line(capsys, tmp_path):
    (tmp_path / "text.wav").write_text("not a sound")
    assert "text.wav: not a wave file" in refusal(capsys, "read", str(tmp_path / "text.wav"))
    (tmp_path / "file").write_text("")
    inside = str(tmp_path / "file" / "x.wav")
    assert "file" in refusal(capsys, "tone", "dial", "--seconds", "0.1", "--out", inside)


def test_picture_of_an_unknown_kind_is_refused_before_anything_is_written(capsys, tmp_path):
    words = ("tone", "350/100", "--out", str(tmp_path / "x.wav"), "--picture", str(tmp_path / "x.doc"))
    assert "--picture" in refusal(capsys, *words)
    assert list(tmp_path.iterdir()) == []


def test_file_in_the_build_folder_needs_no_folder_yet(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["alert", "cas", "--out", "build/new/x.wav", "--no-picture"]) == 0
    assert (tmp_path / "build" / "new" / "x.wav").exists()


@pytest.mark.parametrize("octets", [5, 20, 30, 40, 44, 101, 500])
def test_truncated_file_is_one_line(sound, capsys, octets):
    sound("tone", "350/100")
    sound.path.write_bytes(sound.path.read_bytes()[:octets])
    assert refusal(capsys, "read", str(sound.path)).endswith("x.wav: truncated WAV\n")


def test_profile_is_chosen_by_the_setting_too_and_in_any_case(sound):
    dial = [350, 440], [425]
    for words, hz in (
        (("--set", "line.profile=de"), dial[1]),
        (("--profile", "DE"), dial[1]),
        (("--profile", "Uk"), dial[0]),
        (("--profile", "de", "--set", "line.profile=de"), dial[1]),
    ):
        samples = sound("tone", "dial", "--seconds", "1", *words)
        assert spectrum_peaks(samples, len(hz)) == [pytest.approx(f, rel=0.005) for f in hz]


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (("--number", "abc"), "--number abc is no number"),
        (("--number", "12345678901234567890"), "cut to its last 16 digits, 5678901234567890"),
        (("--number", "123", "--why", "P"), "--number is not sent"),
        (("--number", "123", "--name", "中文"), "cannot be shown"),
        (("--number", "123", "--name", "Bartholomew Longfellow"), "first 15 letters, Bartholomew Lon"),
        (("--number", "123", "--name", "Ann", "--form", "sdmf"), "--name is dropped: form sdmf"),
        (("--name", "Ann", "--why", "P"), "--name is not sent"),
        (("--redirect", "123"), "--redirect is dropped: form mdmf"),
        (("--qualifier", "L", "--form", "etsi"), "--qualifier is dropped"),
        (("--type", "3"), "--type is dropped"),
        (("--extra", "e00141", "--form", "sdmf"), "--extra is dropped"),
        (("--reason", "1", "--number", "1", "--form", "dtmf1"), "--reason is dropped"),
        (("--number", "1*2", "--form", "dtmf1"), "loses its * and #"),
        (("--number", "1", "--date", "2026-11-23", "--form", "ntt"), "--date is dropped"),
        (("--number", "1", "--redirect", "bob", "--form", "etsi"), "--redirect bob is no number"),
    ],
)
def test_what_of_a_caller_is_dropped_or_cut_is_told(capsys, tmp_path, words, note):
    out = str(tmp_path / "x.wav")
    assert cli.main(["callerid", *words, "--out", out, "--no-picture"]) == 0
    told = capsys.readouterr().err
    assert told.startswith("linesound: --") and note in told and told.count("\n") == 1


def test_caller_who_is_sent_whole_is_not_remarked_on(capsys, tmp_path):
    assert cli.main(["callerid", *CALLER, "--out", str(tmp_path / "x.wav"), "--no-picture"]) == 0
    assert capsys.readouterr().err == ""


def test_reading_is_told_in_words(sound, capsys):
    sound("callerid", "--number", "5551234", "--style", "etsi", "--date", "none")
    assert cli.main(["read", str(sound.path)]) == 0
    said = capsys.readouterr().out
    assert "Caller ID (MDMF, V.23): number 5551234, name (unavailable); " in said
    sound("callerid", "--why", "P", "--form", "sdmf")
    cli.main(["read", str(sound.path)])
    assert "Caller ID (SDMF, Bell 202): number (private), date " in capsys.readouterr().out
    sound("lamp", "2")
    cli.main(["read", str(sound.path)])
    assert "Caller ID (MDMF, Bell 202): message waiting on; " in capsys.readouterr().out


def test_files_are_named_by_profile_and_style(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (
        ("callerid", "--number", "1"),
        ("callerid", "--number", "1", "--profile", "UK"),
        ("callerid", "--number", "1", "--form", "sdmf", "--off-hook"),
        ("lamp", "1", "--style", "etsi"),
        ("call", "--number", "1", "--profile", "fr", "--seconds", "3"),
        ("ring", "bellcore-dr2", "--seconds", "1"),
        ("ring", "2000/4000,500/500", "--profile", "de", "--seconds", "1"),
        ("alert", "sas"),
    ):
        assert cli.main([*words, "--no-picture"]) == 0
    capsys.readouterr()
    assert sorted(path.stem for path in (tmp_path / "build" / "sound").iterdir()) == [
        "call-fr-etsi", "callerid-uk-uk", "callerid-us-bell", "callerid-us-bell-sdmf-offhook", "lamp-us-etsi",
        "ring-de-2000-4000-500-500", "ring-us-bellcore-dr2", "sas-us",
    ]  # fmt: skip
