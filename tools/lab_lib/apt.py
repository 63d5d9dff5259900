"""apt-get, on this machine or in a tree, without questions and with its complaints understood."""

import os
import re
import subprocess
import sys

from tools.lab_lib import find

_OPTIONS = ("-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")
_ERROR = re.compile(r"^(?:E|Error): (.*)$", re.MULTILINE)
_EXPIRED = re.compile(r"^Release file for \S+ is expired\b")
_TOO_EARLY = re.compile(r"^Release file for \S+ is not valid yet\b", re.MULTILINE)


def usable() -> bool:
    """Return True as root on a machine that has apt-get."""
    return os.getuid() == 0 and bool(find.program("apt-get"))


def refused_by_date_alone(text: str) -> bool:
    """Return True if each error of `apt-get update` is a Release file past its Valid-Until date.

    A file that is "not valid yet" does not count: the machine's clock is slow, and that is for its owner.
    """
    errors = _ERROR.findall(text)
    return bool(errors) and all(_EXPIRED.match(error) for error in errors)


class Apt:
    """apt-get with a fixed way to call it. prefix: words before it, as ("chroot", tree)."""

    def __init__(self, prefix: "tuple[str, ...]" = ()) -> None:
        self._prefix = prefix
        self._options = _OPTIONS

    def run(self, *words: str, program: str = "apt-get") -> "subprocess.CompletedProcess[str]":
        """Run it and return what it said, standard error in `.stdout` too."""
        options = self._options if program == "apt-get" else ()
        environment = {
            **os.environ,
            "DEBIAN_FRONTEND": "noninteractive",
            "LC_ALL": "C",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        }
        environment.pop("TMPDIR", None)  # a folder of this machine may be missing in the tree
        return subprocess.run(
            [*self._prefix, program, *options, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def update(self) -> str:
        """Refresh the lists; return "" or why not.

        Only where the date is the sole objection, go on without Valid-Until, and say so.
        """
        said = self.run("update").stdout
        if refused_by_date_alone(said):
            print(
                "lab: the mirror's Release file is past its Valid-Until date; going on without that check",
                file=sys.stderr,
            )
            self._options = (*_OPTIONS, "-o", "Acquire::Check-Valid-Until=false")
            said = self.run("update").stdout
        if _TOO_EARLY.search(said.replace("E: ", "")):
            return "the mirror's Release file is from the future: set this machine's clock"
        errors = _ERROR.findall(said)
        return errors[0] if errors else ""

    def install(self, *packages: str) -> str:
        """Install without recommended extras; return "" or why not. Refreshes the lists when needed."""
        order = ("install", "--no-install-recommends", *packages)
        if self.run(*order).returncode == 0:
            return ""
        stale = self.update()
        done = self.run(*order)
        if done.returncode == 0:
            return ""
        errors = _ERROR.findall(done.stdout)
        return stale or (errors[0] if errors else f"apt-get ended with {done.returncode}")

    def knows(self, package: str) -> bool:
        """Return True if the lists hold a version of it that can be installed."""
        said = self.run("policy", package, program="apt-cache").stdout
        return "Candidate: " in said and "Candidate: (none)" not in said
