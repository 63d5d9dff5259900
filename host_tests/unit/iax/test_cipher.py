"""Encryption of a call, judged by the `cryptography` package: every octet is where Asterisk looks for it."""

import random
from types import SimpleNamespace

import pytest
from bench import SeededCrypto
from corekit import speech
from cryptkit import secret_bench
from cryptography.hazmat.primitives import ciphers

import codes
from iax import proto
from iax.cipher import Cipher, Secrecy
from peer import numbers as n
from peer import secrecy, wire

KEY = bytes(range(0x30, 0x40))
NEXT_KEY = bytes(range(0x60, 0x70))
NOISE = random.Random(3)


class Box:
    """What a cipher sees of the endpoint and of a call leg; `seal` and `open` as the core does them."""

    def __init__(self, state: int = codes.CALL_UP) -> None:
        self.crypto = SeededCrypto(5)
        self.leg = SimpleNamespace(ep=self, state=state, iseq=7)
        self.cipher = Cipher(self.leg, bytearray(676), [None] * 43, KEY)
        self.tx_buf: bytes | bytearray = b""
        self.tx_at = self.tx_n = 0

    def seal(self, frame: bytes, at: int = 0) -> bytes:
        """Return what leaves for a frame that lies at `at` of a larger buffer."""
        self.tx_buf = bytearray(b"\xee" * at + frame + b"\xee" * 9)
        self.tx_at, self.tx_n = at, len(frame)
        self.cipher.seal(self)
        return bytes(self.tx_buf[self.tx_at : self.tx_at + self.tx_n])

    def open(self, datagram: bytes) -> bytes | None:
        """Return the clear frame of a datagram."""
        size = self.cipher.open(datagram, len(datagram), not datagram[0] & 0x80)
        return None if size < 0 else bytes(self.cipher.plain[:size])


def full(name: str = "LAGRQ", payload: bytes = b"", oseq: int = 7, r: bool = False) -> bytes:
    return wire.full(0x1234, 0x2345, 1000, oseq, 3, n.T_IAX, n.IAX[name], payload, r)


def voice(octets: int = 160, fill: int = 0x55) -> bytes:
    return wire.full(0x1234, 0x2345, 1000, 7, 3, n.T_VOICE, 4, bytes((fill,)) * octets)


def mini(ts16: int = 1000, octets: int = 160) -> bytes:
    return wire.mini(0x1234, ts16, bytes((ts16 & 0xFF,)) * octets)


def theirs(frame: bytes, key: bytes = KEY) -> bytes:
    """Return a frame as the other side sends it."""
    return secrecy.encrypt(key, frame, NOISE.randbytes(31))


@pytest.mark.parametrize(
    ("frame", "size"),
    [(mini(), 194), (full("ACK"), 36), (full("ACCEPT", bytes(17)), 52), (voice(), 196)],
    ids=["mini", "ACK", "ACCEPT", "VOICE"],
)
def test_sealed_frames_have_the_sizes_seen_at_asterisk(frame, size):
    """164 octets become 194, 12 become 36."""
    assert len(Box().seal(frame)) == size == len(theirs(frame))


@pytest.mark.parametrize("octets", [*range(33), 160, 240, 480, 628])
@pytest.mark.parametrize("at", [0, 113])
def test_what_we_seal_is_read_with_a_zero_iv_for_each_datagram(octets, at):
    """Although one chain goes on through all of them."""
    box = Box()
    for frame in (voice(octets), mini(), full("ACK"), voice(octets, 0x77), mini(octets=octets + 1)):
        sent = box.seal(frame, at)
        head = 4 if frame[0] & 0x80 else 2
        assert sent[:head] == frame[:head]
        assert secrecy.decrypt(KEY, sent) == frame


