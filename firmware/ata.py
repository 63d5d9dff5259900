"""The one loop and the only join: the telephone, the call and the voice meet here, as small integers.

Who is fed, in what order, how much per turn: at most four datagrams, then the hook, then 20 ms of sound if
the converter has them, then time; after every input the endpoint is drained. Two tables say what an event of
the call means to the port, and what an intent of the port means to the call.
"""
# A leg is there whenever the port talks, which no type checker sees:
# pyright: reportOptionalMemberAccess=false

from micropython import const

import ticks

_RX_PER_TURN = const(4)  # a flood cannot starve the sound
_RX_AUDIO = const(1)  # codes.RX_AUDIO
_EV_REGISTERED = const(1)  # codes.EV_REGISTERED
_EV_RELEASED = const(3)  # codes.EV_RELEASED
_EV_INCOMING = const(4)  # codes.EV_INCOMING
_EV_ANSWERED = const(8)  # codes.EV_ANSWERED
_EV_HANGUP = const(12)  # codes.EV_HANGUP
_EV_DTMF_BEGIN = const(13)  # codes.EV_DTMF_BEGIN
_EV_DTMF_END = const(14)  # codes.EV_DTMF_END
_EV_MESSAGES = const(15)  # codes.EV_MESSAGES

_OFF_HOOK = const(0)  # codes.PORT_OFF_HOOK
_ON_HOOK = const(1)  # codes.PORT_ON_HOOK
_DIGIT = const(2)  # codes.PORT_DIGIT
_TIMEOUT = const(4)  # codes.PORT_TIMEOUT
_RING = const(5)  # codes.PORT_RING
_RING_END = const(6)  # codes.PORT_RING_END
_EARLY = const(8)  # codes.PORT_EARLY
_BUSY = const(10)  # codes.PORT_BUSY
_FAIL = const(11)  # codes.PORT_FAIL
_CLEAR = const(12)  # codes.PORT_CLEAR
_STATE_CALLING = const(3)  # codes.CALLING
_STATE_RINGBACK = const(4)  # codes.RINGBACK
_STATE_TALK = const(6)  # codes.TALK
_INTENT_DIAL = const(1)  # codes.INTENT_DIAL
_INTENT_ANSWER = const(2)  # codes.INTENT_ANSWER
_INTENT_HANGUP = const(3)  # codes.INTENT_HANGUP
_HOOK_OFF = const(1)  # codes.HOOK_OFF
_DIGITS_READY = const(2)  # codes.DIGITS_READY
_FEED_OPEN = const(0)  # codes.FEED_OPEN
_DTMF_BEGINS = const(0x100)  # codes.DIGIT_BEGIN
_DTMF_ENDS = const(0x200)  # codes.DIGIT_END
_CAUSE_NORMAL = const(16)  # proto.CAUSE_NORMAL
_CAUSE_BUSY = const(17)  # proto.CAUSE_BUSY
_LOG_REGISTERED = const(2)  # codes.LOG_REGISTERED
_LOG_UNREGISTERED = const(3)  # codes.LOG_UNREGISTERED
_LOG_PORT = const(4)  # codes.LOG_PORT
_LOG_DIGIT = const(6)  # codes.LOG_DIGIT
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
_DTMF_DIGITS = const(26)  # codes.DTMF_DIGITS
_CALLS_OUT = const(27)  # codes.CALLS_OUT
_CALLS_IN = const(28)  # codes.CALLS_IN
_LOOK_AGAIN = const(3)  # codes.LOOK_AGAIN


# What the digit collector says, DIGITS_* 0 … 5, to the port: MORE and FULL are DIGIT, the others are NUMBER,
# TIMEOUT and FAIL.
_DIGITS_SAY = b"\0\x02\x03\x04\x02\x0b"

# What an event of the call leg, EV_* 0 … 11, means to the port: RINGING is ALERTING, PROGRESS is EARLY,
# ANSWERED is ANSWER, BUSY is BUSY, CONGESTION is FAIL, STOP_TONES is EARLY (the far end makes the sounds).
_TO_PORT = b"\0\0\0\0\0\0\x07\x08\x09\x0a\x0b\x08"


