"""The book of small integers that cross between rooms: counters, log codes, events, intents, tones.

Nothing imports this file on the device (a public constant costs 28 octets of RAM there). A module that needs
a number keeps a private mirror, `_RX_BAD = const(2)  # codes.RX_BAD`, and `test_const_mirrors.py` holds every
mirror to this page. Host tools and tests import it for the names.
"""

# Counters: index, name, meaning (host tools parse these lines).
RX_DATAGRAM = 0  # every datagram read
RX_STRANGER = 1  # from an address that is no peer of ours: dropped
RX_BAD = 2  # too short, or no such kind of frame: dropped
RX_BAD_IE = 3  # broken list of information elements: dropped, not acknowledged
RX_UNKNOWN_CALL = 4  # for no dialog of ours: dropped, at most answered by INVAL
RX_DUPLICATE = 5  # an old full frame again: acknowledged again
RX_GAP = 6  # a full frame ahead of its turn: dropped, VNAK sent
RX_MINI_EARLY = 7  # a mini frame before any full VOICE frame
RX_UNSUPPORTED = 8  # subclass we do not know: UNSUPPORT, or acknowledged and ignored
RX_VOICE = 9  # voice frames taken
TX_FULL = 10  # full frames sent for the first time
TX_MINI = 11  # mini frames sent
TX_RETRANSMIT = 12  # full frames sent again
TX_ACK = 13
TX_VNAK = 14
TX_INVAL = 15
TX_LOST = 16  # the network refused a datagram
PEER_DEAD = 17  # a dialog given up by time
AUTH_REFUSED = 18  # a challenge we would not or could not answer
GHOST_NEW = 19  # a NEW again after the end of its call: no ring
WINDOW_FULL = 20  # a full frame could not be queued
JITTER_LATE = 21  # voice that came after its turn
JITTER_LOST = 22  # turns without voice in a talk spurt
JITTER_DUPLICATE = 23
JITTER_RESYNC = 24  # time-stamps jumped
PCM_LOST = 25  # 20 ms frames the converter lost
DTMF_DIGITS = 26  # digits detected on the line
CALLS_OUT = 27
CALLS_IN = 28
REG_FAILED = 29  # registrations refused or unanswered
VNAK_HELD = 30  # VNAKs not obeyed or not sent, by the storm guard
RX_WRONG_DEST = 31  # right peer and source number, wrong destination number
RX_META = 32  # meta frames taken
TOKEN_ASKED = 33  # callers asked for a CALLTOKEN
TOKEN_WRONG = 34  # callers whose token was wrong or old
CALLER_REFUSED = 35  # callers who could not prove the secret
RX_FOREIGN = 36  # frames of media we have no use for: image, video, modem
RX_CIPHER = 37  # encrypted frames that made no sense
SIGN_SLICES = 38  # slices of RSA computed
N_COUNTERS = 39

# Log codes: number, name, what a and b hold (host tools parse these lines).
LOG_BOOT = 1  # a: reset cause
LOG_REGISTERED = 2  # a: account, b: refresh in s
LOG_UNREGISTERED = 3  # a: account, b: Q.850 cause or 0
LOG_PORT = 4  # a: new state of the port, b: event
LOG_CALL = 5  # a: new state of the call leg, b: event
LOG_DIGIT = 6  # a: ASCII digit from the telephone
LOG_FEED = 7  # a: feed mode ordered
LOG_TONE = 8  # a: tone ordered, 0 = none
LOG_HANGUP_CAUSE = 9  # a: Q.850 cause
LOG_RX_DIGIT = 10  # a: ASCII digit from the peer, b: 1 begin, 0 end
LOG_CALL_UP = 11  # a: leg, b: account
LOG_CALL_DOWN = 12  # a: leg, b: Q.850 cause
LOG_FAULT = 13  # a: what (errno or hardware bits)
LOG_MESSAGES = 14  # a: new voice mail, b: old; 255: waiting, count unknown
LOG_NOTE = 15  # a: leg, b: octets of text or URL; the words went to the console
LOG_SERVER = 16  # a: account, b: peer that serves it now
LOG_DIRECT = 17  # a: leg, b: 1 media goes direct, 0 through the server
LOG_FLASH = 18  # the telephone's user flashed; a: 1 the far end was told
LOG_PULSE = 19  # a: ASCII digit, b: ms of all breaks | of the makes between << 11 | shortest make << 22
LOG_STRAY = 20  # a: STRAY_*, b: pulses of a train that is no digit
LOG_SIGNAL = 21  # a: SIGNAL_*, b: 1 begins, 0 is over
LOG_CALLERID = 22  # a: octets or digits of the message, 0 = none was made; b: ANNOUNCE_*

