"""Every number of IAX2 that this firmware speaks of: RFC 5456, sections 8.2 to 8.7, and what Asterisk adds.

A book, not a module: nothing imports it on the device. Files keep private mirrors,
`_FT_VOICE = const(2)  # proto.FT_VOICE`, and `test_const_mirrors.py` holds each mirror to this page.
"""

FULL_HDR = 12
MINI_HDR = 4

# Frame types (section 8.2; 11 and 12 are Asterisk's).
FT_DTMF_END = 1
FT_VOICE = 2
FT_VIDEO = 3
FT_CONTROL = 4
FT_NULL = 5
FT_IAX = 6
FT_TEXT = 7
FT_IMAGE = 8
FT_HTML = 9
FT_CNG = 10
FT_MODEM = 11
FT_DTMF_BEGIN = 12

# Subclasses of CONTROL frames (section 8.3).
CONTROL_HANGUP = 1
CONTROL_RINGING = 3
CONTROL_ANSWER = 4
CONTROL_BUSY = 5
CONTROL_CONGESTION = 8
CONTROL_FLASH = 9
CONTROL_PROGRESS = 14
CONTROL_PROCEEDING = 15
CONTROL_LAST = 31  # the highest that Asterisk's own table names
CONTROL_STOP_TONES = 0xFF  # -1 on the wire, not in the RFC

HTML_NO_SUPPORT = 17  # subclass of an HTML frame (section 8.5)

# Subclasses of IAX frames (section 8.4; 38-40 are Asterisk's).
NEW = 1
PING = 2
PONG = 3
ACK = 4
HANGUP = 5
REJECT = 6
ACCEPT = 7
AUTHREQ = 8
AUTHREP = 9
INVAL = 10
LAGRQ = 11
LAGRP = 12
REGREQ = 13
REGAUTH = 14
REGACK = 15
REGREJ = 16
REGREL = 17
VNAK = 18
DPREQ = 19
DPREP = 20
DIAL = 21
TXREQ = 22
TXCNT = 23
TXACC = 24
TXREADY = 25
TXREL = 26
TXREJ = 27
QUELCH = 28
UNQUELCH = 29
POKE = 30
MWI = 32
UNSUPPORT = 33
TRANSFER = 34
PROVISION = 35
TXMEDIA = 38
RTKEY = 39
CALLTOKEN = 40

# Information elements (section 8.6; 54 and up are Asterisk's).
IE_CALLED_NUMBER = 1
IE_CALLING_NUMBER = 2
IE_CALLING_NAME = 4
IE_USERNAME = 6
IE_CAPABILITY = 8
IE_FORMAT = 9
IE_VERSION = 11
IE_AUTHMETHODS = 14
IE_CHALLENGE = 15
IE_MD5_RESULT = 16
IE_REFRESH = 19
IE_CAUSE = 22
IE_IAX_UNKNOWN = 23
IE_MSGCOUNT = 24
IE_CALLINGPRES = 38
IE_CALLINGTON = 39
IE_CALLINGTNS = 40
IE_CAUSECODE = 42
IE_CODEC_PREFS = 45
IE_RR_JITTER = 46
IE_RR_LOSS = 47
IE_RR_PKTS = 48
IE_RR_DELAY = 49
IE_RR_DROPPED = 50
IE_RR_OOO = 51
IE_CALLTOKEN = 54
IE_CAPABILITY2 = 55
IE_FORMAT2 = 56

AUTH_MD5 = 2  # bit of AUTHMETHODS (section 8.6.13)
VERSION = 2

# Causes, Q.850 (section 8.6.33).
CAUSE_NORMAL = 16
CAUSE_BUSY = 17
CAUSE_NO_ANSWER = 19
CAUSE_OUT_OF_ORDER = 27
CAUSE_NO_AUTHORITY = 50
CAUSE_NO_CODEC = 58

# Timers in ms (sections 6.7, 7.2; iax/window.py holds those of retransmission).
PING_MS = 20000
FIRST_PING_MS = 2000
DEAD_PEER_MS = 32000
OPENER_MS = 30000
RING_MS = 120000  # an incoming call that is neither taken nor dropped
CLOSING_MS = 10000
TOKEN_LIFE_MS = 8000
GHOST_MS = 35000
REGISTER_MS = 35000
RELEASE_MS = 5000  # a box that powers down does not wait longer for its REGACK
