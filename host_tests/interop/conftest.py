"""The lab's Asterisk and telephones for the tests of this folder.

The tests live in real time and mostly wait, so several run at once: `pytest host_tests/interop` takes ten
workers unless told otherwise by -n, the longest tests first, an Asterisk for each worker.
"""

import itertools
import os
from pathlib import Path

import need
import pytest
from interop import captures, core_rig, opened, parameters, proofs, rig, transfers

from tools import rsakey
from tools.lab_lib.asterisk_conf import PHONES, Options
from tools.lab_lib.server import Lab

HERE = Path(__file__).resolve().parent
WORKERS = 10
TAKES_S = 15  # a test that does not say how long it takes
# a telephone is reached by its number, 700 for `phone`, 701 for `phone1` …
DIALPLAN = f"""
[lab]
exten => 700,1,Dial(IAX2/{PHONES[0]},30)
exten => _7XX,1,Dial(IAX2/phone$[${{EXTEN}} - 700],30)

; numbers of one, two and five digits, and what may follow a digit that is to be ignored; s is the hot line
[plan]
ignorepat => 9
exten => 1,1,Goto(answer,${{EXTEN}},1)
exten => 22,1,Goto(answer,${{EXTEN}},1)
exten => _3XXXX,1,Goto(answer,${{EXTEN}},1)
exten => 4,1,Goto(answer,${{EXTEN}},1)
exten => 45,1,Goto(answer,${{EXTEN}},1)
exten => _9XX,1,Goto(answer,${{EXTEN}},1)
exten => s,1,Goto(answer,s,1)

[answer]
exten => _[0-9s]!,1,Verbose(0,PLAN <${{EXTEN}}>)
 same => n,Answer()
 same => n,Echo()
"""
PLANNED = {"phoneplan": {"context": "plan"}, "phonehot": {"context": "plan", "immediate": "yes"}}


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Run in several processes if this folder alone is asked for, and nobody said how."""
    whole = config.args and all(Path(arg).resolve().is_relative_to(HERE) for arg in config.args)
    if "PYTEST_XDIST_WORKER" in os.environ or not whole or config.option.usepdb:
        return
    if config.option.numprocesses is None and config.option.dist == "no":
        config.option.numprocesses = WORKERS
        config.option.maxschedchunk = 1


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "takes(seconds): real time that the test takes; the longest begin first"
    )


def _takes_s(item):
    marker = item.get_closest_marker("takes")
    return marker.args[0] if marker else TAKES_S


def pytest_collection_modifyitems(items):
    """The longest first, each with a limit of its own."""
    ours = [item for item in items if HERE in item.path.parents]
    others = [item for item in items if HERE not in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.interop)
        item.add_marker(pytest.mark.timeout(2 * _takes_s(item) + 60))
    items[:] = others + sorted(ours, key=_takes_s, reverse=True)


@pytest.fixture(scope="session")
def taken(request, tmp_path_factory):
    """The captures of this worker's tests. When all tests are over, tshark judges them."""
    paths = []
    yield paths
    if paths:
        joined = tmp_path_factory.mktemp("tshark") / "all.pcap"
        request.config.interop_datagrams = captures.judge(paths, request.config.interop_ports, joined)


@pytest.fixture(scope="session")
def rsa_key(tmp_path_factory):
    """The private key of which the server has the public half."""
    return rsakey.write(tmp_path_factory.mktemp("keys"), proofs.KEY, rsakey.generate())[0]


@pytest.fixture(scope="session")
def asterisk(request, taken, rsa_key):
    """An Asterisk of this worker's own."""
    lab = Lab()
    if lab.asterisk_program is None:
        need.refuse(lab.why)
    need.program("tshark")
    need.micropython(64)
    special = {"phonecaller": {"codecpriority": "caller"}, **PLANNED}
    special.update(parameters.ACCOUNTS)
    special.update(proofs.ACCOUNTS)
    special.update(opened.ACCOUNTS)
    special.update(transfers.ACCOUNTS)
    plan = DIALPLAN + parameters.DIALPLAN + transfers.DIALPLAN
    files = {f"var/keys/{proofs.KEY}.pub": rsa_key.with_suffix(".pub").read_text()}
    with lab.asterisk(Options(dialplan=plan, accounts=special, files=files)) as server:
        request.config.interop_ports = [server.port]
        yield server


@pytest.fixture
def server(asterisk):
    """The server, running and without faults, whatever the test before did to it."""
    if asterisk.process is None or asterisk.process.poll() is not None:
        asterisk.restart()
    yield asterisk
    asterisk.cli("channel request hangup all")


@pytest.fixture(scope="session")
def second_asterisk(request, asterisk):
    """One more, that knows the same accounts and numbers; only for the workers that need it."""
    with Lab().asterisk(Options(dialplan=DIALPLAN)) as server:
        request.config.interop_ports.append(server.port)
        yield server


@pytest.fixture
def second_server(second_asterisk):
    """The second server, running, whatever the test before did to it."""
    if second_asterisk.process is None or second_asterisk.process.poll() is not None:
        second_asterisk.restart(forget=True)
    yield second_asterisk
    second_asterisk.cli("channel request hangup all")


@pytest.fixture(scope="session")
def accounts():
    """The plain accounts in turn, so that what one test leaves behind is not in the way of the next."""
    return itertools.cycle(PHONES[1:])


@pytest.fixture
def make_phone(accounts, server, taken, tmp_path):
    """Make a telephone: `make_phone(account, **settings)`, the next plain account if none is named."""
    made = []

    def make(account="", **settings):
        folder = tmp_path / f"phone{len(made) + 1}"
        phone = rig.Phone(server, account or next(accounts), folder, **settings)
        print(f"{phone.account}: report in {folder}")
        made.append(phone)
        return phone

    yield make
    for phone in made:
        try:
            phone.finish()
        finally:
            taken.append(phone.folder / "net.pcap")


@pytest.fixture
def make_core(accounts, server, taken, tmp_path):
    """Make a core without a telephone: `make_core(account, **settings)`; see interop/core_rig.py."""
    made = []

    def make(account="", **options):
        folder = tmp_path / f"core{len(made) + 1}"
        # Asterisk mixes up two calls with one number from one IPv4 address: no two cores draw the same ones
        options.setdefault("seed", len(made) + 101)
        core = core_rig.CoreRig(server.address, account or next(accounts), server.secret, folder, **options)
        made.append((core, folder))
        return core

    yield make
    for core, folder in made:
        try:
            core.close()
        finally:
            taken.append(folder / "net.pcap")


@pytest.fixture
def phone(make_phone):
    """A registered telephone, on-hook."""
    return make_phone().register()


def pytest_sessionfinish(session):
    """A worker tells how many datagrams tshark has judged."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["datagrams"] = getattr(session.config, "interop_datagrams", 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    config = node.config
    told = getattr(node, "workeroutput", {}).get("datagrams", 0)
    config.interop_datagrams = getattr(config, "interop_datagrams", 0) + told


def pytest_terminal_summary(terminalreporter, config):
    count = getattr(config, "interop_datagrams", 0)
    if count:
        terminalreporter.write_line(f"tshark: {count} datagrams, every one IAX2, no field malformed")