@pytest.mark.parametrize("octets", [*range(33), 160, 240, 480, 628])
def test_what_the_other_side_seals_opens_in_any_order(octets):
    """Whatever was lost, sent twice or came late."""
    box = Box()
    frames = [voice(octets), mini(1000), mini(1020), full("PING"), mini(1040)]
    for i in (0, 1, 3, 3, 2, 4, 0, 4):
        assert box.open(theirs(frames[i])) == frames[i]


def test_every_length_of_padding_is_understood():
    """16 to 31 octets; the high half of the octet that tells it is noise."""
    box = Box()
    for octets in range(16):
        for high in range(16):
            noise = bytearray(NOISE.randbytes(31))
            noise[15] = high << 4
            frame = voice(octets)
            assert box.open(secrecy.encrypt(KEY, frame, bytes(noise))) == frame


def test_same_frame_never_looks_the_same_twice():
    """A resend has a padding of its own."""
    box = Box()
    sent = {box.seal(full("PING")) for _ in range(50)}
    assert len(sent) == 50
    assert len({raw[4:20] for raw in sent}) == 50


def test_every_octet_of_the_padding_is_random_but_for_its_length():
    """It is what hides that two frames are the same, so it must not come from the chain alone."""
    seen = [set() for _ in range(16)]
    for seed in range(60):
        box = Box()
        box.crypto = SeededCrypto(seed)
        aes = ciphers.Cipher(ciphers.algorithms.AES(KEY), ciphers.modes.CBC(bytes(16))).decryptor()
        opened = aes.update(box.seal(full("PING"))[4:20])
        for values, octet in zip(seen, opened):
            values.add(octet)
    assert min(len(values) for values in seen[:15]) > 40
    assert len({octet >> 4 for octet in seen[15]}) == 16 and {octet & 15 for octet in seen[15]} == {8}


@pytest.mark.parametrize("size", [*range(12, 36), 37, 51, 53, 67])
def test_datagram_of_a_wrong_length_is_no_frame(size):
    """Whole blocks, two at least, behind the call numbers."""
    assert Box().open(full("PING")[:4] + bytes(size - 4)) is None


def test_clear_frame_is_no_frame_of_an_encrypted_call():
    """INVAL and HANGUP can be written by anyone who has seen the call numbers."""
    for name in ("INVAL", "HANGUP", "ACK", "AUTHREQ"):
        assert Box().open(full(name)) is None
    assert Box().open(full("AUTHREQ", bytes(24))) is None  # as long as an encrypted one


def test_frames_under_another_key_are_no_frames():
    """Nothing tells a wrong key but the sense of what comes out; minis must follow each other."""
    box = Box()
    assert box.open(theirs(voice())) and box.open(theirs(mini(1020)))
    fulls = sum(box.open(theirs(full("PING", oseq=7), NEXT_KEY)) is not None for _ in range(300))
    minis = sum(box.open(theirs(mini(1040 + 20 * i), NEXT_KEY)) is not None for i in range(300))
    assert fulls < 30 and minis < 10
    assert box.open(theirs(full("PING"))) == full("PING")


def test_voice_after_a_long_silence_is_believed_at_its_second_packet():
    """Its time-stamp may be anywhere, and its packets may have another length."""
    box = Box()
    assert box.open(theirs(voice())) and box.open(theirs(mini(1020)))
    assert box.open(theirs(mini(40000))) is None
    assert box.open(theirs(mini(40020))) == mini(40020)
    assert box.open(theirs(mini(40040, 240))) is None
    assert box.open(theirs(mini(40070, 240))) == mini(40070, 240)


def test_acks_and_vnaks_open_whatever_their_sequence_number():
    """They carry the other side's count there, which may be far from ours."""
    box = Box()
    for name in ("ACK", "VNAK"):
        assert box.open(theirs(full(name, oseq=150))) == full(name, oseq=150)
    assert box.open(theirs(full("MWI", wire.ie("MSGCOUNT", 1), oseq=150))) is None


