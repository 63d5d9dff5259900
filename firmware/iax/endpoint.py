"""Where datagrams become dialogs and dialogs become datagrams: one UDP port, all dialogs on it.

Each datagram is judged in this order: who sent it, what kind of frame, which dialog (RFC 5456, 8.1.3).
What belongs to none is dropped, or answered without keeping anything: POKE by PONG, a NEW that finds us busy
by REJECT, the end of an ended call by ACK, other full frames by INVAL, at most ten a second.

What few boxes need (encryption, transfers, texts …) stands in optional parts. Each has one method,
`take(what, leg, buf, n, now)`, is asked where the core has no answer, and returns 0 for "not mine".

The law of use: after each feed and each poll, drain `poll_tx` and `take_event` before the next input.
"""

from array import array

from micropython import const

import ticks
from iax import ie
from iax.frame import classify, put_full, put_tail, u16

_FULL = const(1)
_MINI = const(2)
_META = const(3)
_FT_IAX = const(6)  # proto.FT_IAX
_NEW = const(1)  # proto.NEW
_PONG = const(3)  # proto.PONG
_ACK = const(4)  # proto.ACK
_HANGUP = const(5)  # proto.HANGUP
_REJECT = const(6)  # proto.REJECT
_INVAL = const(10)  # proto.INVAL
_REGACK = const(15)  # proto.REGACK
_REGREJ = const(16)  # proto.REGREJ
_VNAK = const(18)  # proto.VNAK
_TXCNT = const(23)  # proto.TXCNT
_TXACC = const(24)  # proto.TXACC
_POKE = const(30)  # proto.POKE
_CALLTOKEN = const(40)  # proto.CALLTOKEN
_IE_CAUSECODE = const(42)  # proto.IE_CAUSECODE
_CAUSE_BUSY = const(17)  # proto.CAUSE_BUSY
_FULL_HDR = const(12)  # proto.FULL_HDR
_MINI_HDR = const(4)  # proto.MINI_HDR
_GHOST_MS = const(35000)  # proto.GHOST_MS

_CALL_FREE = const(0)  # codes.CALL_FREE
_CALL_CLOSING = const(7)  # codes.CALL_CLOSING
_LEG_DONE = const(13)  # codes.LEG_DONE
_LOG_CALL = const(5)  # codes.LOG_CALL

_RX_DATAGRAM = const(0)  # codes.RX_DATAGRAM
_RX_STRANGER = const(1)  # codes.RX_STRANGER
_RX_BAD = const(2)  # codes.RX_BAD
_RX_BAD_IE = const(3)  # codes.RX_BAD_IE
_RX_UNKNOWN_CALL = const(4)  # codes.RX_UNKNOWN_CALL
_RX_UNSUPPORTED = const(8)  # codes.RX_UNSUPPORTED
_TX_ACK = const(13)  # codes.TX_ACK
_TX_INVAL = const(15)  # codes.TX_INVAL
_GHOST_NEW = const(19)  # codes.GHOST_NEW
_RX_WRONG_DEST = const(31)  # codes.RX_WRONG_DEST

_PART_STRAY = const(3)  # codes.PART_STRAY
_PART_META = const(4)  # codes.PART_META
_PART_AGAIN = const(5)  # codes.PART_AGAIN
_PART_NEW = const(6)  # codes.PART_NEW
_PART_STRANGER = const(13)  # codes.PART_STRANGER
_RX_CIPHER = const(37)  # codes.RX_CIPHER

_LONGEST = const(1500)  # octets; a longer datagram is none of ours
_INVAL_MS = const(100)
_MINUTE_MS = const(60000)
_MOST_OFFERS = const(1500)  # calls in a minute; two minutes may meet, and 4,095 numbers must do
_N_EVENTS = const(8)
_GHOSTS = const(4)