# Events of the port (line/port.py), columns of its table.
PORT_OFF_HOOK = 0
PORT_ON_HOOK = 1
PORT_DIGIT = 2  # the first digit came: dial tone off
PORT_NUMBER = 3  # the digit map says: dial
PORT_TIMEOUT = 4  # the state's own timer, or no digit in time
PORT_RING = 5  # a call came in
PORT_RING_END = 6  # the caller gave up, or it rang long enough
PORT_ALERTING = 7  # the far telephone rings: local ringback
PORT_EARLY = 8  # sound from the far end before the answer
PORT_ANSWER = 9  # the far end answered
PORT_BUSY = 10  # the far end is busy
PORT_FAIL = 11  # the call cannot be made: reorder
PORT_CLEAR = 12  # the far end hung up

# States of the port, rows of its table.
ON_HOOK = 0
DIAL_TONE = 1
COLLECT = 2
CALLING = 3
RINGBACK = 4
EARLY = 5
TALK = 6
BUSY_TONE = 7
REORDER_TONE = 8
HOWLER = 9
LOCKOUT = 10
RINGING = 11
HOWLER_LOUD = 12
HOWLER_LOUDEST = 13

# Intents: what the port wants done, returned by Port.feed and Port.poll (0 = nothing).
INTENT_DIAL = 1
INTENT_ANSWER = 2
INTENT_HANGUP = 3
INTENT_REJECT = 4

# Tones the port asks for (line/tones.py); the names of the rows in profiles.txt.
TONE_NONE = 0
TONE_DIAL = 1
TONE_RINGBACK = 2
TONE_BUSY = 3
TONE_REORDER = 4
TONE_HOWLER = 5
TONE_STUTTER = 6
TONE_CALLWAITING = 7
TONE_RECALL = 8
TONE_CONFIRM = 9
TONE_SIT = 10
TONE_UNOBTAINABLE = 11
TONE_HOLD = 12
TONE_HOWLER_LOUD = 13  # the howler again, 6 dB louder …
TONE_HOWLER_LOUDEST = 14  # … and 6 dB more
N_TONES = 15

# Feed modes of the SLIC (hal.pyi).
FEED_OPEN = 0
FEED_FORWARD = 1
FEED_REVERSE = 2
FEED_RINGING = 3

# Answers of the hook (line/hook.py) and of the digit collector (line/digits.py); 0 = nothing new.
HOOK_OFF = 1
HOOK_ON = 2
HOOK_FLASH = 3
HOOK_DIGIT = 0x100  # | ASCII: a digit was dialled by pulses
DIGITS_MORE = 1  # taken, more wanted
DIGITS_READY = 2  # dial what is in the buffer
DIGITS_TIMEOUT = 3  # no digit at all in first_ms
DIGITS_FULL = 4  # no room: dropped
DIGITS_REFUSED = 5  # the server's dial plan has no such number

# Why pulses made no digit (line/hook.py).
STRAY_SHORT = 1  # a break too short for a pulse
STRAY_LONG = 2  # a break too long for a pulse, and neither flash nor hang-up
STRAY_MANY = 3  # more pulses than any digit has
STRAY_MIXED = 4  # pulses of very different length: noise
STRAY_SLOW = 5  # makes too long: the dial runs too slowly