def test_text_longer_than_the_buffer_opens_too():
    """A long TEXT must not end a call by staying unacknowledged."""
    box = Box()
    frame = wire.full(0x1234, 0x2345, 1000, 7, 3, 7, 0, b"text" * 330)
    assert box.open(theirs(frame)) == frame
    assert box.open(theirs(mini())) == mini()
    assert secrecy.decrypt(KEY, box.seal(mini())) == mini()


def test_frames_under_the_key_before_still_open():
    """Late voice, and an RTKEY that is resent because its ACK was lost."""
    box = Box()
    rtkey = full("RTKEY", wire.ie("CHALLENGE", NEXT_KEY))
    assert box.open(theirs(voice())) and box.open(theirs(mini(1020)))
    assert box.open(theirs(rtkey)) == rtkey
    box.cipher.hear_key(NEXT_KEY)
    assert box.open(theirs(mini(1060), NEXT_KEY)) == mini(1060)
    assert box.open(theirs(mini(1040))) == mini(1040)
    assert box.open(theirs(rtkey)) == rtkey
    assert box.open(theirs(mini(1080), NEXT_KEY)) == mini(1080)


def test_our_new_key_is_told_under_the_old_one():
    """The first two copies at least: the third tries the new one, for Asterisk forgets the old at once."""
    box = Box()
    box.cipher.change_key(NEXT_KEY)
    first = full("RTKEY", wire.ie("CHALLENGE", NEXT_KEY))
    again = full("RTKEY", wire.ie("CHALLENGE", NEXT_KEY), r=True)
    assert secrecy.decrypt(KEY, box.seal(first)) == first
    assert secrecy.decrypt(NEXT_KEY, box.seal(mini())) == mini()
    assert secrecy.decrypt(KEY, box.seal(again)) == again
    assert secrecy.decrypt(NEXT_KEY, box.seal(again)) == again
    assert secrecy.decrypt(KEY, box.seal(again)) == again
    assert secrecy.decrypt(NEXT_KEY, box.seal(full("ACK"))) == full("ACK")


def test_caller_whom_we_challenge_hears_clear_frames_until_it_answers():
    """Our AUTHREQ, however often it must be sent."""
    box = Box(codes.CALL_CHALLENGED)
    authreq = full("AUTHREQ", bytes(20))
    assert box.seal(authreq) == authreq
    assert box.seal(authreq) == authreq
    authrep = full("AUTHREP", wire.ie("MD5_RESULT", "0" * 32))
    assert box.open(theirs(authrep)) == authrep
    assert secrecy.decrypt(KEY, box.seal(authreq)) == authreq


# The part.


class Core:
    """What the part sees of the endpoint, with one leg."""

    def __init__(self, crypt: int, state: int = codes.CALL_AUTH, secret: bytes = b"pw1") -> None:
        self.crypto = SeededCrypto(5)
        self.dialogs: list[object] = []
        account = SimpleNamespace(index=0, crypt=crypt, secret=secret)
        self.leg = SimpleNamespace(ep=self, account=account, state=state, cipher=None, iseq=0)
        self.part = Secrecy(self, {})

    def take(self, what: int, name: str = "AUTHREQ", payload: bytes = b"") -> int:
        """Ask the part."""
        frame = full(name, payload)
        return self.part.take(what, self.leg, frame, len(frame), 0)

    def key(self, *pairs: tuple[int | str, bytes | str | int]) -> Cipher | None:
        """Return the cipher after an AUTHREQ with these elements."""
        assert self.take(codes.PART_KEY, "AUTHREQ", wire.ies(("AUTHMETHODS", 2), *pairs)) == 0
        return self.leg.cipher


CHALLENGE = ("CHALLENGE", b"987654321")


@pytest.mark.parametrize("crypt", [1, 2])
def test_call_is_encrypted_if_both_sides_will(crypt):
    """Under MD5(challenge || secret)."""
    core = Core(crypt)
    cipher = core.key(CHALLENGE, ("ENCRYPTION", proto.CRYPT_AES128))
    assert cipher is not None
    key = secrecy.first_key(b"987654321", "pw1")
    assert key.hex() == "0411ef8f6f8215468fe06cac518cb4d9"
    frame = theirs(full("ACCEPT", oseq=0), key)
    assert cipher.open(frame, len(frame), False) == 12


