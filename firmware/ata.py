"""The one loop and the only join: the telephone, the call and the voice meet here, as small integers.

Who is fed, in what order, how much per turn: at most four datagrams, then the hook, then 20 ms of sound if
the converter has them, then time; after every input the endpoint is drained. Two tables say what an event of
the call means to the port, and what an intent of the port means to the call.
"""
# A leg is there whenever the port talks, which no type checker sees:
# pyright: reportOptionalMemberAccess=false

from micropython import const

import ticks
from handset import Handset

_RX_PER_TURN = const(4)  # a flood cannot starve the sound
_EDGES_PER_TURN = const(16)  # nor can a loop that chatters
_RX_AUDIO = const(1)  # codes.RX_AUDIO
_EV_REGISTERED = const(1)  # codes.EV_REGISTERED
_EV_RELEASED = const(3)  # codes.EV_RELEASED
_EV_INCOMING = const(4)  # codes.EV_INCOMING
_EV_ANSWERED = const(8)  # codes.EV_ANSWERED
_EV_HANGUP = const(12)  # codes.EV_HANGUP
_EV_DTMF_BEGIN = const(13)  # codes.EV_DTMF_BEGIN
_EV_DTMF_END = const(14)  # codes.EV_DTMF_END
_EV_MESSAGES = const(15)  # codes.EV_MESSAGES

_TIMEOUT = const(4)  # codes.PORT_TIMEOUT
_RING = const(5)  # codes.PORT_RING
_RING_END = const(6)  # codes.PORT_RING_END
_EARLY = const(8)  # codes.PORT_EARLY
_BUSY = const(10)  # codes.PORT_BUSY
_FAIL = const(11)  # codes.PORT_FAIL
_CLEAR = const(12)  # codes.PORT_CLEAR
_STATE_ON_HOOK = const(0)  # codes.ON_HOOK
_STATE_DIAL_TONE = const(1)  # codes.DIAL_TONE
_STATE_REORDER = const(8)  # codes.REORDER_TONE
_STATE_CALLING = const(3)  # codes.CALLING
_STATE_RINGBACK = const(4)  # codes.RINGBACK
_STATE_TALK = const(6)  # codes.TALK
_INTENT_DIAL = const(1)  # codes.INTENT_DIAL
_INTENT_ANSWER = const(2)  # codes.INTENT_ANSWER
_INTENT_HANGUP = const(3)  # codes.INTENT_HANGUP
_TONE_DIAL = const(1)  # codes.TONE_DIAL
_TONE_HOWLER = const(5)  # codes.TONE_HOWLER
_TONE_STUTTER = const(6)  # codes.TONE_STUTTER
_TONE_UNOBTAINABLE = const(11)  # codes.TONE_UNOBTAINABLE
_TONE_LOUD = const(13)  # codes.TONE_HOWLER_LOUD
_FEED_OPEN = const(0)  # codes.FEED_OPEN
_DTMF_ENDS = const(0x200)  # codes.DIGIT_END
_CAUSE_NORMAL = const(16)  # proto.CAUSE_NORMAL
_CAUSE_BUSY = const(17)  # proto.CAUSE_BUSY
_LOG_REGISTERED = const(2)  # codes.LOG_REGISTERED
_LOG_UNREGISTERED = const(3)  # codes.LOG_UNREGISTERED
_LOG_PORT = const(4)  # codes.LOG_PORT
_LOG_FEED = const(7)  # codes.LOG_FEED
_LOG_TONE = const(8)  # codes.LOG_TONE
_LOG_RX_DIGIT = const(10)  # codes.LOG_RX_DIGIT
_LOG_CALL_UP = const(11)  # codes.LOG_CALL_UP
_LOG_CALL_DOWN = const(12)  # codes.LOG_CALL_DOWN
_LOG_MESSAGES = const(14)  # codes.LOG_MESSAGES
_TX_LOST = const(16)  # codes.TX_LOST
_JITTER_LATE = const(21)  # codes.JITTER_LATE
_JITTER_LOST = const(22)  # codes.JITTER_LOST
_PCM_LOST = const(25)  # codes.PCM_LOST
_CALLS_OUT = const(27)  # codes.CALLS_OUT
_CALLS_IN = const(28)  # codes.CALLS_IN
_LOOK_AGAIN = const(3)  # codes.LOOK_AGAIN
_NO_SUCH_NUMBER = (1, 3)  # Q.850: unallocated number; no route, which is what Asterisk says
_BLANK_MS = const(60)  # after a change of the feed the loop says nothing for certain
_OPEN_MS = const(4000)  # an open feed looks like a receiver on its hook


