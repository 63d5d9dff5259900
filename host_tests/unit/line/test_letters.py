"""Names of the world on telephones that know ASCII alone."""

import cidkit
import pytest

from line import letters


def spelled(name):
    return letters.plain(name if isinstance(name, bytes) else name.encode(), cidkit.letters())


@pytest.mark.parametrize(
    "name, ascii_name",
    [
        ("Jürgen Müller", "Juergen Mueller"),
        ("MÜLLER", "MUELLER"),
        ("ẞ und ß", "SS und ss"),
        ("Åse Sørensen", "Aase Soerensen"),
        ("Ægir Þór", "Aegir Thor"),
        ("Łódź Żółć", "Lodz Zolc"),
        ("François Hœcker", "Francois Hoecker"),
        ("José Núñez", "Jose Nunez"),
        ("Şükrü Çağlar", "Suekrue Caglar"),
        ("Đorđe Čović", "Dorde Covic"),
        ("Nguyễn Thị Minh Khai", "Nguyen Thi Minh Khai"),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos"),
        ("ΓΙΩΡΓΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ", "GIORGOS PAPADOPOULOS"),
        ("Ευάγγελος Μπακογιάννης", "Evangelos Bakogiannis"),
        ("Ελευθέριος Θεοδωράκης", "Eleftherios Theodorakis"),
        ("ΘΕΟΔΩΡΟΣ", "THEODOROS"),
        ("Дмитрий Щербаков", "Dmitrii Shcherbakov"),
        ("ЩЕРБАКОВ", "SHCHERBAKOV"),
        ("Їжакевич Євген", "Izhakevich Ievgen"),
        ("Երևան", "Erevan"),
        ("გიორგი", "giorgi"),
        ("“Bob’s” – café…", '"Bob\'s" - cafe...'),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "Full width"),
        ("Zoe\u0308", "Zoe"),
        ("50 €", "50 EUR"),
    ],
)
def test_a_name_is_spelled_in_ascii(name, ascii_name):
    assert spelled(name) == ascii_name


@pytest.mark.parametrize("name", ["王小明", "山田太郎 (2)", "דוד", "김철수", "😀😀", "محمد"])
def test_a_name_that_cannot_be_spelled_is_none(name):
    assert spelled(name) == ""


def test_of_a_name_that_is_mostly_spelled_the_rest_is_left_out():
    assert spelled("王 Wang") == "Wang" and spelled("Bob 😀") == "Bob"


@pytest.mark.parametrize("name", [b"", b" ", b"\x00\x1f\x7f"])
def test_a_name_of_nothing_is_none(name):
    assert spelled(name) == ""


def test_what_is_no_utf_8_counts_by_its_ascii():
    assert spelled(b"\xffBob\xfe \x80Roe") == "Bob Roe"


def test_control_characters_never_pass():
    assert spelled("A\r\nB\tC\x9bD\x7f") == "ABCD"


def test_the_table_is_not_read_for_a_name_in_ascii():
    def never():
        raise AssertionError("read")
        yield

    assert letters.plain(b" Ada ~ Lovelace ", never()) == "Ada ~ Lovelace"


def test_each_row_of_the_table_follows_its_grammar_and_no_code_point_has_two():
    seen = set()
    for row in cidkit.letters():
        if row.startswith("#"):
            continue
        first, spellings = row.split("|", 1)
        if first == "pairs":
            for pair in spellings.split(" "):
                written, spelling = pair.split("=")
                assert len(written) > 1 and spelling.isascii() and spelling.isalpha()
            continue
        for place, spelling in enumerate(spellings.split(" ")):
            assert spelling and spelling.isascii() and spelling.isprintable()
            code = int(first, 16) + place
            assert code > 126 and code not in seen
            seen.add(code)
    assert len(seen) > 800


def test_every_letter_of_the_table_is_printable_ascii_alone_and_in_a_name():
    for row in cidkit.letters():
        if row[:1] == "#" or row.startswith("pairs"):
            continue
        first, spellings = row.split("|", 1)
        for place in range(len(spellings.split(" "))):
            got = spelled("ab" + chr(int(first, 16) + place) + "cd")
            assert got.startswith("ab") and got.endswith("cd") and got.isascii() and got.isprintable()
