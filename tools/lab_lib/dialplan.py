"""The dialplan of the lab: what each number does, for the phones and for whoever reads the tests.

One table: number, what it is (the help text), and its steps. extensions.conf is written from it, and
`tools/lab.py status` prints it.
"""

CONTEXT = "lab"


def _later(context: str) -> "tuple[str, ...]":
    """Return the steps that call the caller back in 4 s, through a context of those below."""
    return (
        "Set(CALLER_IS=${CHANNEL(peername)})",
        f"Originate(Local/${{CALLER_IS}}@later-{context}/n,exten,lab,600,1,60,a)",
        "Answer()",
        "Wait(0.5)",
        "Hangup(16)",
    )


# number or pattern, what it does, its steps in Asterisk's words
NUMBERS: "tuple[tuple[str, str, tuple[str, ...]], ...]" = (
    ("600", "answers and echoes", ("Answer()", "Echo()", "Hangup()")),
    ("601", "1004 Hz at 0 dBm0", ("Answer()", "Milliwatt()", "Hangup()")),
    ("602", "answers, says a sentence, hangs up", ("Answer()", "Playback({sentence})", "Hangup(16)")),
    ("603", "busy", ("Busy(4)", "Hangup(17)")),
    ("604", "congestion", ("Congestion(4)", "Hangup(34)")),
    (
        "605",
        "hangs up, calls the caller back 4 s later; the one who answers hears the echo",
        _later("ring"),
    ),
    (
        "606",
        "a sentence as early media, never answers",
        ("Progress()", "Wait(0.2)", "Playback({sentence},noanswer)", "Hangup(16)"),
    ),
    ("607", "answers and stays silent", ("Answer()", "Wait(7200)", "Hangup()")),
    ("608", "rings 6 s, then answers and echoes", ("Ringing()", "Wait(6)", "Answer()", "Echo()", "Hangup()")),
    ("609", "answers, hangs up after 2 s", ("Answer()", "Wait(2)", "Hangup(16)")),
    (
        "610",
        "answers and writes the digits it hears to the log",
        (
            "Answer()",
            "While(1)",
            "Read(GOT,,20,,1,3)",
            'ExecIf($["${GOT}" != ""]?Verbose(0,LAB-DIGITS ${CHANNEL} ${GOT}))',
            "EndWhile()",
            "Hangup()",
        ),
    ),
    (
        "611",
        "answers and sends the digits 1590#",
        ("Answer()", "Wait(1)", "SendDTMF(1590#,100,100)", "Wait(5)"),
    ),
    ("612", "rings and never answers", ("Ringing()", "Wait(7200)", "Hangup()")),
    ("613", "answers and plays music on hold: 523, 659 and 784 Hz", ("Answer()", "MusicOnHold()")),
    (
        "614",
        "answers, sends two texts, writes those it hears to the log",
        (
            "Answer()",
            "SendText(Good morning from the lab)",
            "SendText(Grüße aus 東京: ${CALLERID(num)})",
            "While(1)",
            "ReceiveText(20)",
            'ExecIf($["${RECEIVETEXTSTATUS}" = "SUCCESS"]?Verbose(0,LAB-TEXT ${RECEIVETEXTMESSAGE}))',
            "EndWhile()",
            "Hangup()",
        ),
    ),
    (
        "615",
        "records a message for you: the next registration tells it, dial tone stutters",
        ("Answer()", "VoiceMail(${CALLERID(num)}@lab,s)", "Hangup(16)"),
    ),
    (
        "616",
        "throws your messages away",
        (
            "Answer()",
            "System(rm -f {spool}/voicemail/lab/${CALLERID(num)}/INBOX/msg*)",
            "Wait(1)",
            "Hangup(16)",
        ),
    ),
    (
        "617",
        "hangs up, calls back 4 s later as Zoë Ångström, 0441234567, with the ring bellcore-r3",
        _later("ring-named"),
    ),
    ("618", "the same, the caller's number withheld", _later("ring-withheld")),
    ("_62XXX", "hangs up at once with the cause in its last three digits", ("Hangup(${EXTEN:2})",)),
    ("6001", "as 600", ("Goto(600,1)",)),
)


# calls toward a phone: Local/ACCOUNT@ring rings it, as the variables LAB_… say; the others say it themselves
_RING = """
[ring]
exten => _[a-z].,1,Set(CALLERID(num)=${LAB_CALLER_NUMBER})
 same => n,Set(CALLERID(name)=${LAB_CALLER_NAME})
 same => n,Set(CALLERID(pres)=${LAB_CALLER_PRES})
 same => n,ExecIf($["${LAB_RING}" != ""]?Set(IAXVAR(ring)=${LAB_RING}))
 same => n(dial),Dial(IAX2/${EXTEN},60)
 same => n,Hangup(${HANGUPCAUSE})

[ring-named]
exten => _[a-z].,1,Set(CALLERID(num)=0441234567)
 same => n,Set(CALLERID(name)=Zoë Ångström)
 same => n,Set(IAXVAR(ring)=bellcore-r3)
 same => n,Goto(ring,${EXTEN},dial)

[ring-withheld]
exten => _[a-z].,1,Set(CALLERID(num)=0441234567)
 same => n,Set(CALLERID(pres)=prohib_not_screened)
 same => n,Goto(ring,${EXTEN},dial)

[globals]
LAB_CALLER_NUMBER = 600
LAB_CALLER_NAME = Echo Test
LAB_CALLER_PRES = allowed
LAB_RING =
"""


def extensions_conf(sentence: str, spool: str = "") -> str:
    """Return extensions.conf. sentence: path of the spoken sentence, without its suffix.  spool: folder."""
    lines = ["[general]", "static = yes", "writeprotect = yes", "autofallthrough = yes", ""]
    lines.append(f"[{CONTEXT}]")
    for number, what, steps in NUMBERS:
        lines.append(f"; {what}")
        for at, step in enumerate(steps):
            lead = f"exten => {number},1," if at == 0 else " same => n,"
            lines.append(lead + step.replace("{sentence}", sentence).replace("{spool}", spool))
    for context in ("ring", "ring-named", "ring-withheld"):
        lines += ["", f"[later-{context}]", "exten => _[a-z].,1,Wait(4)"]
        lines.append(f" same => n,Goto({context},${{EXTEN}},1)")
    return "\n".join(lines) + "\n" + _RING


def help_text() -> str:
    """Return the numbers and what they do, one a line."""
    return "\n".join(f"{number:>7}  {what}" for number, what, _steps in NUMBERS)
