"""The settings table as it ships, what may be typed, and what is said of what may not."""

from pathlib import Path

import pytest
import typed

import stub_hal
from config import Config

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 9
TYPES = ("int", "bool", "str", "host", "list", "choice", "map", "name", "tone", "cadence", "pair", "range")
GROUPS = ("net", "account", "line", "audio", "dial", "feature", "system")
ROWS = [row for row in stub_hal.make(1).store.rows("settings") if row and row[0] != "#"]
HOST_ALONE = "the name or IPv4 address alone; the port has a setting of its own"
READERS = ("setup.py", "extras.py", "iax/caller.py", "line/tones.py")
NAMES = [row.split("|")[0].replace(".N.", ".1.") for row in ROWS]


@pytest.fixture
def config():
    return Config(stub_hal.make(1).store)


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_row_is_well_formed(row):
    name, kind, unit, low, high, _, secret, needs, help_text = row.split("|", COLUMNS - 1)
    assert name.split(".")[0] in GROUPS
    assert name == name.lower().replace(".n.", ".N.")
    assert kind in TYPES
    assert (low == high == "") if kind == "bool" else int(low) <= int(high)
    assert unit or kind not in ("list", "choice", "name")
    assert secret in ("", "yes")
    assert needs == "restart"
    assert help_text[0].isupper() or help_text[0] == "#"
    assert help_text.endswith(".")


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_default_is_what_typing_it_would_give(row):
    store = stub_hal.make(1).store
    name, *_ = columns = row.split("|", COLUMNS - 1)
    name = name.replace(".N.", ".1.")
    assert typed.value(columns, columns[5], store) == Config(store).get(name)
    if columns[1] == "bool":
        assert columns[5] in ("on", "off")  # config.get knows no other word
    assert Config(store).set(name, columns[5]) == ""


def test_names_are_not_repeated_and_every_group_is_there():
    assert len(set(NAMES)) == len(NAMES)
    assert tuple(dict.fromkeys(name.split(".")[0] for name in NAMES)) == GROUPS


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_read_by_somebody(name):
    last = name.rpartition(".")[2]
    ways = [
        f'get("{name}")',
        f'"account.N.{last}"',
        f'"account.%d.{last}"',
        f'value("{last}")',
        f'pair("{last}"',
        f" {last[5:]}",
    ]
    readers = [(ROOT / "firmware" / file).read_text() for file in READERS]
    if ".1." not in name:
        ways = [f'"{name}"', *(ways[-3:] if name.startswith("line.") else [])]
    assert any(way in text for way in ways for text in readers)


def test_only_the_secret_is_secret():
    assert [row.split("|")[0] for row in ROWS if row.split("|")[6]] == ["account.N.secret"]


