"""The tone grammar: what is written is what is read, and nothing breaks the reader."""

from hypothesis import given, settings
from hypothesis import strategies as st

from line import tones

step = st.tuples(st.lists(st.integers(0, 3999), min_size=1, max_size=4), st.integers(1, 32_767))
plans = st.tuples(st.lists(step, max_size=4), st.lists(step, max_size=4), st.booleans(), st.integers(-60, 3))


@settings(max_examples=300, deadline=None)
@given(plans)
def test_steps_come_back_as_written(plan):
    once, again, forever, level_dbm0 = plan
    parts = [
        f"{mark}{'+'.join(map(str, hz))}/{ms}"
        for mark, group in (("!", once), ("", again))
        for hz, ms in group
    ]
    wanted = [(*hz, *[0] * (4 - len(hz)), level_dbm0, ms) for hz, ms in (*once, *again)]
    if forever or not parts:
        parts.append("425")
        wanted.append((425, 0, 0, 0, level_dbm0, 0))
    elif not again:
        wanted.append((0, 0, 0, 0, level_dbm0, 0))
    flat = list(tones.parse(",".join(parts), level_dbm0))
    assert flat[0] == len(once)
    assert [tuple(flat[at : at + 6]) for at in range(1, len(flat), 6)] == wanted


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=20), st.text("0123456789+*/!,. -", max_size=30)))
def test_any_text_is_a_tone_or_refused_with_one_line(text):
    try:
        flat = tones.parse(text, -13)
    except ValueError as err:
        assert str(err).count("\n") <= text.count("\n")
    else:
        assert (len(flat) - 1) % 6 == 0
        assert 0 <= flat[0] < (len(flat) - 1) // 6  # the loop always leads to a step
