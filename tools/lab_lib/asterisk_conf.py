"""Asterisk's configuration for the lab: text only, no file and no process.

`files(…)` returns every file of the private configuration folder by name. Nothing of it is left to
Asterisk's own defaults that matters for a test: accounts, codecs, call tokens, times, where files go.
"""

from dataclasses import dataclass, field
from pathlib import Path

from tools.lab_lib import dialplan

SECRET = "lab-secret"
MUSIC = "var/moh"  # folder of the music on hold
KEYS = "var/keys"  # folder of the public keys
RSA_KEY = "phonersa"  # account that proves itself by RSA, and the name of its key
MAILBOXES = "spool/voicemail/lab"  # folder of the mailboxes: one a phone, 700@lab for `phone`, 701@lab …
POLL_S = 1  # messages that come and go by other hands than Asterisk's are noticed in that time
PHONES = ("phone", *(f"phone{number}" for number in range(1, 21)))

# account beside the plain ones, and what is different in it
SPECIAL: "dict[str, dict[str, str]]" = {
    "phonealaw": {"allow": "alaw"},
    "phoneulaw": {"allow": "ulaw"},
    "phonenotoken": {"requirecalltoken": "no"},
    "phonesecure": {"encryption": "yes", "forceencryption": "yes"},
    RSA_KEY: {"auth": "rsa", "inkeys": RSA_KEY},
}

# only what the lab uses; chan_iax2 needs a timing source
MODULES = (
    "res_timing_timerfd", "res_timing_pthread", "res_crypto", "res_musiconhold", "pbx_config", "chan_iax2",
    "bridge_simple", "bridge_holding", "bridge_builtin_features", "bridge_softmix",
    "codec_ulaw", "codec_alaw", "codec_a_mu", "codec_resample",
    "format_wav", "format_sln", "format_pcm",
    "app_dial", "app_echo", "app_milliwatt", "app_playback", "app_read", "app_senddtmf", "app_originate",
    "app_verbose", "app_exec", "app_while", "app_transfer", "app_sendtext", "app_stack", "app_bridgewait",
    "app_softhangup", "app_system", "app_voicemail",
    "res_clioriginate", "func_callerid", "func_channel", "func_logic", "func_strings", "func_global",
    "func_db", "func_dialplan", "func_timeout",
)  # fmt: skip

_VOICEMAIL = f"""[general]
format = wav
minsecs = 1
maxsilence = 0
review = no
operator = no
pollmailboxes = yes
pollfreq = {POLL_S}
[lab]
"""

_INDICATIONS = """[general]
country = us
[us]
description = United States
ringcadence = 2000,4000
dial = 350+440
ring = 440+480/2000,0/4000
busy = 480+620/500,0/500
congestion = 480+620/250,0/250
"""


@dataclass
class Options:
    """What a test may ask of its server.

    general, accounts: lines added to [general] and to accounts by name, for example
    `accounts={"phone": {"allow": "alaw"}}`; a new name makes a new account. dialplan: text appended to
    extensions.conf.  qualify: "yes", "no" or the limit in ms.  files: text of more files by their path in
    the server's folder, `{"var/keys/phone.pub": …, "etc/dundi.conf": …}`; one of our own names replaces ours.
    """

    general: "dict[str, str]" = field(default_factory=dict)
    accounts: "dict[str, dict[str, str]]" = field(default_factory=dict)
    dialplan: str = ""
    qualify: str = "yes"
    debug_iax: bool = False
    files: "dict[str, str]" = field(default_factory=dict)


