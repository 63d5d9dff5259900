"""Whether the figures are those of a commit: what of the measured files git does not have."""

import subprocess
from pathlib import Path

MEASURED = ("firmware", "board", "host_tests/vm", "tools/budget.toml")


def uncommitted(root: Path) -> "list[str]":
    """Return the measured files that differ from the last commit; none where there is no git."""
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--", *MEASURED]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line[3:] for line in done.stdout.splitlines()]


def warning(root: Path) -> str:
    """Return one line for who writes figures into the README of a tree with such files, "" for none."""
    files = uncommitted(root)
    if not files:
        return ""
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return f"these figures belong to no commit, with uncommitted files in them: {', '.join(files[:3])}{more}"