def test_values_have_the_type_of_their_row(config):
    assert config.get("net.port") == 4569
    assert config.get("account.1.server") == ""
    assert config.get("account.1.register") is True
    assert config.get("account.1.codecs") == "ulaw,alaw"
    assert config.get("dial.map") == "[x*]."


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("net.port", "0", 0),
        ("net.port", " 65535 ", 65535),
        ("account.1.server", "pbx.example.org", "pbx.example.org"),
        ("account.1.server", "192.0.2.7", "192.0.2.7"),
        ("account.1.register", "No", False),
        ("account.1.register", "1", True),
        ("account.1.secret", "päss wörd|#,", "päss wörd|#,"),
        ("account.1.codecs", "alaw, ulaw", "alaw,ulaw"),
        ("account.1.codecs", "alaw", "alaw"),
        ("dial.map", "911|[2-8]xxxxxx", "911|[2-8]xxxxxx"),
        ("line.profile", "us", "us"),
        ("line.howler_ms", "0", 0),
        ("line.tone_dial", "600*120@-10", "600*120@-10"),
        ("line.tone_dial", "", ""),
        ("line.ring", "400/200,400/-2000", "400/200,400/-2000"),
        ("line.ring", "bellcore-r3", "bellcore-r3"),
        ("line.flash", "300 / 1000", "300/1000"),
        ("line.flash", "", ""),
        ("line.gains", "-2/-7", "-2/-7"),
        ("line.impedance", "220+820//115n", "220+820//115n"),
        ("line.ring_hz", "16.7", "16.7"),
        ("line.callerid", "uk", "uk"),
        ("line.profile", "us-1950", "us-1950"),
    ],
)
def test_what_is_typed_is_kept(config, name, text, value):
    assert config.set(name, text) == ""
    assert config.get(name) == value
    assert type(config.get(name)) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("net.port", "70000", "net.port: 70000 is outside 0..65535 UDP port"),
        ("net.port", "-1", "net.port: -1 is outside 0..65535 UDP port"),
        ("net.port", "", "net.port: nothing is not a whole number of UDP port"),
        ("line.busy_ms", "30s", "line.busy_ms: 30s is not a whole number of ms"),
        ("dial.hash_sends", "maybe", "dial.hash_sends: maybe is neither on nor off"),
        ("account.1.server", "pbx:4570", "account.1.server: " + HOST_ALONE),
        ("account.1.server", "my pbx", "account.1.server: ' ' cannot stand in a host name"),
        ("account.1.secret", "s" * 65, "account.1.secret: 65 octets long, not 0..64"),
        ("account.1.name", "a\nb", "account.1.name: control characters are not allowed"),
        ("account.1.codecs", "ulaw,gsm", "account.1.codecs: no gsm; there is: ulaw alaw"),
        ("account.1.codecs", "ulaw,ulaw", "account.1.codecs: ulaw stands there twice"),
        ("account.1.codecs", "ulaw,", "account.1.codecs: no empty name; there is: ulaw alaw"),
        ("line.profile", "zz", "line.profile: no zz; there is: us eu"),
        ("line.tone_dial", "350+", "line.tone_dial: tone: frequency in Hz must be 0..3999, not empty"),
        ("line.tone_busy", "480/500,,", "line.tone_busy: tone: frequency in Hz must be 0..3999, not empty"),
        ("line.tone_busy", "9,0/5", "line.tone_busy: tone: a step without /ms must be the last: 9,0/5"),
        ("line.ring", "50/100", "line.ring: ringing: ms on must be 100..32767 ms, not 50"),
        ("line.ring", "bell", "line.ring: no bell; there is: on/off ms or bellcore-r1"),
        ("line.ring", "100", "line.ring: no 100; there is: on/off ms or bellcore-r1"),
        ("line.profile", "", "line.profile: no empty name; there is: us eu"),
        ("line.flash", "1000", "line.flash: write two numbers, 300/1000"),
        ("line.flash", "300/", "line.flash: nothing is not a whole number of ms"),
        ("line.gains", "3", "line.gains: write two numbers, 0/-7"),
        ("line.callerid_level", "5", "line.callerid_level: 5 is outside -400..0 tenths of a dBm0"),
        ("line.busy_ms", "1_000", "line.busy_ms: 1_000 is not a whole number of ms"),
        ("line.tone_foo", "425", "no setting line.tone_foo; there is: line.tone_dial line.tone_ringback"),
        ("line.flash", "300/3000", "line.flash: 3000 is outside 0..2000 ms"),
        ("line.flash", "300/200", "line.flash: 300 is more than 200"),
        ("line.gains", "a/b", "line.gains: a is not a whole number of dB"),
        ("line.pulses", "oslo", "line.pulses: no oslo; there is: normal nz se"),
        ("line.ring_hz", "21", "line.ring_hz: no 21; there is: 16 16.7 17"),
        ("line.callerid", "fsk", "line.callerid: no fsk; there is: off bell"),
        ("dial.map", "[2-9", "dial.map: digit map: a class needs [digits]: [2-9"),
        ("net.prot", "1", "no setting net.prot; did you mean net.port?"),
        ("server", "pbx", "no setting server; did you mean account.1.server?"),
        ("Dial.Map", "x.", "no setting Dial.Map; did you mean dial.map?"),
        ("account.5.user", "a", "no setting account.5.user; did you mean account.1.user?"),
        ("account.1.encryption", "aes", "account.1.encryption: no aes; there is: off allow require"),
        ("account.user", "a", "no setting account.user; did you mean account.1.user?"),
        ("account.N.user", "a", "no setting account.N.user; did you mean account.1.user?"),
        ("colour", "red", "no setting colour"),
        ("", "", "no setting "),
        ("net.port|int", "1", "no setting net.port|int; did you mean net.port?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line_and_changes_nothing(config, name, text, said):
    before = [config.get(known) for known in NAMES]
    told = config.set(name, text)
    assert told.startswith(said) if "there is" in said else told == said
    assert "\n" not in told
    assert [config.get(known) for known in NAMES] == before


def test_a_refused_value_leaves_the_one_set_before(config):
    config.set("net.port", "5000")
    assert config.set("net.port", "x")
    assert config.get("net.port") == 5000


def test_a_secret_is_never_said(config):
    for secret in ("hunter2\x00", "hunter2" * 20):
        assert "hunter2" not in config.set("account.1.secret", secret)


def test_length_counts_octets():
    config = Config(stub_hal.make(1).store)
    assert config.set("account.1.number", "é" * 16) == ""
    assert config.set("account.1.number", "é" * 17).endswith("34 octets long, not 0..32")


def test_a_later_country_is_known_from_the_table():
    store = stub_hal.make(1).store
    store.tables["profiles"] = [
        *store.rows("profiles"),
        "",
        "zz|dial|350+440|-13",
        "zz|busy|400/375,0/375|-19",
    ]
    config = Config(store)
    assert config.set("line.profile", "zz") == ""
    assert config.set("line.profile", "#").endswith(" us-1950 us-1970 gpo-1965 de-1960 zz")


@pytest.mark.parametrize(
    ("a", "b", "far"),
    [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("abc", "abc", 0)],
)
def test_distance_is_levenshtein(a, b, far):
    assert typed.distance(a, b) == typed.distance(b, a) == far


def test_table_is_read_to_its_end_so_that_the_store_can_close_it():
    closed = []

    class Store:
        def rows(self, table):
            yield from ROWS
            closed.append(table)

    Config(Store()).get("net.port")
    assert closed == ["settings"]
