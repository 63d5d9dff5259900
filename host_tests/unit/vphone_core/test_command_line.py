"""The command line: exit statuses, and one clear line for every wrong use."""

import io
import json
import re
import socket
import subprocess
import sys

import pytest

from tools import runvm
from tools.vphone_lib import cli, settings
from tools.vphone_lib.report import Journal
from tools.vphone_lib.told import Told

VPHONE = runvm.ROOT / "tools" / "vphone.py"
REAL = ("--server", "127.0.0.1", "--user", "a", "--secret", "b")
PEER = ("--server", "peer", "--virtual", "--vm", "cpython", "--quiet")


@pytest.fixture
def vphone(monkeypatch, capsys):
    """Run the command line in this process: `vphone(*words, scenario=…)` gives status and stderr."""

    def run(*words, scenario="lift\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(scenario))
        status = cli.main([*words, "--scenario", "-"])
        return status, capsys.readouterr().err

    return run


@pytest.fixture
def complaint(vphone):
    """Run a wrong use; give its one line."""

    def run(*words, **more):
        status, told = vphone(*words, **more)
        assert status == 2, told
        line, empty = told.split("\n")
        assert empty == ""
        return line

    return run


WRONG = {
    "--virtual needs --server peer": (*REAL, "--virtual"),
    "a real server wants --user NAME, and --secret SECRET or --rsa-key FILE": ("--server", "127.0.0.1"),
    "nobody knows the server nosuch.invalid": ("--server", "nosuch.invalid", "--user", "a", "--secret", "b"),
    "give HOST, HOST:PORT": ("--server", "127.0.0.1:0", "--user", "a", "--secret", "b"),
    "no VM at nowhere/python": (*PEER, "--vm", "nowhere/python"),
    "--board esp32_bare: not built yet": (*PEER, "--board", "esp32_bare"),
    "--board zx81: one of": (*PEER, "--board", "zx81"),
    "--console: not built yet": (*PEER, "--console", "pty"),
    "--config nofile: No such file": (*PEER, "--config", "nofile"),
    "write KEY=VALUE": (*PEER, "--set", "audio.jitter_ms"),
    "--port 70000: 0 to 65535": (*PEER, "--port", "70000"),
    "--rsa-key nokey: no such file": (*PEER, "--rsa-key", "nokey"),
    "--heap 5: at least": (*PEER, "--heap", "5"),
    "unrecognized arguments: --frobnicate": (*PEER, "--frobnicate"),
    "audio.jitter_ms": (*PEER, "--set", "audio.jitter_ms=soon"),
    "no.such": (*PEER, "--set", "no.such=1"),
}


@pytest.mark.parametrize(
    "line, why",
    [
        ("audio.jiter_ms=40", "no setting audio.jiter_ms; did you mean audio.jitter_ms?"),
        ("audio.jitter_ms=soon", "audio.jitter_ms: soon is not a whole number of ms"),
        ("audio.jitter_ms", "'audio.jitter_ms': write KEY=VALUE"),
    ],
)
def test_a_bad_line_of_a_settings_file_is_told_with_its_place_before_anything_starts(
    complaint, tmp_path, monkeypatch, line, why
):
    monkeypatch.setattr(cli, "Session", None)
    path = tmp_path / "box.conf"
    path.write_text(f"# of the test\nline.profile=uk\n\n{line}\n")
    assert complaint(*PEER, "--config", str(path)) == f"vphone: {path}:4: {why}"


def test_what_only_the_firmware_can_refuse_is_told_once_and_with_its_place(tmp_path, capsys):
    told = Told(Journal(None), 0)
    told.power(on=True)
    told.on_console(b"config: line.ring_hz: this board cannot\n")
    places = {"line.ring_hz": "box.conf:7"}
    assert settings.placed(told.refusal, places) == "box.conf:7: line.ring_hz: this board cannot"
    words = ("--server", "peer", "--virtual", "--vm", "cpython", "--set", "account.1.server=")
    assert cli.main([*words, "--scenario", str(_scenario(tmp_path))]) == 2
    out, err = capsys.readouterr()
    assert (out + err).count("no server") == 1


def _scenario(folder):
    path = folder / "lines"
    path.write_text("lift\n")
    return path


def test_a_country_that_the_telephone_does_not_know_is_told_in_one_line(vphone):
    status, told = vphone(*PEER, "--set", "line.profile=bg")
    assert status == 0
    assert told == "vphone: the telephone does not know bg, it listens as us: choose with --country\n"
    assert vphone(*PEER, "--set", "line.profile=bg", "--country", "pl") == (0, "")
    assert vphone(*PEER, "--set", "line.profile=za") == (0, "")


def test_whoever_stops_listening_is_told_nothing_more(tmp_path):
    lines = _scenario(tmp_path)
    command = [sys.executable, str(VPHONE), *PEER[:-1], "--scenario", str(lines)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as phone:
        assert phone.stdout and phone.stderr
        phone.stdout.readline()
        phone.stdout.close()
        told = phone.stderr.read()
    assert (phone.returncode, told) == (141, b"")


@pytest.mark.parametrize("quiet, told", [(("--quiet",), False), ((), True)])
def test_the_prompt_tells_no_story_if_it_is_to_be_quiet(quiet, told):
    command = [sys.executable, str(VPHONE), *PEER[:-1], *quiet]
    typed = "lift\nwait tone dial\nwait godot\nquit\n"
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    assert ("hears dial tone" in done.stdout) is told
    assert "nobody can wait for 'godot'" in done.stdout


@pytest.mark.parametrize("words", sorted(WRONG))
def test_wrong_use_is_one_line_and_status_2(complaint, words):
    assert words in complaint(*WRONG[words])


def test_a_taken_port_is_one_line_and_status_2(complaint):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("", 0))
        assert "is taken: choose another" in complaint(*REAL, "--port", str(other.getsockname()[1]))


def test_a_broken_scenario_line_is_told_before_anything_runs(complaint):
    told = complaint(*PEER, scenario="lift\n\nwait godot\n")
    assert told.startswith("vphone: stdin:3: nobody can wait for 'godot'")


def test_a_failed_expectation_is_status_1_and_says_what_was_perceived_and_when(vphone):
    status, told = vphone(*PEER, scenario="wait registered\nlift\nwait tone busy 2\n")
    assert status == 1
    assert told.startswith("FAILED stdin:3: wait tone busy 2: not so within 2 s\n")
    assert re.search(r"perceived at \d+\.\d\d s: off-hook, tone dial, .*registered", told)


def test_settings_come_from_the_file_and_then_from_the_words(vphone, tmp_path):
    settings = tmp_path / "box.conf"
    settings.write_text("# of the test\naccount.1.secret=wrong\ndial.inter_ms = 700\n")
    words = (*PEER, "--config", str(settings))
    assert vphone(*words, scenario="wait registered 3")[0] == 1
    assert vphone(*words, "--set", "account.1.secret=pw1", scenario="wait registered 3")[0] == 0


def test_a_call_leaves_a_whole_report(tmp_path):
    lines = ("wait registered", "lift", "wait tone dial", "dtmf 600#", "wait call up", "sleep 1", "hang")
    command = [sys.executable, str(VPHONE), *PEER, "--scenario", "-", "--report", str(tmp_path)]
    done = subprocess.run(
        command, input="\n".join(lines), capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stderr
    names = {"events.jsonl", "ear.wav", "mouth.wav", "line.wav", "net.pcap", "report.json", "call.svg"}
    assert names == {path.name for path in tmp_path.iterdir()}
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counters"]["CALLS_OUT"] == 1
    assert report["packets"]["out"] > 50
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert {event["who"] for event in events} >= {"phone", "line", "firmware", "net"}
    assert events[-1]["what"] == "power_off"


def test_a_key_does_without_a_secret(tmp_path):
    key = tmp_path / "ata1.rsa"
    key.write_bytes(bytes(448))
    words = ["--server", "127.0.0.1", "--user", "ata1", "--rsa-key", str(key)]
    options = cli.options_of(cli._parser().parse_args(words))
    assert (options.secret, options.settings) == ("", {"account.1.auth": "rsa"})
    words += ["--set", "account.1.auth=rsa,md5"]
    assert cli.options_of(cli._parser().parse_args(words)).settings == {"account.1.auth": "rsa,md5"}
