"""Figures of a tree that no commit has: who writes them into the README is warned."""

import subprocess

import need
import pytest

from tools.budget_lib import tree


@pytest.fixture
def repo(tmp_path):
    """A repository with one committed file of firmware."""
    git = need.program("git")

    def run(*words):
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
        subprocess.run([git, *who, *words], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "firmware").mkdir()
    (tmp_path / "firmware/main.py").write_text("1\n")
    run("init", "-q")
    run("add", ".")
    run("commit", "-q", "-m", "first")
    return tmp_path


def test_a_committed_tree_is_no_matter(repo):
    (repo / "README.md").write_text("no code\n")
    assert tree.warning(repo) == ""


def test_changed_and_new_files_are_named(repo):
    (repo / "firmware/main.py").write_text("2\n")
    for name in ("a", "b", "c"):
        (repo / f"firmware/{name}.py").write_text("3\n")
    told = tree.warning(repo)
    assert "firmware/main.py" in told and told.endswith("and 1 more")


def test_a_folder_without_git_is_no_matter(tmp_path):
    assert tree.warning(tmp_path) == ""
