#!/bin/sh
# tools/env.sh [COMMAND …]: find a CPython that fits, then tools/env.py makes the host environment and runs
# the command in it; without a command it prints the environment's Python. As root on a Debian-like machine
# that has no Python at all, it installs one. UIAXY_PYTHON names the Python to use.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

fits() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys
sys.exit(sys.implementation.name != "cpython" or not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

apt() {
    DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# Refresh the package lists; where the only complaint is a Release file past its date, do without that check.
update() {
    said=$(apt update 2>&1) && case $said in *"Release file for "*) ;; *) return 0 ;; esac
    errors=$(printf '%s\n' "$said" | grep -E '^(E|Error):' || true)
    rest=$(printf '%s\n' "$errors" | grep -v -E 'Release file for .* is expired' || true)
    if [ -n "$errors" ] && [ -z "$rest" ]; then
        echo "env: the mirror's Release file is past its Valid-Until date; going on without that check" >&2
        apt -o Acquire::Check-Valid-Until=false update >/dev/null
    fi
}

if [ -n "${UIAXY_PYTHON:-}" ]; then
    fits "$UIAXY_PYTHON" && exec "$UIAXY_PYTHON" "$here/env.py" "$@"
    echo "env: UIAXY_PYTHON=$UIAXY_PYTHON is not a CPython 3.11 to 3.14" >&2
    exit 2
fi
if ! command -v python3 >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "env: no Python here, installing python3 and python3-venv" >&2
    apt install --no-install-recommends python3 python3-venv >/dev/null 2>&1 || {
        update
        said=$(apt install --no-install-recommends python3 python3-venv 2>&1) || printf '%s\n' "$said" >&2
    }
fi
for python in python3 python3.13 python3.12 python3.11 python3.14; do
    if fits "$python"; then
        exec "$python" "$here/env.py" "$@"
    fi
done
echo "env: needs CPython 3.11 to 3.14, found $(python3 --version 2>&1 || true); install one, or name it in UIAXY_PYTHON" >&2
exit 2
