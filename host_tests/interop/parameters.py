"""What the lab's Asterisk needs for test_parameters.py: an account, and a dialplan that tells and is told.

The dialplan writes what it was told into the log, a line for each value.
"""

ACCOUNT = "phonetold"
VARIABLE_LONG = "0123456789" * 20
BOTH_METHODS = "phoneboth"
GUEST = "guest"
TRUNKED = "phonetrunk"
# as Caller*ID comes; two contexts; a format beyond 32 bits
ACCOUNTS = {
    ACCOUNT: {
        "callerid": "asreceived",
        "context": "told\ncontext = elsewhere",
        "sendani": "yes",
        "allow": "ulaw,alaw,opus",
    },
    BOTH_METHODS: {"auth": "md5,plaintext"},
    GUEST: {"type": "user", "secret": ""},
    TRUNKED: {"trunk": "yes"},
}
# name in the log → what the dialplan reads
ASKED = {
    "exten": "EXTEN",
    "context": "CONTEXT",
    "account": "CHANNEL(peername)",
    "number": "CALLERID(num)",
    "name": "CALLERID(name)",
    "presentation": "CALLERID(num-pres)",
    "plan": "CALLERID(num-plan)",
    "ani": "CALLERID(ANI)",
    "ani2": "CALLERID(ANI2)",
    "rdnis": "CALLERID(RDNIS)",
    "dnid": "CALLERID(DNID)",
    "language": "CHANNEL(language)",
    "FOO": "IAXVAR(FOO)",
    "BAR": "IAXVAR(BAR)",
}
STEPS = "".join(f" same => n,Verbose(0,TOLD {name}=<${{{what}}}>)\n" for name, what in ASKED.items())
DIALPLAN = f"""
[told]
exten => _[0-9*#].,1,NoOp()
{STEPS} same => n,Hangup(16)

[elsewhere]
exten => _X.,1,Goto(told,${{EXTEN}},1)
exten => _*X.,1,Verbose(0,TOLD context=<${{CONTEXT}}>)
 same => n,Hangup(16)

[tell]
exten => _[a-z].,1,Set(CALLERID(num)=0441234567)
 same => n,Set(CALLERID(name)=Zoë & "Ärger")
 same => n,Set(CALLERID(pres)=allowed_passed_screen)
 same => n,Set(CALLERID(num-plan)=33)
 same => n,Set(CALLERID(ani)=0449999)
 same => n,Set(CALLERID(ani2)=23)
 same => n,Set(CALLERID(rdnis)=0448888)
 same => n,Set(IAXVAR(FOO)=one two=three)
 same => n,Set(IAXVAR(BAR)={VARIABLE_LONG})
 same => n,Dial(IAX2/${{EXTEN}}/5551234@inner/a,20,b(callee^s^1))

; what Dial does not carry over is set on the called channel itself
[callee]
exten => s,1,Set(CHANNEL(language)=rm_CH)
 same => n,Set(CALLERID(dnid)=0447777)
 same => n,Return()

[private]
exten => _[a-z].,1,Set(CALLERID(all)="Secret" <123>)
 same => n,Set(CALLERID(pres)=prohib_not_screened)
 same => n,Dial(IAX2/${{EXTEN}},20)

[nothing]
exten => _[a-z].,1,Set(CALLERID(all)=)
 same => n,Set(CALLERID(pres)=unavailable)
 same => n,Dial(IAX2/${{EXTEN}},20)
"""