@pytest.mark.parametrize(
    ("crypt", "secret", "elements"),
    [
        (0, b"pw1", (CHALLENGE, ("ENCRYPTION", 1))),
        (1, b"pw1", (CHALLENGE,)),
        (1, b"pw1", (CHALLENGE, ("ENCRYPTION", 0x8000))),
        (1, b"pw1", (CHALLENGE, ("ENCRYPTION", b"\x01"))),
        (1, b"pw1", (("ENCRYPTION", 1),)),
        (1, b"pw1", (("CHALLENGE", b""), ("ENCRYPTION", 1))),
        (1, b"", (CHALLENGE, ("ENCRYPTION", 1))),
    ],
    ids=["off", "not asked", "no AES", "one octet", "no challenge", "empty challenge", "no secret"],
)
def test_call_stays_clear_if_one_side_cannot(crypt, secret, elements):
    """The account, the server's AUTHREQ, the secret."""
    assert Core(crypt, secret=secret).key(*elements) is None


@pytest.mark.parametrize(("crypt", "refused"), [(0, 0), (1, 0), (2, 1)])
def test_clear_call_is_refused_only_where_encryption_is_required(crypt, refused):
    """By ACCEPT or NEW, whoever called."""
    core = Core(crypt)
    assert core.take(codes.PART_LINK, "ACCEPT") == refused
    if crypt:
        core.key(CHALLENGE, ("ENCRYPTION", 1))
        assert core.take(codes.PART_LINK, "ACCEPT") == 0


@pytest.mark.parametrize("octets", [0, 1, 15, 17, 32])
def test_key_of_another_length_is_no_key(octets):
    """RTKEY carries exactly 16 octets."""
    core = Core(1)
    cipher = core.key(CHALLENGE, ("ENCRYPTION", 1))
    assert cipher is not None
    assert core.take(codes.PART_SIGNAL, "RTKEY", wire.ie("CHALLENGE", bytes(octets))) == 1
    assert core.take(codes.PART_SIGNAL, "RTKEY") == 1
    frame = theirs(full("PING", oseq=0), secrecy.first_key(b"987654321", "pw1"))
    assert cipher.open(frame, len(frame), False) == 12


def test_part_leaves_alone_what_is_not_its_own():
    """RTKEY of a clear call gets the core's answer to strange subclasses, as do all the others."""
    core = Core(1)
    assert core.take(codes.PART_SIGNAL, "RTKEY", wire.ie("CHALLENGE", bytes(16))) == 0
    for what in range(1, 14):
        if what != codes.PART_LINK:
            assert core.take(what, "TXREQ") == 0
    assert core.leg.cipher is None


@pytest.mark.parametrize(("index", "due"), [(0, -1), (1, 10_000)])
def test_each_account_says_for_itself_how_often_a_new_key_goes_out(index, due):
    core = Core(1)
    core.part = Secrecy(core, {1: 10})
    core.leg.account.index, core.legs = index, [core.leg]
    core.leg.linked, core.leg.window = lambda: True, SimpleNamespace(count=0)
    assert core.part in core.dialogs and core.key(("CHALLENGE", b"987654321"), ("ENCRYPTION", 1))
    core.part.poll(9999)
    assert core.part.next_due(0) == due


def test_no_voice_leaves_in_clear_when_the_call_dies_before_it_is_sent():
    bench = secret_bench("require", "force")
    bench.speak = speech
    bench.dial("600")
    assert bench.run_until("ANSWERED")
    bench.run(500)
    bench.leg.send_voice(bench.now)
    bench.leg.step(codes.LEG_DEAD, bench.now)
    before = len(bench.sent)
    bench.drain()
    assert bench.leg.state == codes.CALL_FREE and not bench.sent[before:]
