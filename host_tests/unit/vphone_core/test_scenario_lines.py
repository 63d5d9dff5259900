"""What a scenario may say, and what is said about lines that it may not."""

import pytest

from tools.vphone_lib import scenario
from tools.vphone_lib.scenario import ScenarioError, parse

GOOD = """
# a comment
lift   # it's off
hang
dtmf 600#
dtmf #
dtmf 12 -5
dtmf 12 50 60
dtmf 12 50 60 -20 4
hum 1004 -10 0.5
sleep 0.1
wait registered
wait unregistered 3
wait ringing 5
wait quiet
wait tone dial 3.5
wait tone none
wait voice
wait call up 1
wait call down
record "x y.wav"
stop
net loss 20
net delay 50
net delay 50 20
net dup 5
net reorder 5
net cut
net restore
power off
power on
expect heap 60000
expect stat rx_bad = 0
expect stat RX_VOICE >= 10
expect polarity normal
expect polarity reversed
expect callerid 5551234 "Ann Other"
expect callerid private
expect no callerid
expect open 250
expect lamp on
flash
flash 90
pulse 0123456789
pulse 5 20 66
pulse 5 20 66 3
"""
NOT_BUILT = ("console status", "expect console x 3", "power cut-at-write 3")
WRONG = {
    "jump": "no such verb",
    "lift 3": "usage: lift",
    "dtmf": "usage: dtmf DIGITS",
    "dtmf 5x": "digits are",
    "dtmf 1 2 3 4 5 6": "usage: dtmf",
    "dtmf 1 -5 4 4": "usage: dtmf",
    "play": "usage: play",
    "play nofile.wav": "nofile.wav: No such file",
    "hum 9000 0 1": "HZ is a number from 20 to 3900",
    "sleep soon": "SECONDS is a number",
    "sleep nan": "SECONDS is a number",
    "wait": "wait for what",
    "wait godot": "nobody can wait for 'godot'",
    "wait tone sweet": "no such tone",
    "wait tone": "usage: wait tone",
    "wait call sideways": "a call is up or down",
    "wait voice -1": "the time in seconds",
    "record nowhere/x.wav": "no folder nowhere",
    "record /": "is a folder",
    "net": "usage: net",
    "net loss": "usage: net loss",
    "net loss 101": "PERCENT is a number from 0 to 100",
    "power": "usage: power",
    "power up": "power is off or on",
    "expect": "expect what",
    "expect rain": "nobody can expect",
    "expect heap": "usage: expect heap",
    "expect stat rx_joy > 1": "no such counter",
    "expect stat rx_bad ~ 1": "OP is one of",
    "expect polarity odd": "polarity is",
    "expect callerid": "usage: expect callerid",
    "expect no rain": "usage: expect no callerid",
    "expect open": "usage: expect open",
    "expect open 5": "MS is a number from 20",
    "expect lamp red": "a lamp is on or off",
    "pulse": "usage: pulse",
    "pulse 5 10": "usage: pulse",
    "pulse 5#": "a rotary dial has",
    "pulse 5 99 60": "PPS is a number",
    "flash 5": "MS is a number from 10",
    "flash 90 90": "usage: flash",
    'play "x.wav': "close the quotation",
}


def test_every_verb_that_exists_is_taken():
    assert len(parse(GOOD, "x")) == sum(1 for line in GOOD.splitlines() if line and line[0] != "#")


def test_hash_is_a_key_after_dtmf_and_begins_a_comment_elsewhere():
    assert scenario._words("dtmf 600# # go") == ["dtmf", "600#"]
    assert scenario._words("dtmf # # go") == ["dtmf", "#"]
    assert scenario._words("lift # it's") == ["lift"]
    assert scenario._words('play "a #1.wav"') == ["play", "a #1.wav"]


@pytest.mark.parametrize("line", NOT_BUILT)
def test_a_verb_of_a_later_issue_says_that_it_is_not_built_yet(line):
    with pytest.raises(ScenarioError, match=r"not built yet$"):
        parse("lift\n" + line, "x")


@pytest.mark.parametrize("line", sorted(WRONG))
def test_a_wrong_line_is_told_with_its_number_and_what_is_wrong(line):
    with pytest.raises(ScenarioError) as wrong:
        parse("# first\n\nlift\n" + line, "call.txt")
    assert str(wrong.value).startswith("call.txt:4: ")
    assert WRONG[line] in str(wrong.value)
    assert "\n" not in str(wrong.value)
