"""When may a Release file past its date be taken all the same? Only when nothing else is wrong."""

import subprocess

import pytest

from tools.lab_lib import apt

EXPIRED = (
    "E: Release file for http://deb.debian.org/debian/dists/sid/InRelease is expired "
    "(invalid since 5d 3h 2min 1s). Updates for this repository will not be applied.\n"
)
TOO_EARLY = (
    "E: Release file for http://deb.debian.org/debian/dists/sid/InRelease is not valid yet "
    "(invalid for another 3h 2min). Updates for this repository will not be applied.\n"
)
UNSIGNED = "E: The repository 'http://deb.debian.org/debian sid Release' is not signed.\n"


def test_a_release_file_past_its_date_is_the_one_reason_to_go_on():
    assert apt.refused_by_date_alone("Get:1 http://deb.debian.org/debian sid InRelease\n" + EXPIRED)


def test_two_expired_files_are_still_that_one_reason():
    assert apt.refused_by_date_alone(EXPIRED + EXPIRED)


def test_the_newer_wording_of_apt_is_understood():
    assert apt.refused_by_date_alone(EXPIRED.replace("E:", "Error:"))


@pytest.mark.parametrize("other", [UNSIGNED, TOO_EARLY, "E: Failed to fetch http://deb.debian.org/x  404\n"])
def test_any_other_error_keeps_the_check(other):
    assert not apt.refused_by_date_alone(EXPIRED + other)
    assert not apt.refused_by_date_alone(other)


def test_no_error_at_all_is_no_reason():
    assert not apt.refused_by_date_alone("Reading package lists...\nW: some warning\n")


class Recorded(apt.Apt):
    """An apt-get that answers from a list and keeps what it was asked."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)
        self.asked = []

    def run(self, *words, program="apt-get"):
        self.asked.append((program, *self._options, *words))
        code, text = self.answers.pop(0)
        return subprocess.CompletedProcess([], code, text)


def test_an_expired_file_turns_the_check_off_once_and_says_so(capsys):
    here = Recorded((100, EXPIRED), (0, ""))
    assert here.update() == ""
    assert "Acquire::Check-Valid-Until=false" not in here.asked[0]
    assert "Acquire::Check-Valid-Until=false" in here.asked[1]
    assert "Valid-Until" in capsys.readouterr().err


def test_an_unsigned_repository_is_refused_with_its_reason():
    here = Recorded((100, EXPIRED + UNSIGNED))
    assert "Release file" in here.update()
    assert len(here.asked) == 1


def test_a_slow_clock_is_named_as_such():
    assert "clock" in Recorded((100, TOO_EARLY)).update()


def test_installing_reads_the_lists_again_only_after_a_failure():
    assert Recorded((0, "")).install("sox") == ""
    here = Recorded((100, "E: Unable to locate package sox"), (0, ""), (0, ""))
    assert here.install("sox") == ""
    assert "update" in here.asked[1]


def test_a_package_that_nobody_has_is_told_in_one_line():
    missing = "Reading package lists...\nE: Unable to locate package sox\n"
    assert Recorded((100, missing), (0, ""), (100, missing)).install("sox") == "Unable to locate package sox"


def test_a_package_without_candidate_is_unknown():
    assert Recorded((0, "sox:\n  Candidate: 14.4.2\n")).knows("sox")
    assert not Recorded((0, "sox:\n  Candidate: (none)\n")).knows("sox")
    assert not Recorded((0, "")).knows("sox")
