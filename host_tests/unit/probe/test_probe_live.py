"""The probe as a program, on real sockets, against the test peer: what it prints and how it ends."""

import contextlib
import itertools
import json
import math
import os
import signal
import subprocess
import sys
import time
import wave
from array import array

import need
import pytest

from peer import Peer, PeerServer
from tools.lab_lib.find import program
from tools.layers import ROOT

PROBE = [sys.executable, str(ROOT / "tools/iaxprobe.py")]
WHO = ["--user", "ata1", "--secret", "pw1"]


@pytest.fixture
def server():
    """A test peer on a port of its own; touch `.peer` only with `.lock` held."""
    with PeerServer(Peer(seed=1, accounts={"ata1": "pw1"})) as running:
        yield running


def begin(*words: object, **environment: str) -> subprocess.Popen:
    clean = {name: value for name, value in os.environ.items() if name != "UIAXY_SECRET"}
    return subprocess.Popen(
        [*PROBE, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        text=True, env={**clean, **environment},
    )  # fmt: skip


def probe(*words: object, **environment: str):
    """Run the probe to its end; return (exit status, lines, complaint)."""
    process = begin(*words, **environment)
    out, err = process.communicate(timeout=40)
    return process.returncode, out.splitlines(), err


def address(server: PeerServer) -> str:
    return f"127.0.0.1:{server.port}"


def events(lines: list[str], *names: str) -> list[dict]:
    found = [json.loads(line) for line in lines]
    return [event for event in found if event.get("event") in names]


def tone_wav(path, hz: int, seconds: float) -> str:
    """Write a tone and return the file's name."""
    samples = array(
        "h", (int(9000 * math.sin(2 * math.pi * hz * i / 8000)) for i in range(int(8000 * seconds)))
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return str(path)


def pitch_hz(path) -> float:
    """Return how many waves a second the loud part of a file has."""
    with wave.open(str(path)) as file:
        samples = array("h", file.readframes(file.getnframes()))
    loud = [i for i, value in enumerate(samples) if abs(value) > 3000]
    part = samples[loud[0] : loud[-1]]
    ups = sum(1 for a, b in itertools.pairwise(part) if a < 0 <= b)
    return ups * 8000 / len(part)


def test_poke_measures_who_answers_and_says_who_does_not(server):
    with contextlib.closing(PeerServer(Peer())) as closed:
        nobody = address(closed)
    status, lines, complaint = probe("poke", address(server), nobody, "--count", 3, "--interval", 0.05)
    assert status == 3 and f"{nobody} does not answer" in complaint
    assert sum("PONG" in line for line in lines) == 3
    assert lines[-2].startswith(f"{address(server)}: 3 sent, 3 answered, 0 % lost, rtt least ")
    assert lines[-1] == f"{nobody}: 3 sent, 0 answered, 100 % lost"
    assert sum("refused, nothing listens there" in line for line in lines) == (
        3 if sys.platform == "linux" else 0
    )


def test_poke_tells_scripts_in_json(server):
    status, lines, _ = probe("poke", address(server), "--count", 2, "--interval", 0, "--json", "--frames")
    told = [json.loads(line) for line in lines]
    assert status == 0
    assert [row["subclass"] for row in told if "kind" in row].count("POKE") == 2
    assert all(0 < event["rtt_ms"] < 1000 for event in events(lines, "pong"))
    assert events(lines, "summary")[0]["answered"] == 2


def test_register_takes_the_secret_from_the_environment(server):
    status, lines, _ = probe("register", address(server), "ata1", UIAXY_SECRET="pw1")
    assert status == 0 and "registered as ata1 for 60 s" in lines[0]
    with server.lock:
        assert server.peer.accounts["ata1"].addr is not None


def test_register_and_release_leaves_nothing_behind(server):
    status, lines, _ = probe("register", address(server), "ata1", "--secret", "pw1", "--release")
    assert status == 0 and "registration of ata1 released" in lines[-1]
    with server.lock:
        assert server.peer.accounts["ata1"].addr is None


def test_a_wrong_secret_is_a_refusal_not_a_silence(server):
    status, lines, complaint = probe("register", address(server), "ata1", "--secret", "wrong")
    assert status == 1 and "cause 29" in lines[0] and "check the account's name and secret" in complaint


def test_two_calls_on_one_socket_hear_each_its_own_echo(server, tmp_path):
    sounds = [tone_wav(tmp_path / "low.wav", 400, 1.2), tone_wav(tmp_path / "high.wav", 1500, 1.2)]
    status, lines, _ = probe(
        "dial", address(server), 600, 600, *WHO, "--json", "--frames", "--play", sounds[0],
        "--play", sounds[1], "--record", tmp_path / "heard.wav", "--capture", tmp_path / "both.pcap",
    )  # fmt: skip
    assert status == 0
    assert pitch_hz(tmp_path / "heard.wav") == pytest.approx(400, abs=25)
    assert pitch_hz(tmp_path / "heard-2.wav") == pytest.approx(1500, abs=60)
    rows = events(lines, "summary")
    assert all(row["answered"] and row["packets_in"] > 60 and row["packets_out"] > 60 for row in rows)
    frames = [json.loads(line) for line in lines if '"kind"' in line]
    assert len({frame["src"] for frame in frames if frame["way"] == "out"} - {1}) == 2
    status, decoded, _ = probe("decode", tmp_path / "both.pcap", "--port", server.port)
    assert status == 0 and sum("MINI" in line for line in decoded) > 200


def test_digits_and_text_reach_the_far_end(server):
    status, lines, _ = probe("dial", address(server), 600, *WHO, "--dtmf", "15w#", "--text", "grüß dich")
    assert status == 0 and any("text sent" in line for line in lines)
    with server.lock:
        frames = server.peer.frames(None, "in")
        begun = [chr(frame["subclass"]) for frame in frames if frame["name"] == "DTMF_BEGIN"]
        text = next(frame["payload"] for frame in frames if frame["name"] == "TEXT")
        assert server.peer.live_calls() == []
    assert "".join(begun) == "15#" and text.decode() == "grüß dich"


def test_several_refusals_are_told_one_by_one(server):
    status, lines, _ = probe("dial", address(server), 603, 604, 999, *WHO)
    assert status == 1
    assert [line.partition(": ")[2] for line in lines[-3:]] == [
        "not answered, cause 17 user busy",
        "not answered, cause 34 no circuit",
        "not answered, cause 3 no route to destination",
    ]


def test_a_server_that_is_not_there_is_a_status_of_its_own():
    with contextlib.closing(PeerServer(Peer())) as closed:
        nobody = address(closed)
    status, lines, complaint = probe("dial", nobody, 600, *WHO, "--wait", 1)
    assert status == 3 and f"{nobody} does not answer" in complaint
    assert not any("normal clearing" in line for line in lines)
    if sys.platform == "linux":  # ICMP is heard
        assert "refused, nothing listens there" in lines[0] and "cause 27" in lines[-1]


def test_listening_where_nobody_is_releases_nothing():
    with contextlib.closing(PeerServer(Peer())) as closed:
        nobody = address(closed)
    status, lines, complaint = probe("listen", nobody, "ata1", "--secret", "pw1", "--for", 1)
    assert status == 3 and f"{nobody} does not answer" in complaint
    assert not any("released" in line for line in lines)


def test_a_server_that_went_away_has_released_nothing(server):
    process = begin("listen", address(server), "ata1", "--secret", "pw1", "--for", 1)
    for line in process.stdout:
        if "registered" in line:
            break
    server.close()
    out, _ = process.communicate(timeout=20)
    assert "given up: no answer" in out and "released" not in out


def test_cause_50_comes_with_a_hint(server):
    with server.lock:
        server.peer.accounts["ata1"].encryption = "force"
    _, _, complaint = probe("dial", address(server), 600, *WHO)
    assert "cause 50: check user and secret" in complaint and "--encrypt allow" in complaint


@pytest.fixture
def ctrl_c_heard():
    """What we start hears Ctrl-C, even if this test run was started in the background and does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_heard")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_hangs_up_and_unregisters_first(server, sign):
    process = begin("dial", address(server), 600, *WHO, "--register", "--seconds", 60)
    for line in process.stdout:
        if "answered" in line:
            break
    time.sleep(0.2)
    process.send_signal(sign)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130 and "ended by us" in out and "released" in out and not err
    with server.lock:
        assert server.peer.live_calls() == []
        assert server.peer.accounts["ata1"].addr is None
        assert [frame["ie"]["CAUSECODE"] for frame in server.peer.frames("HANGUP", "in")] == [16]


@pytest.mark.usefixtures("ctrl_c_heard")
def test_being_stopped_while_listening_is_told_by_the_status(server):
    process = begin("listen", address(server), "ata1", "--secret", "pw1")
    for line in process.stdout:
        if "registered" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130 and "released" in out and not err


def test_listening_answers_calls_and_echoes(server):
    process = begin("listen", address(server), "ata1", "--secret", "pw1", "--echo", "--for", 3)
    for line in process.stdout:
        if "registered" in line:
            break
    with server.lock:
        call = server.peer.call_device("ata1", number="700", name="Küche")
    time.sleep(1.5)
    with server.lock:
        assert call.state == "up" and call.rx_packets > 40
        call.hangup(16)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and not err
    assert "call 1 700: incoming, 'Küche'" in out and "ended by the far end, cause 16 normal clearing" in out


def test_what_is_dialled_beside_a_call_that_comes_in(server):
    process = begin("dial", address(server), 600, *WHO, "--register", "--answer", "--seconds", 2)
    for line in process.stdout:
        if "answered" in line:
            break
    with server.lock:
        call = server.peer.call_device("ata1", number="700")
    time.sleep(0.8)
    with server.lock:
        assert call.state == "up" and len(server.peer.live_calls()) == 2
        call.hangup(16)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and "call 2 700: incoming" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("dial", "127.0.0.1"), "the following arguments are required: NUMBER"),
        (("register", "127.0.0.1", "u"), "no secret: give --secret, or UIAXY_SECRET"),
        (("register", "127.0.0.1:99999", "u", "--secret", "x"), "is no HOST[:PORT]"),
        (("dial", "127.0.0.1", "600", "--dtmf", "12X"), "'X' is no key"),
        (("dial", "127.0.0.1", "600", "--codec", "gsm"), "there are ulaw and alaw"),
        (("dial", "127.0.0.1", "600", "--play", "nothing.wav"), "nothing.wav: No such file"),
        (("dial", "127.0.0.1", "600", "--record", "no/folder/x.wav"), "no/folder/x.wav: No such file"),
        (("listen", "127.0.0.1", "u", "--secret", "x", "--record", "/"), "/: Is a directory"),
        (("dial", "127.0.0.1", "6" * 33), "a number has 1 to 32 octets"),
        (("dial", "127.0.0.1", "600", "--register"), "--register wants --user"),
        (("poke", "no.such.host.invalid"), "check the name, or give the address"),
        (("poke", "127.0.0.1", "[::1]"), "IPv4 and IPv6 do not go through one socket"),
        (("poke", "127.0.0.1", "--count", "0"), "--count 0"),
        (("decode", "nothing.pcap"), "no hex either"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(words, complaint):
    status, lines, err = probe(*words)
    assert status == 2 and lines == []
    assert complaint in err and err.count("\n") == 1 and err.startswith("iaxprobe: ")


def test_a_call_can_be_encrypted(server):
    with server.lock:
        server.peer.accounts["ata1"].encryption = "force"
    words = ("dial", address(server), 600, *WHO, "--seconds", 1, "--frames")
    status, lines, _ = probe(*words, "--encrypt", "require", "--dtmf", "5")
    assert status == 0 and sum("ENCRYPTED" in line for line in lines) > 10
    with server.lock:
        assert server.peer.calls[-1].digits() == "5" and server.peer.calls[-1].rx_packets > 40
    status, lines, _ = probe(*words)
    assert status == 1 and "cause 50 no authority" in lines[-1]


def test_a_captured_call_can_be_decrypted_with_its_secret(server, tmp_path):
    """New keys on the way included: both sides may change theirs before the first voice."""
    with server.lock:
        server.peer.accounts["ata1"].encryption = "force"
        server.peer.quirks.rotation = "asterisk"
    capture = tmp_path / "x.pcap"
    words = ("--encrypt", "require", "--seconds", 1, "--dtmf", "5", "--capture", capture)
    status, _, _ = probe("dial", address(server), 600, *WHO, *words)
    assert status == 0
    status, dark, _ = probe("decode", capture, "--port", server.port)
    assert status == 1 and sum("no frame type" in line for line in dark) > 5
    status, lines, _ = probe("decode", capture, "--port", server.port, "--secret", "pw1")
    told = {line.split()[4] for line in lines if line.endswith("encrypted")}
    assert status == 0
    assert told >= {"AUTHREP", "ACCEPT", "CONTROL", "VOICE", "MINI", "DTMF_BEGIN", "RTKEY", "HANGUP", "ACK"}
    answers = [line for line in lines if "MD5_RESULT" in line]
    assert answers and all("not shown" in line for line in answers), "it is the key"
    minis = [line for line in lines if " MINI " in line]
    assert len(minis) > 60 and all("160 octets" in line for line in minis)


def test_a_key_proves_who_we_are(server, tmp_path):
    need.package("cryptography")
    from tools import rsakey

    private = rsakey.generate()
    (tmp_path / "ata1.rsa").write_bytes(rsakey.blob(private))
    with server.lock:
        server.peer.accounts["ata1"].rsa = (private.public_key().public_numbers().n, 65537)
        server.peer.quirks.authmethods = 4
    status, lines, _ = probe(
        "register", address(server), "ata1", "--rsa-key", tmp_path / "ata1.rsa", "--frames"
    )
    assert status == 0 and any("RSA_RESULT" in line for line in lines)
    status, _, complaint = probe("register", address(server), "ata1", "--rsa-key", __file__)
    assert status == 2 and "not the 448 octets" in complaint


def test_a_reader_that_has_seen_enough_is_no_trouble(server, tmp_path):
    probe("dial", address(server), 600, *WHO, "--seconds", 1, "--capture", tmp_path / "x.pcap")
    head = program("head")
    command = f"'{sys.executable}' {PROBE[1]} decode {tmp_path}/x.pcap --port {server.port} | {head} -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=20, check=False)
    assert "NEW" in done.stdout and done.stderr == ""