# Orders of a line program (line/sequence.py), each with a time in ms; 0-3 are FEED_*.
ORDER_SIGNAL = 8  # + SIGNAL_*: begin it, go on when it is over
ORDER_CATCH = 16  # from here to ORDER_JUMP a closed loop is the primary answer: go on at that index
ORDER_WAIT_OPEN = 18
ORDER_WAIT_ACK = 19
ORDER_GAP = 20  # until so long after the last feed was ordered
ORDER_JUMP = 21  # go on at that index; the last one: ring until answered
ORDER_END = 22  # may stand last

# Signals that a line program asks for.
SIGNAL_FSK = 1
SIGNAL_DTMF = 2
SIGNAL_DTAS = 3  # dual-tone alerting signal
SIGNAL_SAS = 4  # call-waiting tone before CAS
SIGNAL_CAS = 5

# What Announcer.announce may be asked to tell.
ANNOUNCE_CALL = 0
ANNOUNCE_WAITING_CALL = 1  # to a telephone that is off-hook in a call
ANNOUNCE_MESSAGES = 2
ANNOUNCE_NO_MESSAGES = 3

# What Sequence.told may be told.
TOLD_CLOSED = 1
TOLD_OPEN = 2
TOLD_ACK = 3

# Voice laws, as IAX2 format bit numbers.
LAW_ULAW = 2
LAW_ALAW = 3

# What Endpoint.feed_datagram returns.
RX_NOTHING = 0
RX_AUDIO = 1  # voice at rx_at, rx_n of the datagram, for leg rx_leg, time-stamp rx_ts

# Events of the IAX2 endpoint (iax/endpoint.py take_event; 0 = none), with ev_leg and ev_arg.
EV_REGISTERED = 1  # arg: refresh in s
EV_REG_FAILED = 2  # arg: Q.850 cause, 0 = no answer
EV_RELEASED = 3  # REGREL done
EV_INCOMING = 4  # a NEW we accepted: ring
EV_ACCEPTED = 5  # our NEW was accepted: arg: law
EV_RINGING = 6
EV_PROGRESS = 7
EV_ANSWERED = 8
EV_BUSY = 9
EV_CONGESTION = 10
EV_STOP_TONES = 11  # control 0xFF
EV_HANGUP = 12  # the leg is over; arg: Q.850 cause
EV_DTMF_BEGIN = 13  # arg: ASCII
EV_DTMF_END = 14  # arg: ASCII
EV_MESSAGES = 15  # arg: new | old << 8, or 0xFFFF
EV_QUELCH = 16  # arg: 1 stop sending voice, 0 go on
EV_CLOCK = 17  # the server's date and time; arg: as DATETIME, but with year - 2020 in 5 bits
EV_NOTE = 18  # a text or a URL came; arg: octets in the buffer of iax/notes.py
EV_PLAN = 19  # the server's dial plan answered; arg: DPSTATUS, 0 = no answer
EV_TRANSFERRED = 20  # the blind transfer we asked for is done
EV_TRANSFER_FAILED = 21  # … or nothing came of it
EV_DIRECT = 22  # arg: 1 the media path is direct now, 0 it goes through the server
EV_HOLD = 23  # arg: 1 the far end holds us, 0 it is back
EV_SERVER = 24  # arg: account << 4 | peer that serves it now
EV_FLASH = 25  # the far telephone flashed
EV_LINE_FLASH = 26  # this telephone flashed in a call (from ata.py, not from the endpoint)

# Failures of a server in a row that make main.py look its name up again (Ata.failures).
LOOK_AGAIN = 3

