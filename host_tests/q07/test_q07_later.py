"""Interop items 13, 49 and 60: of features that are to come, what must hold until then."""

import pytest
from bench import CoreBench
from corekit import ByHand, call_up, carries_voice, ringing, said, sent

from peer import numbers as n
from peer import wire

G726, ADPCM, SLIN, G726_RFC = 1 << 4, 1 << 5, 1 << 6, 1 << 11


@pytest.mark.parametrize(
    "nested",
    [
        b"\x0c\x00\x0e\x00",  # forced form: nothing in the fields
        b"\xfe\x03abc",  # an element nobody knows
        b"\x0c\x09abc",  # longer than what is left
        b"\x0c",
        bytes(range(255)),
    ],
)
def test_q13_nothing_is_taken_from_a_provision_whatever_its_elements_hold(nested):
    bench = CoreBench()
    bench.register()
    before = (bench.account.user, bench.account.secret, bench.account.elements, bench.account.laws)
    for payload in (wire.ie("PROVISIONING", nested), wire.ie("PROVISIONING", nested)[:-1]):
        bench.peer.open_dialog(bench.peer.accounts["ata1"].addr, "PROVISION", payload)
        bench.run(5000)
    assert before == (bench.account.user, bench.account.secret, bench.account.elements, bench.account.laws)
    assert not said(bench, "ACCEPT") and not bench.saw("INCOMING")
    assert bench.dial("600", 1000).linked()


def test_q49_no_format_is_offered_whose_octets_we_could_not_put_in_order():
    bench = call_up("600")
    for new in said(bench, "NEW"):
        assert (new["ie"]["CAPABILITY"], new["ie"]["FORMAT"]) == (n.ULAW | n.ALAW, n.ULAW)


@pytest.mark.parametrize("bits", [G726, ADPCM, SLIN, G726_RFC, G726 | ADPCM | SLIN | G726_RFC])
def test_q49_caller_who_has_only_such_formats_is_refused(bits):
    _, call = ringing(formats=tuple(1 << bit for bit in range(16) if bits >> bit & 1))
    assert call.cause == 58


@pytest.mark.parametrize("csub", [0x8B, 0x84, 0x10, 0x20, 0x85, 0x40, 0x86])
def test_q49_samples_in_such_a_format_are_acknowledged_and_not_played(csub):
    """In both spellings of the number."""
    bench = call_up("607")
    call = bench.peer.current_call()
    number = 1 << (csub & 0x3F) if csub & 0x80 else csub
    call.send(n.T_VOICE, number, bytes(range(80)))
    bench.run(100)
    assert bench.audio == [] and call.unacked == [] and not bench.saw("HANGUP")


@pytest.mark.parametrize("octets", [0, 1, 254, 255])
def test_q60_firmware_that_nobody_asked_for_is_ignored(octets):
    bench = call_up("600")
    before = len(bench.sent)
    hand = ByHand(CoreBench())
    for payload in (wire.ie("FWBLOCKDESC", 1 << 8 | octets) + wire.ie("FWBLOCKDATA", bytes(octets)), b""):
        hand.full(n.T_IAX, n.IAX["FWDATA"], payload, dst=0, iseq=0)
        bench.feed(wire.iax(4000, 0, 5, 0, 0, "FWDATA", payload))
    assert len(hand.bench.sent) == 0
    assert not [f for f in sent(bench)[before:] if f["name"] not in ("MINI", "ACK", "VOICE")]
    assert carries_voice(bench) and not said(bench, "FWDOWNL")
