"""tools/iaxprobe.py against Asterisk: what its words say, Asterisk's own console and log must say too."""

import subprocess
import sys

import numpy as np
import pytest

from tools.layers import ROOT
from tools.vphone_lib import speech

RATE_HZ = 8000


def begin(*words):
    """Start the probe."""
    command = [sys.executable, str(ROOT / "tools/iaxprobe.py"), *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )


def probe(*words):
    """Run the probe to its end; return (exit status, what it printed)."""
    process = begin(*words)
    out, err = process.communicate(timeout=50)
    print(f"$ iaxprobe {' '.join(map(str, words))}\n{out}{err}")
    return process.returncode, out


def wait_for(process, words):
    """Read what the probe prints until a line holds these words."""
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"the probe ended without {words!r}: {process.stderr.read()}")


@pytest.fixture
def who(server, accounts):
    """An account of the server, as options of `dial`."""
    account = next(accounts)
    return account, ("--user", account, "--secret", server.secret)


def test_poke_finds_asterisk_there(server):
    status, out = probe("poke", server.address, "--count", 5, "--interval", 0.1)
    assert status == 0 and "5 sent, 5 answered, 0 % lost" in out


def test_registration_appears_and_goes_on_asterisks_console(server, who):
    account, _ = who
    process = begin("register", server.address, account, "--secret", server.secret, "--keep", 3, "--release")
    wait_for(process, "registered")
    assert server.wait_peer(account)
    assert process.wait(20) == 0
    assert server.wait(lambda: "UNKNOWN" in server.peer(account) or "(null)" in server.peer(account), 5)


def test_a_wrong_secret_is_refused_by_asterisk(server, who):
    status, out = probe("register", server.address, who[0], "--secret", "wrong")
    assert status == 1 and "cause 29" in out


@pytest.mark.item(57)
@pytest.mark.takes(20)
def test_two_calls_through_one_socket_hear_each_its_own_echo(server, who, tmp_path, taken):
    said = [speech.say("One is the first number we call."), speech.say("Another sentence, quite unlike it.")]
    files = [tmp_path / f"said{at}.wav" for at in (1, 2)]
    for path, samples in zip(files, said, strict=True):
        speech.write_wav(str(path), samples)
    capture, heard = tmp_path / "two.pcap", tmp_path / "heard.wav"
    status, _ = probe(
        "dial", server.address, 600, 6001, *who[1], "--play", files[0], "--play", files[1], "--record", heard,
        "--capture", capture, "--frames",
    )  # fmt: skip
    taken.append(capture)
    assert status == 0
    for path, own, other in ((heard, said[0], said[1]), (tmp_path / "heard-2.wav", said[1], said[0])):
        back = speech.read_wav(str(path))
        assert speech.echo_match(own, back)[0] > 0.9
        assert speech.echo_match(other, back)[0] < 0.5
    assert server.wait(lambda: server.calls() == 0, 5)


def test_digits_pressed_are_those_in_asterisks_log(server, who):
    since = len(server.log)
    status, _ = probe("dial", server.address, 610, *who[1], "--dtmf", "159D*0#")
    assert status == 0
    assert server.wait(lambda: server.digits(who[0], since) == "159D*0#", 5)


def test_refusals_carry_asterisks_causes(server, who):
    status, out = probe("dial", server.address, 603, 62021, 62042, *who[1])
    assert status == 1
    for cause in ("17 user busy", "21 call rejected", "42 congestion"):
        assert f"not answered, cause {cause}" in out


def test_a_call_goes_on_while_registered_and_asterisk_rings_it_too(server, who):
    account, options = who
    process = begin("dial", server.address, 600, *options, "--register", "--answer", "--seconds", 8)
    wait_for(process, "call 1 600: answered")
    assert server.wait_peer(account)
    server.call(account, to="607", name="Front Desk", number="5551234")
    line = wait_for(process, "incoming")
    assert "call 2 5551234: incoming, 'Front Desk'" in line
    assert server.wait(lambda: server.calls() == 2, 5)
    assert process.wait(30) == 0
    assert server.wait(lambda: server.calls() == 0, 5)


def test_listening_answers_what_asterisk_rings(server, who, tmp_path):
    heard = tmp_path / "heard.wav"
    options = ("--secret", server.secret, "--for", 2, "--seconds", 3, "--record", heard)
    process = begin("listen", server.address, who[0], *options)
    wait_for(process, "registered")
    assert server.wait_peer(who[0])
    server.call(who[0], to="601")
    wait_for(process, "answered")
    assert process.wait(20) == 0
    samples = speech.read_wav(str(heard))
    spectrum = np.abs(np.fft.rfft(samples[RATE_HZ : 2 * RATE_HZ]))
    assert int(spectrum.argmax()) == 1004