# What an event of the call leg, EV_* 0 … 11, means to the port: RINGING is ALERTING, PROGRESS is EARLY,
# ANSWERED is ANSWER, BUSY is BUSY, CONGESTION is FAIL, STOP_TONES is EARLY (the far end makes the sounds).
_TO_PORT = b"\0\0\0\0\0\0\x07\x08\x09\x0a\x0b\x08"


class Ata(Handset):
    """The whole adapter on one HAL. Build it once, call `turn` at least every 5 ms of line time."""

    def __init__(self, hal, stats, log, line: tuple, media: tuple, iax: tuple, choices: tuple) -> None:
        """line, media, iax: the parts of the rooms, and choices: settings, as setup.py makes them."""
        self.stats = stats
        self.log = log
        self._net = hal.net
        self._pcm = hal.pcm
        self._slic = hal.slic
        self._box = hal.box
        self._sounds, self._hook, self.digits, self.announcer, self.port = line
        self._up, self._down, self._uplink, self._jitter, self._downlink = media
        self.endpoint, self.registrars = iax
        self.dialer = self.endpoint  # who calls a number: iax/endpoint.py, or remote.py in its place
        self.services = []  # whoever wants to hear what the endpoint tells: on_event(event, leg, arg, now)
        self._payload = self.endpoint.slot.payload
        self._depth_ms, self._dtmf_frames, self._no_register, self._tone_always = choices[:4]
        self._flash_sent, self._pulse_dtmf, self._stutters = choices[4:]
        self._n_closed = 0  # samples of a closed loop before it counts as off-hook: none, or some
        self.dial_report = None  # hears each digit dialled by pulses: on_pulse(digit, now)
        self._messages = 0  # a bit for each account that has new ones
        self.in_service = False  # the network is there, and nobody switches off
        self.registered = 0  # a bit for each account
        self.failures = bytearray(4)  # of each account's server; 0 again when main.py has looked it up
        self.n_released = 0  # servers that know that we are gone
        self._leg = None  # the call leg that the port talks through
        self._feed = _FEED_OPEN
        self._tone = 0
        self._begin_voice()

    def start(self, now: int, peer: int = 0) -> None:
        """Peer `peer` is found (0: all are): register there, and take calls."""
        self.in_service = True
        for registrar in self.registrars:
            if peer == 0 or peer == registrar.account.peer:
                registrar.start(registrar.account, now)
        self._drain(now)

    def idle(self) -> bool:
        """Return True if nobody telephones and nothing rings: a good time for what blocks."""
        return self.port.state == _STATE_ON_HOOK and not self.announcer.sequence.on

    def turn(self, now: int) -> int:
        """One turn of the loop; returns the milliseconds until the next is due, -1 = not before an input."""
        net = self._net
        for _ in range(_RX_PER_TURN):
            datagram = net.receive()
            if datagram is None:
                break
            found = self.endpoint.feed_datagram(datagram, net.peer, now)
            while found == _RX_AUDIO:
                self._hear(now)
                found = self.endpoint.feed_again(now)
            self._drain(now)
        slic = self._slic
        for _ in range(_EDGES_PER_TURN):  # what an interrupt has stamped since, one by one; then the present
            at = slic.edge()
            self._on_loop(slic.line_state(), at if at >= 0 else now, now)
            if at < 0:
                break
        if self._pcm.read_into(self._up):
            self._frame(now)
        self._pass_time(now)
        self._drain(now)
        return self._next_due(now)

    def _hear(self, now: int) -> None:
        endpoint = self.endpoint
        if endpoint.rx_leg is not self._leg:
            return
        if _STATE_CALLING <= self.port.state <= _STATE_RINGBACK:
            self._tell_port(_EARLY, now)
        if self.port.talking:
            self._jitter.put(endpoint.rx_ts, endpoint.rx_buf, endpoint.rx_at, endpoint.rx_n, now)

    def _frame(self, now: int) -> None:
        """20 ms of sound both ways, and a digit that the telephone may have sent.

        We speak from ACCEPT on, for some servers start nothing before they hear us; we hear as the port says.
        """
        port = self.port
        leg = self._leg
        speaking = leg is not None and _STATE_CALLING <= port.state <= _STATE_TALK
        whispering = speaking and self.announcer.sequence.on  # a call waits: the far end is kept out of it
        self._uplink.muted = whispering
        self._uplink.listen = port.collecting or whispering or (speaking and self._dtmf_frames)
        event = self._uplink.encode(self._payload, leg.law if speaking else -1)
        if speaking:
            leg.send_voice(now)
            self._report()
            if self._digit_sent & _DTMF_ENDS:
                self._end_digit(now)
        if event:
            self._on_digit(event, now)
        self._downlink.decode(leg.rx_law if speaking and port.talking and not whispering else -1)
        self._pcm.write(self._down)
        self.stats.count(_PCM_LOST, self._pcm.lost())

    def _report(self) -> None:
        """Lend the counters of the jitter buffer to the leg's next PONG."""
        counts = self.stats.counts
        report = self._leg.report
        late = counts[_JITTER_LATE] - self._late
        lost = counts[_JITTER_LOST] - self._lost - late  # the turn of a late packet passed without it
        report[1] = lost if lost > 0 else 0
        report[3] = self._depth_ms
        report[4] = late

    def _tell_port(self, event: int, now: int) -> None:
        before = self.port.state
        intent = self.port.feed(event, now)
        if self.port.state != before:
            self.log.put(now, _LOG_PORT, self.port.state, event)
        self._do(intent, now)

    def _do(self, intent: int, now: int) -> None:
        """The table from intent to order; the port's tone follows its state."""
        if intent == _INTENT_DIAL:
            self._dial(now)
        elif intent == _INTENT_ANSWER and self._leg is not None:
            self._begin_voice()
            self._leg.pickup(now)
            self.log.put(now, _LOG_CALL_UP, self._leg.index, self._leg.account.index + 1)
        elif intent == _INTENT_HANGUP and self._leg is not None:
            leg = self._leg
            self._let_go(_CAUSE_NORMAL, now)
            leg.drop(_CAUSE_NORMAL, now)
        self._hook.in_call = self.port.state == _STATE_TALK
        tone = self.port.tone
        if tone != self._tone:
            self._tone = tone
            gain_db = -12 if tone == _TONE_HOWLER else -6 if tone == _TONE_LOUD else 0
            self._downlink.play(self._sounds, self._sounds[tone], gain_db)
            self.log.put(now, _LOG_TONE, tone)

    def _dial(self, now: int) -> None:
        number = bytes(self.digits.buf[: self.digits.n])
        index = self.dialer.dial(self._account(), number, now)
        if index < 0:
            self._tell_port(_FAIL, now)
            return
        self.stats.count(_CALLS_OUT)
        self._leg = self.endpoint.legs[index]
        self._begin_voice()

    def _account(self):
        """Return the first account that is registered, or need not be; the first of all if none is."""
        accounts = self.endpoint.accounts
        for account in accounts:
            if (self.registered | self._no_register) >> account.index & 1:
                return account
        return accounts[0]

    def _begin_voice(self) -> None:
        self._digit_sent = 0  # ASCII whose DTMF BEGIN went out and whose END did not; | 0x200: it is over
        self._jitter.reset()
        self._late = self.stats.counts[_JITTER_LATE]
        self._lost = self.stats.counts[_JITTER_LOST]

    def _let_go(self, cause: int, now: int) -> None:
        leg = self._leg
        if leg.dcallno == 0 and leg.tokens == 0:  # not a word: without a registration nothing else tells
            self.failures[leg.account.index] = _LOOK_AGAIN
        self.log.put(now, _LOG_CALL_DOWN, leg.index, cause)
        self._leg = None

    def _on_event(self, event: int, now: int) -> None:
        leg = self.endpoint.ev_leg
        arg = self.endpoint.ev_arg
        for service in self.services:
            service.on_event(event, leg, arg, now)
        if event == _EV_INCOMING:
            self._on_incoming(leg, now)
        elif event <= _EV_RELEASED or event == _EV_MESSAGES:
            self._on_registrar(event, leg, arg, now)
        elif self._leg is not None and leg == self._leg.index:  # the port has left the others
            self._on_leg(event, arg, now)

    def _on_leg(self, event: int, arg: int, now: int) -> None:
        if event == _EV_HANGUP:
            self._on_hangup(arg, now)
        elif event == _EV_DTMF_BEGIN or event == _EV_DTMF_END:
            self.log.put(now, _LOG_RX_DIGIT, arg, 1 if event == _EV_DTMF_BEGIN else 0)
        elif event < _EV_HANGUP and _TO_PORT[event]:
            self._tell_port(_TO_PORT[event], now)
            if event == _EV_ANSWERED:
                self.announcer.sequence.rest = self.announcer.answered
                self.log.put(now, _LOG_CALL_UP, self._leg.index, self._leg.account.index + 1)

    def _on_incoming(self, index: int, now: int) -> None:
        leg = self.endpoint.legs[index]
        idle = self._leg is None and not self._hook.off_hook  # Japan: it may just listen to who calls
        if self.in_service and idle and self.port.feed(_RING, now) == 0:
            self.stats.count(_CALLS_IN)
            self._leg = leg
            self.log.put(now, _LOG_PORT, self.port.state, _RING)
            self.announcer.announce(0, leg, now)
            leg.take(now)
        else:
            leg.drop(_CAUSE_BUSY, now)

    def _on_hangup(self, cause: int, now: int) -> None:
        self._let_go(cause, now)
        if self.port.ringing:
            self._tell_port(_RING_END, now)
        elif self.port.state == _STATE_TALK:
            self.announcer.cleared(now)
            self._tell_port(_CLEAR, now)
        else:
            if cause in _NO_SUCH_NUMBER and self._sounds[_TONE_UNOBTAINABLE]:
                self.port.tones[_STATE_REORDER] = _TONE_UNOBTAINABLE
            self._tell_port(_BUSY if cause == _CAUSE_BUSY else _FAIL, now)

    def _on_registrar(self, event: int, index: int, arg: int, now: int) -> None:
        bit = 1 << index
        if event == _EV_REGISTERED:
            if not self.registered & bit:
                self.log.put(now, _LOG_REGISTERED, index + 1, arg)
            self.registered |= bit
            self.failures[index] = 0
        elif event == _EV_MESSAGES:
            self.log.put(now, _LOG_MESSAGES, arg & 0xFF, arg >> 8)
            self._messages = self._messages | bit if arg & 0xFF else self._messages & ~bit
            stutter = self._messages and self._stutters and self._sounds[_TONE_STUTTER]
            self.port.tones[_STATE_DIAL_TONE] = _TONE_STUTTER if stutter else _TONE_DIAL
        else:
            self.log.put(now, _LOG_UNREGISTERED, index + 1, arg)
            self.registered &= ~bit
            if event == _EV_RELEASED:
                self.n_released += 1
            elif self.failures[index] < 200:
                self.failures[index] += 1

    def _pass_time(self, now: int) -> None:
        if self.port.collecting:  # no number is complete while pulses come
            self._collect(self.digits.poll(now, self._hook.pulses > 0), now)
        before = self.port.state
        intent = self.port.poll(now)
        if self.port.state != before:
            self.log.put(now, _LOG_PORT, self.port.state, _TIMEOUT)
            self._do(intent, now)
        announcer = self.announcer
        sequence = announcer.sequence
        if sequence.rings and not self.port.ringing:
            announcer.stop()
        feed = announcer.poll(now)
        if sequence.lifted:
            sequence.lifted = False
            self.hooked(True, now)
        elif sequence.expired and self.port.ringing:
            self._tell_port(_TIMEOUT, now)
        if feed != self._feed:
            self._hook.blank(now, _BLANK_MS if feed else _OPEN_MS)
            self._feed = feed
            self._slic.set_feed(feed)
            self.log.put(now, _LOG_FEED, feed)
        self.endpoint.poll(now)

    def _drain(self, now: int) -> None:
        """After every input: all datagrams out, all events told, before the next input comes in."""
        endpoint = self.endpoint
        while True:
            while endpoint.poll_tx(now):
                if not self._net.send(endpoint.tx_peer, endpoint.tx_buf, endpoint.tx_at, endpoint.tx_n):
                    self.stats.count(_TX_LOST)
            event = endpoint.take_event()
            if event == 0:
                return
            self._on_event(event, now)

    def _next_due(self, now: int) -> int:
        due = ticks.sooner(self._hook.next_due(now), self.endpoint.next_due(now))
        due = ticks.sooner(due, self.announcer.sequence.next_due(now))
        if self.port.collecting and not self._hook.pulses:
            due = ticks.sooner(due, self.digits.next_due(now))
        return ticks.sooner(due, self.port.next_due(now))
