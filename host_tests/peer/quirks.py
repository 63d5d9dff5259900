"""What the test peer can be told to do wrong, or differently from Asterisk, and where.

Faults of the path: `peer.faults.<verb>(when, ...)`. `when` is a percentage, a frame name ("ACCEPT"), a tuple
of names, or a predicate on the decoded frame. Common options: `way="out"|"in"|"both"` (out is the default:
from the peer to the device), `times=N` (stop after N hits).

| order                                   | effect                                                         |
|-----------------------------------------|----------------------------------------------------------------|
| faults.lose(20, way="both")             | the datagram is gone                                           |
| faults.duplicate("CALLTOKEN", copies=2) | that many extra copies at once                                 |
| faults.reorder(10)                      | held until the next one has passed, at most 200 ms             |
| faults.delay(100, ms=50, jitter_ms=30)  | later, by ms plus 0..jitter_ms                                 |
| faults.corrupt("LAGRQ", how=f)          | octets through f; without f one random bit is flipped          |
| faults.replay("NEW", ms=5000)           | the same octets again after ms                                 |
| faults.wrong_port("VOICE")              | leaves from another UDP port                                   |
| faults.clear()                          | all of the above forgotten                                     |
| peer.vanish() / peer.come_back()        | nothing in, nothing out; state and clocks go on                |
| peer.restart(keep_registrations=False)  | every dialog, token and (unless kept) registration forgotten   |
| peer.inval = "silent" or "yate"         | frames of unknown calls: no answer (Asterisk), or INVAL        |
| peer.overlap.answers, silent, say …     | what DPREQ is answered (overlap.py) [50]                       |
| peer.calltoken = "yes" or "no"          | demand a token from everyone, or answer first requests directly |

Quirks of the protocol: set the attribute on `peer.quirks` (class `Quirks` below says each one's values).
Numbers in brackets: the interop item it serves.

| attribute                               | effect                                                         |
|-----------------------------------------|----------------------------------------------------------------|
| ack = "none", "late", "always"          | never; only by a later frame's ISeqno [34]; even when not due |
| early_ack, reply_delay_ms               | ACK a request at once, its answer that much later              |
| token, calltoken_rounds                 | token text or length [3]; answer tokens by more tokens [4]     |
| stateless_reject                        | names refused from number 1 without elements [5]               |
| twin_answer                             | one tokenised NEW answered from two numbers [6]                |
| poke_in_registration, poke_copies       | POKE before REGACK [9]; that many copies [10]                  |
| refresh, apparent_addr, msgcount        | what REGACK says [14] [15] [16]                                |
| ack_registration                        | a separate ACK for the second REGREQ (Asterisk sends none) [8] |
| authmethods, challenge, digits          | AUTHREQ and REGAUTH [42] [43]                                  |
| accept_formats, codec                   | ACCEPT: FORMAT, FORMAT2, both, none; a codec never offered [20] |
| full_voice, minis_first                 | when voice is a full frame [29]; minis before the first one [31] |
| ts_start_ms                             | where our time-stamps start [29] [62]                          |
| pong_ies                                | PONG without receiver reports                                  |
| autocongest_ms                          | unanswered NEW: HANGUP to number 0, NEW still resent [27] [28] |
| rotation                                | when an encrypted call gets a new key [47]                     |
| ping_ms, lagrq_ms, tries                | other schedules                                                |

Orders to one call (`call = peer.current_call()` or what `peer.call_device()` returned):

| method                                  | effect                                                         |
|-----------------------------------------|----------------------------------------------------------------|
| control(n, payload), iax(name, payload) | any control or IAX subclass, reliably [21] [22] [41]           |
| frame(type, subclass, payload)          | any full frame [23]                                            |
| dtmf(digits, begin=, end=)              | BEGIN, END, or one of them [24]                                |
| cancel()                                | HANGUP to number 0 without a cause [27]                        |
| vnak(iseq), vnak_storm(per_s, ms)       | VNAKs nobody asked for [32]                                    |
| skip_oseq(k)                            | a hole in our outgoing sequence [33]                           |
| jump_ts(ms)                             | our clock jumps                                                |
| change_number()                         | our source number changes in the middle of the call            |
| send_trunk(pieces, stamped)             | voice in a trunk frame [55], which must be ignored             |
| go_silent(full=, voice=)                | signalling dead while voice flows, or the other way [37]       |

Orders to the peer: `call_device(account, extra=[...], format2=..., number="", presentation=0x43)` for odd
NEWs [17] [18] [19]; `poke(account)`; `open_dialog(addr, name, payload)` for openers like PROVISION or MWI;
`send_raw(addr, octets, port="main" or "other")` for everything else, built by `wire.py`.
"""

from dataclasses import dataclass, field

SAME = "same"


@dataclass
class Quirks:
    """Every default is what Asterisk 22 does."""

    ack: str = "asterisk"  # asterisk | none | late | always
    early_ack: bool = False
    reply_delay_ms: int = 0
    token: bytes | int | None = None  # octets, or how many; None: time and hash
    calltoken_rounds: int = 0  # answer this many valid tokens by yet another token; -1: always
    stateless_reject: frozenset[str] | set[str] = field(default_factory=frozenset)  # NEW REGREQ REGREL
    twin_answer: bool = False
    poke_in_registration: bool = True  # only to an account with qualify
    poke_copies: int = 1
    refresh: int | str | None = None  # seconds, "absent", or None: what was asked, clamped
    apparent_addr: str | bytes | None = "le"  # le be v6 mapped garbage, octets, or None: absent
    msgcount: int | None = None  # in place of the account's
    ack_registration: bool = False
    authmethods: int = 2  # 1 plain text, 2 MD5, 4 RSA
    challenge: bytes | str | None = SAME  # octets; None: no such element; SAME: random digits
    digits: int = 9  # length of the random challenge
    accept_formats: str = "both"  # both | format | format2 | none
    codec: int | None = None  # say and use this codec bit, whatever was offered
    full_voice: str = "asterisk"  # asterisk: first only | rfc: each 32 768 ms | always | never
    minis_first: int = 0
    ts_start_ms: int = 0
    pong_ies: bool = True
    autocongest_ms: int | None = 4000
    rotation: str = "asterisk"  # asterisk: before the first voice, if both offer it | never
    ping_ms: int = 21000
    lagrq_ms: int = 10000
    tries: int = 4  # first send and resends together
