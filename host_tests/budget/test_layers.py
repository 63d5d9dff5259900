"""Down only; sisters never; the four rooms know no clock and no socket; main alone knows the board."""

import pytest

from tools import layers

DEVICE = layers.device_modules()
HOST = sorted((layers.ROOT / "host_tests" / "peer").rglob("*.py"))
HOST += sorted((layers.ROOT / "host_tests" / "ref").rglob("*.py"))
RUN_THE_CORE = [f"tools/probe_lib/{name}.py" for name in ("core", "identity", "sound")]
RUN_THE_CORE += [f"tools/sound_lib/{name}.py" for name in ("line", "notes", "program", "reading")]
TOOLS = sorted((layers.ROOT / "tools").rglob("*.py"))


def name_of(path):
    return path.relative_to(layers.ROOT).as_posix()


@pytest.mark.parametrize("name", DEVICE)
def test_module_imports_only_what_its_room_may(name):
    if layers.room(name) not in layers.LAW:
        assert layers.room(name) in ("board", "codes"), f"{name}: a new room needs a line in tools/layers.py"
    if layers.room(name) != "codes":
        assert layers.offences(name, DEVICE[name]) == []


def test_no_module_imports_itself_by_a_circle():
    assert layers.cycles() == []


@pytest.mark.parametrize("name", [name for name in DEVICE if layers.room(name) in layers.ROOMS])
def test_rooms_never_look_at_a_clock_or_a_socket(name):
    forbidden = {"time", "socket", "machine", "network", "asyncio", "select", "os", "sys", "gc"}
    assert not {layers.room(used) for used in layers.imports(DEVICE[name])} & forbidden


def test_only_main_imports_the_board():
    knowing = [
        name
        for name, path in DEVICE.items()
        if layers.room(name) != "board" and "board" in {layers.room(used) for used in layers.imports(path)}
    ]
    assert knowing in ([], ["main"])


@pytest.mark.parametrize("path", HOST, ids=name_of)
def test_peer_and_reference_import_nothing_of_the_firmware(path):
    assert not {layers.room(used) for used in layers.imports(path)} & {
        *layers.OURS,
        "micropython",
        "stub_hal",
    }


@pytest.mark.parametrize("path", TOOLS, ids=name_of)
def test_tools_know_the_firmware_only_by_its_books(path):
    """But for the files of the probe and of linesound that run the firmware itself."""
    used = {name for name in layers.imports(path) if layers.room(name) in layers.OURS}
    allowed = {"codes", "iax", "iax.proto"}
    beyond = {name for name in used if not name.startswith(("codes.", "iax.proto."))} - allowed
    assert not beyond or name_of(path) in RUN_THE_CORE


def test_firmware_has_no_package_files():
    assert [name_of(path) for path in (layers.ROOT / "firmware").rglob("__init__.py")] == []


def test_law_catches_a_sister(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import time\nfrom line import hook\nimport codes\nimport ticks\n")
    assert layers.offences("iax.wrong", wrong) == [
        "iax.wrong imports the book codes",
        "iax.wrong imports line",
        "iax.wrong imports line.hook",
        "iax.wrong imports time",
    ]
