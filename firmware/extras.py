"""What few boxes need, loaded only if the settings ask for it: the optional parts of IAX2 and their services.

A part hooks itself into the endpoint (see iax/endpoint.py), a service into the adapter's events. This file is
read once, at start, and leaves RAM again with setup.py; a part that is not asked for never comes in.

The classes are named by texts, not by import statements: a name in a statement stays in RAM for ever.
"""


def _new(path: str, *args):
    """Return an object of the class `room.module.Class`."""
    module, _, name = path.rpartition(".")
    return getattr(__import__(module, None, None, (name,)), name)(*args)


def load(get, hal, ata, line: tuple) -> None:
    """Make the parts that the settings ask for and hook them in. line: what setup.py made of the line."""
    endpoint = ata.endpoint
    accounts = endpoint.accounts
    _secrets(get, hal, ata, accounts)
    _telephone(get, hal, ata, line)
    if get("net.calltoken") or get("net.guests"):
        endpoint.parts.append(_new("iax.gate.Gate", endpoint, hal.net, get("net.guests")))
    if any(account.transfer for account in accounts):
        _timed(endpoint, _new("iax.transfer.Transfer", endpoint, hal.net))
    if any(account.trunk for account in accounts):
        endpoint.parts.append(_new("iax.trunk.Trunk", endpoint))
    _services(get, hal, ata, line)


def _secrets(get, hal, ata, accounts: list) -> None:
    """Proofs other than MD5, callers' proofs, encryption."""
    endpoint = ata.endpoint
    if any(account.methods != 2 for account in accounts):
        keys = {}
        for account in accounts:
            if account.methods & 4:
                keys[account.index] = hal.store.load("rsa.%d" % (account.index + 1))
                if len(keys[account.index] or b"") != 448:
                    raise ValueError("account.%d.auth: no RSA key here: see rsakey.py" % (account.index + 1))
        _timed(endpoint, _new("iax.rsa.Signer", endpoint, keys))
    if any(account.methods & 1 for account in accounts):
        ata.services.append(_new("wary.Wary", endpoint, hal.store, hal.serial))
    if any(account.crypt for account in accounts):
        rotate_s = {each.index: get("account.%d.rotate_s" % (each.index + 1)) for each in accounts}
        endpoint.parts.append(_new("iax.cipher.Secrecy", endpoint, rotate_s))
    if any(account.demand for account in accounts):
        endpoint.parts.append(_new("iax.demand.Demand", endpoint))


def _telephone(get, hal, ata, line: tuple) -> None:
    """What the line and the telephone on it ask for."""
    announcer = line[3]
    lamp = get("feature.messages")
    if announcer.style[0] != "none":
        ata.services.append(announcer)  # it wants the server's clock
    if lamp not in ("off", "stutter"):
        if announcer.style[0] not in "sdmf mdmf etsi uk".split():
            raise ValueError("feature.messages: this line's way of Caller ID has no lamps: choose stutter")
        announcer.lamp = lamp
        service = _new("lamp.Lamp", announcer, ata.port)
        ata.services.append(service)
        ata.endpoint.dialogs.append(service)
    if get("feature.dial_report"):
        ata.dial_report = _new("dialreport.Dialreport", line[1], hal.serial)


def _services(get, hal, ata, line: tuple) -> None:
    endpoint = ata.endpoint
    if get("feature.texts"):
        notes = _new("iax.notes.Notes", endpoint)
        endpoint.parts.append(notes)
        ata.services.append(_new("printer.Printer", notes, hal.serial, ata.log))
    if get("feature.transfer"):
        _timed(endpoint, _new("iax.refer.Refer", endpoint))
        endpoint.parts.append(_new("iax.hold.Hold", endpoint))
    if get("system.clock"):
        calendar = _new("iax.calendar.Calendar", hal.serial)
        endpoint.dialogs.append(calendar)
        ata.services.append(calendar)
    if get("dial.remote"):
        plan = _new("iax.plan.Plan", endpoint)
        _timed(endpoint, plan)
        remote = _new("remote.Remote", plan, endpoint, endpoint.accounts[0], line[2])
        ata.digits = ata.dialer = remote
        ata.services.append(remote)
    guarded = [each for each in endpoint.accounts if get("account.%d.altserver" % (each.index + 1))]
    if guarded:
        ata.services.append(_new("failover.Failover", endpoint, ata.registrars, guarded, ata.failures))


def _timed(endpoint, part) -> None:
    """Hook in a part that needs the time too."""
    endpoint.parts.append(part)
    endpoint.dialogs.append(part)