class Ata:
    """The whole adapter on one HAL. Build it once, call `turn` at least every 5 ms of line time."""

    def __init__(self, hal, stats, log, line: tuple, media: tuple, iax: tuple, choices: tuple) -> None:
        """line, media, iax: the parts of the rooms, and choices: settings, as setup.py makes them."""
        self.stats = stats
        self.log = log
        self._net = hal.net
        self._pcm = hal.pcm
        self._slic = hal.slic
        self._box = hal.box
        self._tones, self._hook, self.digits, self._ringer, self.port = line
        self._up, self._down, self._uplink, self._jitter, self._downlink = media
        self.endpoint, self.registrars = iax
        self.dialer = self.endpoint  # who calls a number: iax/endpoint.py, or remote.py in its place
        self.services = []  # whoever wants to hear what the endpoint tells: on_event(event, leg, arg, now)
        self._payload = self.endpoint.slot.payload
        self._depth_ms, self._dtmf_frames, self._no_register, self._tone_always = choices
        self.in_service = False  # the network is there, and nobody switches off
        self.registered = 0  # a bit for each account
        self.failures = bytearray(4)  # of each account's server; 0 again when main.py has looked it up
        self._n_released = 0
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

    def release(self, now: int) -> None:
        """Power-down was asked for: hang up, silence the line, unregister; `gone` tells when it is done."""
        self.in_service = False
        self.port.reset(now)
        self._do(_INTENT_HANGUP, now)
        for registrar in self.registrars:
            registrar.release(now)
        self._drain(now)

    def gone(self) -> bool:
        """Return True when the servers know that we are not there any more, or will not listen."""
        for leg in self.endpoint.legs:
            if leg.state:
                return False
        return self._n_released >= len(self.registrars)

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
        hook = self._hook.feed(self._slic.line_state(), now)
        if hook:
            self._on_hook_event(hook, now)
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
        self._uplink.listen = port.collecting or (speaking and self._dtmf_frames)
        event = self._uplink.encode(self._payload, leg.law if speaking else -1)
        if speaking:
            leg.send_voice(now)
            self._report()
            if self._digit_sent & _DTMF_ENDS:
                self._end_digit(now)
        if event:
            self._on_digit(event, now)
        self._downlink.decode(leg.rx_law if speaking and port.talking else -1)
        self._pcm.write(self._down)
        self.stats.count(_PCM_LOST, self._pcm.lost())

    def _on_digit(self, event: int, now: int) -> None:
        digit = event & 0xFF
        begins = event & _DTMF_BEGINS != 0
        if begins:
            self.stats.count(_DTMF_DIGITS)
            self.log.put(now, _LOG_DIGIT, digit)
        if not self.port.collecting:
            if not begins:
                self._end_digit(now)
            elif self._leg is not None and not self._digit_sent and self._leg.send_dtmf(digit, True, now):
                self._digit_sent = digit
        elif begins:
            self._collect(self.digits.feed_digit(digit, now), now)

    def _collect(self, taken: int, now: int) -> None:
        """Tell the port what the digit collector says."""
        if taken == _DIGITS_READY:
            self._tell_port(_DIGIT, now)  # the dial tone ends, whatever comes then
        if taken:
            self._tell_port(_DIGITS_SAY[taken], now)

    def _end_digit(self, now: int) -> None:
        """Send the END of the digit whose BEGIN was sent; if there is no room now, with the next frame."""
        if self._digit_sent and self._leg is not None:
            sent = self._leg.send_dtmf(self._digit_sent & 0xFF, False, now)
            self._digit_sent = 0 if sent else self._digit_sent | _DTMF_ENDS

    def _report(self) -> None:
        """Lend the counters of the jitter buffer to the leg's next PONG."""
        counts = self.stats.counts
        report = self._leg.report
        late = counts[_JITTER_LATE] - self._late
        lost = counts[_JITTER_LOST] - self._lost - late  # the turn of a late packet passed without it
        report[1] = lost if lost > 0 else 0
        report[3] = self._depth_ms
        report[4] = late

    def _on_hook_event(self, hook: int, now: int) -> None:
        off = hook == _HOOK_OFF
        if off:
            self.digits.reset(now)
        self._tell_port(_OFF_HOOK if off else _ON_HOOK, now)
        if self.port.collecting and not (self.in_service and (self.registered or self._tone_always)):
            self._tell_port(_FAIL, now)
        if not off and self._leg is None:
            self._box.collect()

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
        tone = self.port.tone
        if tone != self._tone:
            self._tone = tone
            self._downlink.play(self._tones, self._tones[tone])
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
                self.log.put(now, _LOG_CALL_UP, self._leg.index, self._leg.account.index + 1)

    def _on_incoming(self, index: int, now: int) -> None:
        leg = self.endpoint.legs[index]
        if self.in_service and self._leg is None and self.port.feed(_RING, now) == 0:
            self.stats.count(_CALLS_IN)
            self._leg = leg
            self.log.put(now, _LOG_PORT, self.port.state, _RING)
            self._ringer.start(now)
            leg.take(now)
        else:
            leg.drop(_CAUSE_BUSY, now)

    def _on_hangup(self, cause: int, now: int) -> None:
        self._let_go(cause, now)
        if self.port.ringing:
            self._tell_port(_RING_END, now)
        elif self.port.state == _STATE_TALK:
            self._tell_port(_CLEAR, now)
        else:
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
        else:
            self.log.put(now, _LOG_UNREGISTERED, index + 1, arg)
            self.registered &= ~bit
            if event == _EV_RELEASED:
                self._n_released += 1
            elif self.failures[index] < 200:
                self.failures[index] += 1

    def _pass_time(self, now: int) -> None:
        if self.port.collecting:
            self._collect(self.digits.poll(now), now)
        before = self.port.state
        intent = self.port.poll(now)
        if self.port.state != before:
            self.log.put(now, _LOG_PORT, self.port.state, _TIMEOUT)
            self._do(intent, now)
        if not self.port.ringing:
            self._ringer.stop()
        feed = self._ringer.poll(now)
        if self._ringer.expired and self.port.ringing:
            self._tell_port(_TIMEOUT, now)
        if feed != self._feed:
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
        due = ticks.sooner(due, self._ringer.next_due(now))
        due = ticks.sooner(due, self.digits.next_due(now) if self.port.collecting else -1)
        return ticks.sooner(due, self.port.next_due(now))
