"""The host environment: made once, again when a pin changes; Python itself is fetched if there is none."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools import env

SHELL_SCRIPT = Path(env.__file__).with_name("env.sh")

FAKE_APT = """#!/bin/sh
echo "$@" >>"{folder}/asked"
case "$*" in
*" update") {update} ;;
*" install "*)
    [ -e "{folder}/lists" ] || exit 100
    printf '#!/bin/sh\\necho "ran $*"\\n' >"{folder}/python3"
    /bin/chmod +x "{folder}/python3" ;;
esac
"""
EXPIRED = """case "$*" in
    *Check-Valid-Until=false*) : >"{folder}/lists" ;;
    *) echo "E: Release file for http://mirror/InRelease is expired (invalid since 5d)."; exit 100 ;;
    esac"""
UNSIGNED = "echo 'E: The repository is not signed.'; exit 100"


@pytest.fixture
def bare(tmp_path):
    """A machine with a shell, root and apt-get, but no Python: `bare(update)` runs env.sh there."""
    for name in ("sh", "dirname", "grep", "cat"):
        (tmp_path / name).symlink_to(shutil.which(name))
    (tmp_path / "id").write_text("#!/bin/sh\necho 0\n")
    (tmp_path / "id").chmod(0o755)

    def run(update):
        text = FAKE_APT.replace("{update}", update).replace("{folder}", str(tmp_path))
        (tmp_path / "apt-get").write_text(text)
        (tmp_path / "apt-get").chmod(0o755)
        return subprocess.run(
            ["/bin/sh", str(SHELL_SCRIPT), "pytest", "-q"],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_machine_without_python_gets_one_and_goes_on(bare, tmp_path):
    done = bare(f": >'{tmp_path}/lists'")
    assert done.returncode == 0
    assert "env.py pytest -q" in done.stdout
    assert "installing python3" in done.stderr
    assert "Check-Valid-Until" not in (tmp_path / "asked").read_text()


def test_a_mirror_past_its_date_is_taken_and_that_is_said(bare):
    done = bare(EXPIRED)
    assert done.returncode == 0
    assert "Valid-Until" in done.stderr


def test_a_mirror_with_another_fault_is_not_taken(bare, tmp_path):
    done = bare(UNSIGNED)
    assert done.returncode == 2
    assert "needs CPython 3.11 to 3.14" in done.stderr
    assert "Check-Valid-Until" not in (tmp_path / "asked").read_text()


def test_a_python_that_does_not_fit_is_refused_by_name(tmp_path):
    done = subprocess.run(
        ["/bin/sh", str(SHELL_SCRIPT)],
        env={"PATH": "/usr/bin:/bin", "UIAXY_PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "/bin/false is not a CPython" in done.stderr


def test_a_changed_pin_makes_a_new_environment(tmp_path, monkeypatch):
    pins = tmp_path / "requirements.txt"
    pins.write_text("pytest==1\n")
    monkeypatch.setattr(env, "REQUIREMENTS", pins)
    before = env.folder()
    assert env.folder() == before
    pins.write_text("pytest==2\n")
    assert env.folder() != before


def test_an_environment_that_was_broken_off_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make(place):
        made.append(place)
        (place / "bin").mkdir(parents=True, exist_ok=True)
        (place / "bin/python").touch()

    monkeypatch.setattr(env, "_make", make)
    place = env.ensure()
    env.ensure()
    assert made == [place, place]
    (place / "complete").touch()
    env.ensure()
    assert len(made) == 2


def test_every_pin_is_exact():
    lines = [line.split("#")[0].strip() for line in env.REQUIREMENTS.read_text().splitlines()]
    assert all("==" in line for line in lines if line)


def test_the_error_of_pip_is_cut_to_the_line_that_tells():
    text = "Collecting x\nWARNING: Retrying\nERROR: No matching distribution found for x==9\nnote: more"
    assert env._last_line(text) == "ERROR: No matching distribution found for x==9"
