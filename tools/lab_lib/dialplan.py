"""The dialplan of the lab: what each number does, for the phones and for whoever reads the tests.

One table: number, what it is (the help text), and its steps. extensions.conf is written from it, and
`tools/lab.py status` prints it.
"""

CONTEXT = "lab"

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
        (
            "Set(CALLER_IS=${CHANNEL(peername)})",
            "Originate(Local/${CALLER_IS}@ring-later/n,exten,lab,600,1,60,a)",
            "Answer()",
            "Wait(0.5)",
            "Hangup(16)",
        ),
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
    ("_62XXX", "hangs up at once with the cause in its last three digits", ("Hangup(${EXTEN:2})",)),
    ("6001", "as 600", ("Goto(600,1)",)),
)


def extensions_conf(sentence: str) -> str:
    """Return extensions.conf. sentence: path of the spoken sentence, without its suffix."""
    lines = ["[general]", "static = yes", "writeprotect = yes", "autofallthrough = yes", ""]
    lines.append(f"[{CONTEXT}]")
    for number, what, steps in NUMBERS:
        lines.append(f"; {what}")
        for at, step in enumerate(steps):
            lead = f"exten => {number},1," if at == 0 else " same => n,"
            lines.append(lead + step.replace("{sentence}", sentence))
    lines += [
        "",
        "; calls toward a phone: Local/ACCOUNT@ring rings it, with the name and number of LAB_CALLER",
        "[ring]",
        "exten => _[a-z].,1,Set(CALLERID(num)=${LAB_CALLER_NUMBER})",
        " same => n,Set(CALLERID(name)=${LAB_CALLER_NAME})",
        " same => n,Dial(IAX2/${EXTEN},60)",
        " same => n,Hangup(${HANGUPCAUSE})",
        "",
        "[ring-later]",
        "exten => _[a-z].,1,Wait(4)",
        " same => n,Goto(ring,${EXTEN},1)",
        "",
        "[globals]",
        "LAB_CALLER_NUMBER = 600",
        "LAB_CALLER_NAME = Echo Test",
    ]
    return "\n".join(lines) + "\n"


def help_text() -> str:
    """Return the numbers and what they do, one a line."""
    return "\n".join(f"{number:>7}  {what}" for number, what, _steps in NUMBERS)
