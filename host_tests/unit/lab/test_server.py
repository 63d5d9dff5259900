"""A real server, where there is one: it starts, answers a POKE, comes back after a kill, and goes."""

import socket

import need
import pytest

from tools.lab_lib import background, find
from tools.lab_lib.asterisk_conf import Options
from tools.lab_lib.server import Lab, LabError, Server

POKE = bytes.fromhex("8003000000000003" + "0000061e")  # source 3, IAX frame, subclass 30
PONG = bytes.fromhex("80010003" + "00000003" + "00010603")  # from number 1: no call slot was spent


@pytest.fixture(scope="module")
def server():
    lab = Lab()
    if lab.asterisk_program is None:
        need.refuse(lab.why)
    with lab.asterisk(Options(files={"var/extra/note": "kept\n"})) as ast:
        yield ast


def poke(ast):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(3)
        phone.sendto(POKE, (ast.host, ast.port))
        return phone.recv(1500)


def test_the_server_answers_a_poke_on_its_port(server):
    assert poke(server) == PONG


def test_the_console_knows_every_phone_and_number(server):
    peers = server.cli("iax2 show peers")
    assert "phone20" in peers and "phonealaw" in peers
    assert "UNKNOWN" in server.peer("phone")
    assert "'608'" in server.cli("dialplan show lab")
    assert server.peer("nobody") == ""


def test_a_file_of_the_test_lies_in_the_folder(server):
    assert (server.folder / "var/extra/note").read_text() == "kept\n"


def test_messages_lie_in_the_mailbox_of_a_phone(server):
    server.leave_messages("phone3", new=2, old=1)
    assert "  2\n" in server.cli("voicemail show users for lab").partition("703")[2].partition("704")[0]
    server.leave_messages("phone3", new=0)
    assert "  0\n" in server.cli("voicemail show users for lab").partition("703")[2].partition("704")[0]


def test_music_on_hold_is_there(server):
    assert str(server.folder / "var/moh/music") in server.cli("moh show files")


def test_two_servers_live_side_by_side(server):
    with Lab().asterisk() as other:
        assert other.port != server.port
        assert poke(other) == poke(server) == PONG


def test_a_second_server_cannot_have_the_port(server):
    with pytest.raises(Exception, match="in use"):
        Server(server.program, port=server.port)


def test_a_killed_server_comes_back_on_the_same_port(server):
    before = server.port
    server.kill()
    assert server.cli("core show uptime") == ""
    server.restart()
    assert server.port == before
    assert poke(server) == PONG


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(tmp_path):
    broken = find.Asterisk(("/bin/false",), "/nowhere", "/nowhere", "test", "none")
    ast = Server(broken, folder=tmp_path / "lab")
    try:
        with pytest.raises(LabError, match="ended at once"):
            ast.start()
    finally:
        ast.close()
    assert not (tmp_path / "lab").exists()


def test_a_server_in_the_background_has_a_key_and_says_where(tmp_path):
    need.package("cryptography")
    background._make_key(tmp_path)
    running = background.Running(1, "", 4569, str(tmp_path))
    assert f"key of phonersa {tmp_path}/var/keys/phonersa.rsa" in running.describe()
    assert (tmp_path / "var/keys/phonersa.pub").read_text().startswith("-----BEGIN PUBLIC KEY")
