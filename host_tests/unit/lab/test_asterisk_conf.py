"""What Asterisk is told: accounts, codecs, tokens, times, and that nothing lies outside the folder."""

from configparser import ConfigParser
from pathlib import Path

import pytest

from tools.lab_lib import asterisk_conf, dialplan
from tools.lab_lib.asterisk_conf import Options

FOLDER = Path("/private/lab")


def read_iax(options=None, port=20001):
    reader = ConfigParser(interpolation=None)
    reader.read_string(asterisk_conf.iax_conf(port, options or Options()))
    return reader


def test_the_port_stands_before_the_address_or_asterisk_takes_4569():
    keys = list(read_iax()["general"])
    assert keys.index("bindport") < keys.index("bindaddr")
    assert read_iax()["general"]["bindport"] == "20001"


def test_the_server_listens_on_loopback_only():
    assert read_iax()["general"]["bindaddr"] == "127.0.0.1"


@pytest.mark.parametrize("name", ["phone", "phone1", "phone20"])
def test_a_phone_registers_with_md5_and_a_call_token(name):
    row = read_iax()[name]
    assert (row["type"], row["host"], row["auth"]) == ("friend", "dynamic", "md5")
    assert (row["requirecalltoken"], row["qualify"], row["transfer"]) == ("yes", "yes", "no")
    assert (row["disallow"], row["allow"]) == ("all", "ulaw,alaw")
    assert row["secret"] == asterisk_conf.SECRET


def test_an_a_law_account_knows_no_other_codec():
    assert read_iax()["phonealaw"]["allow"] == "alaw"


def test_a_test_may_change_an_account_and_make_a_new_one():
    options = Options(
        accounts={"phone2": {"qualify": "no"}, "other": {"allow": "ulaw"}}, general={"autokill": "no"}
    )
    read = read_iax(options)
    assert read["phone2"]["qualify"] == "no"
    assert read["phone3"]["qualify"] == "yes"
    assert read["other"]["secret"] == asterisk_conf.SECRET
    assert read["general"]["autokill"] == "no"


def test_everything_asterisk_writes_lies_in_the_private_folder():
    reader = ConfigParser(interpolation=None, delimiters=("=>", "="))
    reader.read_string(asterisk_conf.asterisk_conf(FOLDER, "/modules", "/data"))
    rows = dict(reader["directories"])
    assert rows.pop("astmoddir") == "/modules"
    assert rows.pop("astdatadir") == "/data"
    assert all(path.startswith(f"{FOLDER}/") for path in rows.values())


def test_only_modules_that_exist_are_loaded(tmp_path):
    (tmp_path / "chan_iax2.so").touch()
    text = asterisk_conf.modules_conf(str(tmp_path))
    assert "autoload = no" in text
    assert text.count("\nload = ") == 1


def test_each_number_has_its_first_step_and_a_line_of_help():
    text = dialplan.extensions_conf("/private/lab/var/sentence")
    for number, what, steps in dialplan.NUMBERS:
        assert f"exten => {number},1,{steps[0]}".split("{")[0] in text
        assert what in dialplan.help_text()
    assert "Playback(/private/lab/var/sentence,noanswer)" in text
    assert "{sentence}" not in text


def test_early_media_never_answers():
    steps = next(steps for number, _what, steps in dialplan.NUMBERS if number == "606")
    assert steps[0] == "Progress()"
    assert not any(step.startswith("Answer") for step in steps)


def test_a_test_may_add_its_own_dialplan():
    options = Options(dialplan="[mine]\nexten => 1,1,Hangup()\n")
    texts = asterisk_conf.files(FOLDER, "/modules", "/data", 20001, "/s", options)
    assert texts["extensions.conf"].endswith("[mine]\nexten => 1,1,Hangup()\n")


def test_each_phone_has_a_mailbox_of_its_own_number_and_others_have_none():
    texts = asterisk_conf.files(FOLDER, "/modules", "/data", 20001, "/s", Options())
    assert read_iax()["phone20"]["mailbox"] == "720@lab"
    assert "\n720 => 0000,phone20\n" in texts["voicemail.conf"]
    assert "mailbox" not in read_iax()["phonealaw"]


def test_messages_are_thrown_away_in_the_private_folder_only():
    text = dialplan.extensions_conf("/s", f"{FOLDER}/spool")
    assert f"System(rm -f {FOLDER}/spool/voicemail/lab/${{CALLERID(num)}}/INBOX/msg*)" in text