def files(
    folder: Path, modules: str, data: str, port: int, sentence: str, options: Options
) -> "dict[str, str]":
    """Return name → text of every configuration file. modules, data: Asterisk's own folders."""
    return {
        "asterisk.conf": asterisk_conf(folder, modules, data),
        "modules.conf": modules_conf(modules),
        "logger.conf": "[general]\ndateformat = %H:%M:%S.%3q\n[logfiles]\n"
        "full = notice,warning,error,verbose(5),dtmf,debug\n",
        "iax.conf": iax_conf(port, options),
        "extensions.conf": dialplan.extensions_conf(sentence, f"{folder}/spool") + options.dialplan,
        "indications.conf": _INDICATIONS,
        "voicemail.conf": _VOICEMAIL + "".join(f"{mailbox(name)} => 0000,{name}\n" for name in PHONES),
        "musiconhold.conf": f"[default]\nmode = files\ndirectory = {folder / MUSIC}\n",
        "features.conf": "[general]\n[featuremap]\n",
        "ccss.conf": "[general]\n",
        "cdr.conf": "[general]\nenable = no\n",
        "cel.conf": "[general]\nenable = no\n",
        "udptl.conf": "[general]\n",
        "stasis.conf": "[threadpool]\n",
        "acl.conf": "",
        "codecs.conf": "",
        "manager.conf": "[general]\nenabled = no\n",
        "http.conf": "[general]\nenabled = no\n",
        "dnsmgr.conf": "[general]\nenable = no\n",
    }


def asterisk_conf(folder: Path, modules: str, data: str) -> str:
    """Return asterisk.conf: whatever is written goes below `folder`."""
    rows = [
        ("astetcdir", folder / "etc"),
        ("astmoddir", modules),
        ("astdatadir", data),
        ("astvarlibdir", folder / "var"),
        ("astdbdir", folder / "var"),
        ("astkeydir", folder / "var"),
        ("astcachedir", folder / "var"),
        ("astagidir", folder / "var"),
        ("astspooldir", folder / "spool"),
        ("astrundir", folder / "run"),
        ("astlogdir", folder / "log"),
    ]
    text = "[directories]\n" + "".join(f"{name} => {value}\n" for name, value in rows)
    return (
        text + "[options]\nverbose = 5\ndebug = 0\nnocolor = yes\nhideconnect = yes\ndefaultlanguage = en\n"
    )


def modules_conf(modules: str) -> str:
    """Return modules.conf with those of MODULES that are there."""
    there = [name for name in MODULES if (Path(modules) / f"{name}.so").exists()]
    return "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in there)


def iax_conf(port: int, options: Options) -> str:
    """Return iax.conf: the general part, then an account a phone."""
    general = {
        "bindport": str(port),  # before bindaddr, or it is not looked at and 4569 is taken
        "bindaddr": "127.0.0.1",
        "autokill": "yes",
        "jitterbuffer": "no",
        "delayreject": "no",
        "minregexpire": "10",
        "maxregexpire": "3600",
        "bandwidth": "high",
        "maxcallnumbers": "4096",
        "disallow": "all",
        "allow": "ulaw,alaw",
        **options.general,
    }
    text = "[general]\n" + _lines(general)
    names = dict.fromkeys((*PHONES, *SPECIAL, *options.accounts))
    for name in names:
        text += f"\n[{name}]\n" + _lines(account(name, options))
    return text


def mailbox(name: str) -> str:
    """Return the number of a phone, of its mailbox too; 799 is everybody else's, and has none."""
    return str(700 + PHONES.index(name)) if name in PHONES else "799"


def account(name: str, options: Options) -> "dict[str, str]":
    """Return the lines of one account: the plain ones, what is special, what the test wants."""
    return {
        "type": "friend",
        "host": "dynamic",
        "auth": "md5",
        "secret": SECRET,
        "context": dialplan.CONTEXT,
        "callerid": f'"{name}" <{mailbox(name)}>',
        **({"mailbox": f"{mailbox(name)}@lab"} if name in PHONES else {}),
        "requirecalltoken": "yes",
        "transfer": "no",
        "qualify": options.qualify,
        "qualifyfreqnotok": "2000",
        "disallow": "all",
        "allow": "ulaw,alaw",
        **SPECIAL.get(name, {}),
        **options.accounts.get(name, {}),
    }


def _lines(rows: "dict[str, str]") -> str:
    return "".join(f"{name} = {value}\n" for name, value in rows.items())