# States of a call leg, rows of iax/call.py's table.
CALL_FREE = 0
CALL_WAITING = 1  # NEW sent
CALL_AUTH = 2  # AUTHREP sent
CALL_LINKED = 3  # our NEW was accepted
CALL_UP = 4
CALL_OFFERED = 5  # a NEW came in
CALL_ALERTING = 6  # we accepted it and ring
CALL_CLOSING = 7  # HANGUP or REJECT sent
CALL_CHALLENGED = 8  # a NEW came in, AUTHREQ sent

# Events of a call leg, columns of its table.
LEG_DIAL = 0  # order: call out
LEG_TOKEN = 1  # CALLTOKEN came
LEG_AUTHREQ = 2
LEG_ACCEPT = 3
LEG_REFUSE = 4  # REJECT came
LEG_CLEAR = 5  # HANGUP came
LEG_ANSWER = 6  # CONTROL ANSWER came
LEG_OFFER = 7  # NEW came
LEG_TAKE = 8  # order: accept and ring
LEG_PICKUP = 9  # order: answer
LEG_DROP = 10  # order: hang up
LEG_DEAD = 11  # the peer is silent, or it took too long
LEG_INVAL = 12
LEG_DONE = 13  # our HANGUP is acknowledged
LEG_CHALLENGE = 14  # NEW came, and its sender is to prove the secret
LEG_PROVEN = 15  # AUTHREP came

# What the endpoint asks its optional parts (iax/endpoint.py ask; README.md tells the whole contract).
PART_SIGNAL = 1  # IAX frame of a call that the core does not use
PART_OTHER = 2  # another full frame of a call that the core does not use
PART_STRAY = 3  # full frame of no dialog
PART_META = 4  # meta frame
PART_AGAIN = 5  # more voice in the meta frame?
PART_NEW = 6  # NEW, before anything is kept of it
PART_PROVE = 7  # AUTHREQ or REGAUTH to be met by something else than MD5
PART_KEY = 8  # AUTHREP is about to be sent: encrypt from here on?
PART_CHALLENGE = 9  # send AUTHREQ
PART_VERIFY = 10  # AUTHREP came: 1 = right
PART_LINK = 11  # a call is about to be accepted: 1 = it must not be
PART_FREE = 12  # a call is over
PART_STRANGER = 13  # datagram of a stranger

# States of the registrar, rows of iax/registrar.py's table.
REG_IDLE = 0
REG_SENT = 1  # REGREQ sent
REG_PROVING = 2  # REGREQ with the result sent
REG_DONE = 3  # registered; waits for the refresh
REG_WAITING = 4  # failed; waits before it tries again
REG_RELEASING = 5  # REGREL sent
REG_RELEASED = 6
REG_PARTING = 7  # REGREL with the result sent

# Events of the registrar, columns of its table.
REGEV_START = 0  # order, or its timer
REGEV_TOKEN = 1
REGEV_AUTH = 2  # REGAUTH came
REGEV_ACK = 3
REGEV_REJECT = 4
REGEV_DEAD = 5
REGEV_RELEASE = 6  # order: power-down

# What the DTMF detector and media/uplink.py return: ASCII | one of these; 0 = nothing.
DIGIT_BEGIN = 0x100
DIGIT_END = 0x200

# States of the native transfer of a call leg, rows of iax/transfer.py's table.
XFER_NONE = 0
XFER_BEGIN = 1  # TXREQ came; TXCNT goes to the other end
XFER_READY = 2  # TXACC came, TXREADY sent; media stays with the server
XFER_DIRECT = 3  # TXREL came: the leg talks to the other end
XFER_OVER = 4  # the call is over, its other end is still answered

# Events of the native transfer, columns of its table.
XFEREV_REQUEST = 0  # TXREQ came, and its address can be reached
XFEREV_ACCEPT = 1  # TXACC came from the other end
XFEREV_RELEASE = 2  # TXREL came
XFEREV_MEDIA = 3  # TXMEDIA came
XFEREV_REJECT = 4  # TXREJ came
XFEREV_TIME = 5  # the last TXCNT is not answered, or the call has been over for 35 s
XFEREV_FREE = 6  # the call is over
