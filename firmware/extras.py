"""What few boxes need, loaded only if the settings ask for it: the optional parts of IAX2 and their services.

A part hooks itself into the endpoint (see iax/endpoint.py), a service into the adapter's events. This file is
read once, at start, and leaves RAM again with setup.py; a part that is not asked for never comes in.
"""


def load(get, hal, ata, line: tuple) -> None:
    """Make the parts that the settings ask for and hook them in. line: what setup.py made of the line."""
    endpoint = ata.endpoint
    accounts = endpoint.accounts
    _secrets(get, hal, ata, accounts)
    _telephone(get, hal, ata, line)
    if get("net.calltoken") or get("net.guests"):
        from iax.gate import Gate

        endpoint.parts.append(Gate(endpoint, hal.net, get("net.guests")))
    if any(account.transfer for account in accounts):
        from iax.transfer import Transfer

        _timed(endpoint, Transfer(endpoint, hal.net))
    if any(account.trunk for account in accounts):
        from iax.trunk import Trunk

        endpoint.parts.append(Trunk(endpoint))
    _services(get, hal, ata, line)


def _secrets(get, hal, ata, accounts: list) -> None:
    """Proofs other than MD5, callers' proofs, encryption."""
    endpoint = ata.endpoint
    if any(account.methods != 2 for account in accounts):
        from iax.rsa import Signer

        keys = {}
        for account in accounts:
            if account.methods & 4:
                keys[account.index] = hal.store.load("rsa.%d" % (account.index + 1))
                if len(keys[account.index] or b"") != 448:
                    raise ValueError("account.%d.auth: no RSA key here: see rsakey.py" % (account.index + 1))
        _timed(endpoint, Signer(endpoint, keys))
    if any(account.methods & 1 for account in accounts):
        from wary import Wary

        ata.services.append(Wary(endpoint, hal.store, hal.serial))
    if any(account.crypt for account in accounts):
        from iax.cipher import Secrecy

        rotate_s = {each.index: get("account.%d.rotate_s" % (each.index + 1)) for each in accounts}
        endpoint.parts.append(Secrecy(endpoint, rotate_s))
    if any(account.demand for account in accounts):
        from iax.demand import Demand

        endpoint.parts.append(Demand(endpoint))


def _telephone(get, hal, ata, line: tuple) -> None:
    """What the line and the telephone on it ask for."""
    announcer = line[3]
    lamp = get("feature.messages")
    if announcer.style[0] != "none":
        ata.services.append(announcer)  # it wants the server's clock
    if announcer.style[2]:
        from dsp.fsk import Fsk

        announcer.fsk = Fsk()
    if announcer.style[2] and lamp not in ("off", "stutter"):
        from lamp import Lamp

        announcer.lamp = lamp
        service = Lamp(announcer, ata.port)
        ata.services.append(service)
        ata.endpoint.dialogs.append(service)
    if get("feature.dial_report"):
        from dialreport import Dialreport

        ata.dial_report = Dialreport(line[1], hal.serial)


def _services(get, hal, ata, line: tuple) -> None:
    endpoint = ata.endpoint
    if get("feature.texts"):
        from iax.notes import Notes
        from printer import Printer

        notes = Notes(endpoint)
        endpoint.parts.append(notes)
        ata.services.append(Printer(notes, hal.serial, ata.log))
    if get("feature.transfer"):
        from iax.hold import Hold
        from iax.refer import Refer

        _timed(endpoint, Refer(endpoint))
        endpoint.parts.append(Hold(endpoint))
    if get("system.clock"):
        from iax.date import Calendar

        calendar = Calendar(hal.serial)
        endpoint.dialogs.append(calendar)
        ata.services.append(calendar)
    if get("dial.remote"):
        from iax.plan import Plan
        from remote import Remote

        plan = Plan(endpoint)
        _timed(endpoint, plan)
        remote = Remote(plan, endpoint, endpoint.accounts[0], line[2])
        ata.digits = ata.dialer = remote
        ata.services.append(remote)
    guarded = [each for each in endpoint.accounts if get("account.%d.altserver" % (each.index + 1))]
    if guarded:
        from failover import Failover

        ata.services.append(Failover(endpoint, ata.registrars, guarded, ata.failures))


def _timed(endpoint, part) -> None:
    """Hook in a part that needs the time too."""
    endpoint.parts.append(part)
    endpoint.dialogs.append(part)
