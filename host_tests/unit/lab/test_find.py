"""Where things are looked for, and what is said when they are not there."""

import os

import pytest

from tools import lab, steps
from tools.lab_lib import background, find, install, vms


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A user whose cache folder is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    find.asterisk.cache_clear()
    yield tmp_path / "uiaxy"
    find.asterisk.cache_clear()


def test_the_cache_folder_follows_the_user_and_is_never_in_the_checkout(empty_cache, monkeypatch):
    assert find.cache_folder() == empty_cache
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert find.cache_folder().is_absolute()


def test_asterisk_can_be_said_to_be_missing(empty_cache, monkeypatch):
    monkeypatch.setenv("UIAXY_ASTERISK", "none")
    assert find.asterisk() is None


def test_a_half_made_tree_is_no_tree(empty_cache):
    (empty_cache / "sid/usr/bin").mkdir(parents=True)
    assert not find.tree_is_complete(find.tree_folder())
    (empty_cache / "sid/usr/bin/micropython").touch()
    assert not find.tree_is_complete(find.tree_folder())


def test_a_wrapper_passes_every_argument_on():
    text = vms.script(("/a folder/ld.so", "--library-path", "/lib", "/bin/program"))
    assert text == "#!/bin/sh\nexec '/a folder/ld.so' --library-path /lib /bin/program \"$@\"\n"


def test_a_variable_of_the_user_wins(empty_cache, monkeypatch):
    monkeypatch.setenv("UIAXY_MPY_CROSS", "/opt/mpy-cross")
    assert vms.environment()["UIAXY_MPY_CROSS"] == "/opt/mpy-cross"


def test_a_32_bit_vm_that_has_64_bits_is_refused(empty_cache):
    fake = empty_cache / "bin/micropython32"
    fake.parent.mkdir(parents=True)
    fake.write_text("#!/bin/sh\necho micropython 64\n")
    fake.chmod(0o755)
    assert vms.micropython(32) == ""
    fake.write_text("#!/bin/sh\necho micropython 32\n")
    assert vms.micropython(32) == str(fake)


def test_without_root_the_missing_programs_are_named_with_their_command(monkeypatch):
    monkeypatch.setattr(install, "missing_packages", lambda: [("sox", ("sox",))])
    monkeypatch.setattr(install.apt, "usable", lambda: False)
    said = install.tools(lambda _text: None)
    assert len(said) == 1
    assert "apt-get install sox" in said[0]


def test_without_root_no_tree_is_made_and_one_line_says_so(empty_cache, monkeypatch):
    monkeypatch.setattr(install.apt, "usable", lambda: False)
    with pytest.raises(install.InstallError, match="needs root"):
        install.tree(lambda _text: None)


def test_a_stale_note_of_a_server_is_not_believed(empty_cache):
    empty_cache.mkdir(parents=True)
    note = '{"pid": %d, "born": "another moment", "port": 20001, "folder": "/nowhere"}'
    (empty_cache / "server.json").write_text(note % os.getpid())
    assert background.running() is None
    assert not background.stop()


def test_the_console_without_a_server_is_an_error_of_one_line(empty_cache, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["lab.py", "cli", "core show uptime"])
    assert lab.main() == 1
    assert "tools/lab.py start" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "is_ci"), [("true", True), ("1", True), ("", False), ("false", False)])
def test_ci_is_what_the_variable_says(monkeypatch, text, is_ci):
    monkeypatch.setenv("CI", text)
    assert find.in_ci() is is_ci


def test_the_closing_table_names_what_failed_and_the_total():
    text = steps.summary([("lint", True, 2.0), ("unit", False, 61.5)])
    assert "FAILED  unit      1:01" in text
    assert text.endswith("failed: unit, 1:03 in all")
