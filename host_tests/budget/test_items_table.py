"""The table of the interop items names every test there is, and no item is without one."""

import pytest

from tools import items


@pytest.fixture
def scanned():
    """The items of the book with the tests that show them."""
    book = items.book()
    assert items.scan(book) == []
    return book


def test_every_item_is_shown_or_says_why_not(scanned):
    assert items.gaps(scanned) == []


def test_stored_table_is_that_of_the_tests_there_are(scanned):
    """As if every one had passed: `make items` holds it against what the run found."""
    stored = items.TABLE.read_text(encoding="utf-8")
    assert stored == items.render(scanned, {}, lenient=True), (
        "stale: run the tests, then tools/items.py --write"
    )


def test_a_result_is_counted_by_test_and_the_worst_is_seen():
    results = {"a": "passed", "b": "failed", "c": "skipped"}
    assert items.outcome(["a", "b", "c", "d"], results, lenient=False) == (
        "passed 1, failed 1, skipped 1, not run 1"
    )
    assert items.outcome(["a", "c", "d"], results, lenient=True) == "passed 3"


def test_an_item_without_a_test_is_a_gap_unless_it_says_why():
    book = {number: items.Item(number, "x", alone="why", later="soon") for number in range(1, 65)}
    assert items.gaps(book) == []
    book[7].later = ""
    book[8].alone = book[8].later = ""
    del book[9]
    assert [line.split(":")[0] for line in items.gaps(book)] == ["no item 9", "item 7", "item 8", "item 8"]
