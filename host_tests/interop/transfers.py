"""What Asterisk must know for the tests of transfers and holding: two accounts, two numbers."""

# it is told that it is held, instead of being played music; its media path may be moved
ACCOUNTS = {
    "phonehold": {"mohinterpret": "passthrough"},
    "phonenative": {"transfer": "yes"},
}

DIALPLAN = """
[lab]
; sends who calls it on to 600
exten => 680,1,Answer()
 same => n,Wait(0.5)
 same => n,Transfer(600)
 same => n,Verbose(0,LAB-TRANSFER ${TRANSFERSTATUS})
 same => n,Wait(20)
exten => 681,1,Dial(IAX2/phonehold,30)
"""