class Endpoint:
    """All IAX2 dialogs of the box. It owns no clock, no socket and no memory but its few small arrays."""

    def __init__(self, accounts, small: bytearray, slot, crypto, stats, log) -> None:
        """accounts: list of Account.  small: 48 octets for frames that are not kept.  slot: VoiceSlot."""
        self.accounts = accounts
        self.legs = []
        self.dialogs = []  # registrars, then legs, then parts that have a time of their own
        self.parts = []
        self.rx_peer = 0
        self.same = bytearray(16)  # by peer: who has its address too, and had it first; 0 = nobody
        self.small = small
        self.slot = slot
        self.slot_leg = None
        self.crypto = crypto
        self.stats = stats
        self.log = log
        self.tx_peer = 0  # the datagram that poll_tx offers: tx_n octets of tx_buf from tx_at on
        self.tx_buf = small
        self.tx_at = self.tx_n = 0
        self.rx_leg = None  # the voice that feed_datagram found: rx_n octets of rx_buf from rx_at on
        self.rx_law = -1
        self.rx_ts = 0  # modulo 2**30
        self.rx_buf = b""
        self.rx_at = self.rx_n = 0
        self.ev_leg = self.ev_arg = 0
        self.small_n = self._small_peer = 0  # a stateless answer waits in `small`
        self._small_cipher = None
        self._number = crypto.random(15)
        self._inval_at = self._minute_at = self._n_offers = 0
        self._events = array("i", bytes(8 * _N_EVENTS))  # event | leg << 8, arg
        self._first_event = self._n_events = 0
        self._ghosts = array("i", bytes(8 * _GHOSTS))  # peer << 15 | number, tick
        self._ghost = 0

    def add_leg(self, leg) -> None:
        """Own one more call leg; its index must be the number of legs so far."""
        self.legs.append(leg)
        self.dialogs.append(leg)

    def add_registrar(self, registrar) -> None:
        """Own the registration of one more account."""
        self.dialogs.insert(0, registrar)

    def ask(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Ask the optional parts in turn (codes.PART_*); the first answer that is not 0, or 0."""
        for part in self.parts:
            done = part.take(what, leg, buf, n, now)
            if done:
                return done
        return 0

    def new_number(self) -> int:
        """Return a free call number, 2 … 32,767, none of the last 4,095: a random step, never backwards.

        Callers get at most 1,500 a minute, so a number rests for a minute, whatever they do.
        """
        free = False
        while not free:
            self._number = (self._number + 1 + self.crypto.random(3)) % 32766
            free = True
            for dialog in self.dialogs:
                if dialog.scallno == self._number + 2:
                    free = False
        return self._number + 2

    def post(self, event: int, leg: int, arg: int) -> None:
        """Queue an event for `take_event`; the oldest goes if nobody took eight."""
        at = (self._first_event + self._n_events) % _N_EVENTS * 2
        self._events[at] = event | leg << 8
        self._events[at + 1] = arg
        if self._n_events < _N_EVENTS:
            self._n_events += 1
        else:
            self._first_event = (self._first_event + 1) % _N_EVENTS

    def take_event(self) -> int:
        """Return the oldest event (codes.EV_*) with `ev_leg` and `ev_arg`, 0 if there is none."""
        if self._n_events == 0:
            return 0
        at = self._first_event * 2
        self._first_event = (self._first_event + 1) % _N_EVENTS
        self._n_events -= 1
        event = self._events[at]
        self.ev_leg = event >> 8
        self.ev_arg = self._events[at + 1]
        return event & 0xFF

    def moved(self, leg: int, state: int, event: int, now: int) -> None:
        """Note in the log that a call leg changed its state."""
        self.log.put(now, _LOG_CALL, leg << 8 | state, event)

    def remember(self, peer: int, scallno: int, now: int) -> None:
        """A call is over: its NEW may come again and must not ring (RFC 5456 does not speak of it)."""
        self._ghosts[self._ghost] = peer << 15 | scallno
        self._ghosts[self._ghost + 1] = now
        self._ghost = (self._ghost + 2) % (2 * _GHOSTS)

    def _is_ghost(self, buf: bytes, peer: int, scallno: int, now: int) -> bool:
        """True for a resent NEW (R bit) of a call that is over; a new call may use the old number."""
        for i in range(0, 2 * _GHOSTS if buf[2] & 0x80 else 0, 2):
            if self._ghosts[i] == peer << 15 | scallno:
                return 0 <= ticks.diff(now, self._ghosts[i + 1]) < _GHOST_MS
        return False

    def acknowledge(self, buf: bytes, cipher=None) -> None:
        """Answer full frame `buf` by an ACK that keeps no state; a stateless frame gets none."""
        if u16(buf, 0) & 0x7FFF > 1:
            self.stats.count(_TX_ACK)
            self.answer(buf, _ACK, buf[9], buf[8] + 1 & 0xFF, u16(buf, 2) & 0x7FFF)
            self._small_cipher = cipher

    def answer(self, buf: bytes, sub: int, oseq: int, iseq: int, scallno: int) -> None:
        """Answer full frame `buf` to its sender by IAX frame `sub`, once and without keeping anything.

        Who adds elements behind octet 12 of `small` says so in `small_n`.
        """
        small = self.small
        put_full(small, 0, scallno, u16(buf, 0) & 0x7FFF, u16(buf, 4), u16(buf, 6))
        put_tail(small, 0, oseq, iseq, _FT_IAX, sub)
        self.small_n = _FULL_HDR
        self._small_peer = self.rx_peer
        self._small_cipher = None

    def feed_datagram(self, buf: bytes, peer: int, now: int) -> int:
        """Take one datagram from `peer` (0 = a stranger). Returns RX_AUDIO, with rx_*, or RX_NOTHING."""
        n = len(buf)
        self.rx_peer = peer
        self.stats.count(_RX_DATAGRAM)
        if peer == 0:
            if not self.ask(_PART_STRANGER, None, buf, n, now):
                self.stats.count(_RX_STRANGER)
            return 0
        kind = classify(buf, n) if n <= _LONGEST else 0
        if kind == _MINI:
            return self._feed_mini(buf, n, peer, now)
        if kind == _FULL:
            return self._feed_full(buf, n, peer, now)
        if kind == _META:
            found = self.ask(_PART_META, None, buf, n, now)
            if found:
                return found - 1
        self.stats.count(_RX_UNSUPPORTED if kind else _RX_BAD)
        return 0

    def feed_again(self, now: int) -> int:
        """RX_AUDIO if the last datagram, a meta frame, holds voice of one more call."""
        return 1 if self.ask(_PART_AGAIN, None, b"", 0, now) else 0

    def _feed_mini(self, buf: bytes, n: int, peer: int, now: int) -> int:
        scallno = u16(buf, 0)
        for leg in self.legs:
            if leg.peer == peer and leg.dcallno == scallno and leg.linked():
                if leg.cipher:
                    n = leg.cipher.open(buf, n, True)
                    buf = leg.cipher.plain
                if n >= _MINI_HDR:
                    return leg.hear(u16(buf, 2), buf, _MINI_HDR, n - _MINI_HDR, now)
                self.stats.count(_RX_CIPHER)
                return 0
        self.stats.count(_RX_UNKNOWN_CALL)
        return 0

    def _feed_full(self, buf: bytes, n: int, peer: int, now: int) -> int:
        scallno = u16(buf, 0) & 0x7FFF
        dialog = self._find(peer, scallno, u16(buf, 2) & 0x7FFF)
        if dialog is not None and dialog.cipher:
            n = dialog.cipher.open(buf, n, False)
            buf = dialog.cipher.plain
            if n < _FULL_HDR:
                self.stats.count(_RX_CIPHER)
                return 0
        if buf[10] == _FT_IAX and not ie.check(buf, _FULL_HDR, n):
            self.stats.count(_RX_BAD_IE)
        elif dialog is None:
            self._feed_stray(buf, n, peer, scallno, now)
        elif dialog.receive(buf, scallno, now):
            return dialog.feed(buf, n, now)
        return 0

    def _find(self, peer: int, scallno: int, dcallno: int):
        """The live dialog a full frame belongs to: our number and theirs, or theirs alone with number 0."""
        wrong = False
        for dialog in self.legs if dcallno == 0 else self.dialogs:
            if dialog.peer != peer or dialog.state == 0 or dialog.scallno == 0:
                continue
            if dialog.scallno == dcallno and (dialog.dcallno == scallno or dialog.dcallno == 0):
                return dialog
            if dialog.dcallno == scallno and scallno > 1:
                if dcallno == 0:
                    return dialog
                wrong = True
        if wrong:
            self.stats.count(_RX_WRONG_DEST)
        return None

    def _feed_stray(self, buf: bytes, n: int, peer: int, scallno: int, now: int) -> None:
        sub = buf[11] if buf[10] == _FT_IAX else 0
        opener = u16(buf, 2) & 0x7FFF == 0
        if sub == _ACK and u16(buf, 2) & 0x7FFF == 1:
            pass  # of our PONG to a POKE, or of our REJECT
        elif self.ask(_PART_STRAY, None, buf, n, now):
            pass
        elif scallno <= 1 or sub in (_ACK, _INVAL, _VNAK, _TXCNT, _TXACC, _CALLTOKEN):
            self.stats.count(_RX_UNKNOWN_CALL)
        elif sub == _POKE and opener:
            self.answer(buf, _PONG, 0, buf[8] + 1 & 0xFF, 1)
        elif sub == _NEW and opener and buf[8] == 0:
            self._feed_new(buf, n, peer, scallno, now)
        elif sub in (_HANGUP, _REJECT, _REGACK, _REGREJ):
            self.stats.count(_RX_UNKNOWN_CALL)
            self.acknowledge(buf)
            if opener:
                self.remember(peer, scallno, now)
        else:
            self._invalidate(buf, now)

    def _invalidate(self, buf: bytes, now: int) -> None:
        """Say that there is no such call (RFC 5456, section 6.9.2), rarely enough not to make a storm."""
        self.stats.count(_RX_UNKNOWN_CALL)
        if u16(buf, 2) & 0x7FFF and not 0 <= ticks.diff(now, self._inval_at) < _INVAL_MS:
            self._inval_at = now
            self.stats.count(_TX_INVAL)
            self.answer(buf, _INVAL, 0, 0, u16(buf, 2) & 0x7FFF)

    def _feed_new(self, buf: bytes, n: int, peer: int, scallno: int, now: int) -> None:
        if self._is_ghost(buf, peer, scallno, now):
            self.stats.count(_GHOST_NEW)
            return
        if self.ask(_PART_NEW, None, buf, n, now):
            return
        leg = self._idle_leg()
        if leg:
            if self._lets_in(now):
                leg.step(_LEG_DONE, now)
                leg.offer(self._account_of(peer), buf, n, now)
            return
        self.answer(buf, _REJECT, 0, 1, 1)
        if n > 14:  # no answer is longer than what it answers
            self.small_n = ie.put_uint(self.small, _FULL_HDR, _IE_CAUSECODE, 1, _CAUSE_BUSY)

    def _idle_leg(self):
        """Return a free leg, else one that only waits for the ACK of its HANGUP, which is in nobody's use."""
        found = None
        for leg in self.legs:
            if leg.state == _CALL_FREE:
                return leg
            if leg.state == _CALL_CLOSING:
                found = leg
        return found

    def _lets_in(self, now: int) -> bool:
        """Count the calls of this minute; False if they are too many to be calls."""
        if not 0 <= ticks.diff(now, self._minute_at) < _MINUTE_MS:
            self._minute_at = now
            self._n_offers = 0
        self._n_offers += 1
        return self._n_offers <= _MOST_OFFERS

    def _account_of(self, peer: int):
        for account in self.accounts:
            if account.index == peer - 1 >> 1:  # each has two peers, its server and the one beside it
                return account
        return self.accounts[0]

    def dial(self, account, number: bytes, now: int) -> int:
        """Call `number` (1 … 32 octets); return the index of the leg, -1 if every leg is in use."""
        leg = self._idle_leg()
        if not leg:
            return -1
        leg.step(_LEG_DONE, now)
        leg.dial(account, number, now)
        return leg.index

    def poll(self, now: int) -> None:
        """Let time pass for every dialog."""
        for dialog in self.dialogs:
            dialog.poll(now)

    def poll_tx(self, now: int) -> bool:
        """Offer the next datagram in tx_peer, tx_buf, tx_at, tx_n; False when all is said."""
        if self.small_n:
            self.tx_buf = self.small
            self.tx_at = 0
            n = self.small_n
            self.small_n = 0
            return self._offer(self._small_peer, n, self._small_cipher)
        for dialog in self.dialogs:
            n = dialog.poll_tx(now)
            if n < 0:
                dialog.give_up(now)
            elif n:
                return self._offer(dialog.peer, n, dialog.cipher)
        return self._poll_voice()

    def _offer(self, peer: int, n: int, cipher) -> bool:
        self.tx_peer = peer
        self.tx_n = n
        if cipher:
            cipher.seal(self)
        return True

    def _poll_voice(self) -> bool:
        slot = self.slot
        if slot.n == 0:
            return False
        self.tx_buf = slot.buf
        self.tx_at = 0
        n = slot.n
        slot.n = 0
        leg = self.slot_leg
        if not leg.linked():  # pyright: ignore[reportAttributeAccessIssue]
            return False  # its call died meanwhile, and its cipher with it
        return self._offer(leg.peer, n, leg.cipher)  # pyright: ignore[reportAttributeAccessIssue]

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` or `poll_tx` has something to do, -1 = never."""
        due = -1
        for dialog in self.dialogs:
            due = ticks.sooner(due, dialog.next_due(now))
        return due
