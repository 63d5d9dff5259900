"""Any scenario is lines ready to run, or refused with one line that names the place."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.vphone_lib import expects, scenario, verbs

WORDS = st.one_of(
    st.sampled_from([*verbs.VERBS, *verbs._STATES, *verbs._TONES, *expects.OPS, "tone", "call", "up", "on"]),
    st.sampled_from(["heap", "stat", "RX_BAD", "loss", "delay", "cut", "polarity", "600#", "#", '"']),
    st.integers(-3, 1000).map(str),
    st.text(max_size=6),
)
LINES = st.lists(WORDS, max_size=6).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=4))
def test_any_text_is_lines_or_refused_with_one_line(lines):
    text = "\n".join(lines)
    try:
        made = scenario.parse(text, "x.txt")
    except scenario.ScenarioError as wrong:
        assert str(wrong).startswith("x.txt:")
        assert "\n" not in str(wrong)
    else:
        said = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
        assert [line.text for line in made] == [line.strip() for line in said]


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789*#ABCD", min_size=1, max_size=20), st.text("# a'\"", max_size=8))
def test_every_key_reaches_the_telephone_whatever_the_comment(digits, comment):
    try:
        words = scenario._words(f"dtmf {digits} # {comment}")
    except ValueError:  # a quotation mark that nobody closes
        assert comment.count("'") + comment.count('"') > 0
    else:
        assert words == ["dtmf", digits]
