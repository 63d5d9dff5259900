"""The tone grammar: what is written is what is read, and nothing breaks the reader."""

from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from line import tones

step = st.tuples(
    st.lists(st.integers(1, 3999), max_size=4),
    st.one_of(st.none(), st.integers(-60, 3)),
    st.integers(1, 32_000),
)
plans = st.tuples(st.lists(step, max_size=4), st.lists(step, max_size=4), st.booleans(), st.integers(-60, 3))


def written(mark, hz, level, ms):
    return f"{mark}{'+'.join(map(str, hz)) or 0}{'' if level is None else f'@{level}'}/{ms}"


@settings(max_examples=300, deadline=None)
@given(plans)
def test_steps_come_back_as_written(plan):
    once, again, forever, level_dbm0 = plan
    parts = [written(mark, *each) for mark, group in (("!", once), ("", again)) for each in group]
    wanted = []
    places = [1]
    for hz, level, ms in (*once, *again):
        wanted += [len(hz), *hz, *([level_dbm0 if level is None else level] if hz else []), ms]
        places.append(1 + len(wanted))
    if forever or not parts:
        parts.append("425")
        wanted += [1, 425, level_dbm0, 0]
        again = [*again, None]
    sounds = array("h")
    assert tones.parse(",".join(parts), level_dbm0, sounds) == 0
    assert sounds.tolist() == [places[len(once)] if again else 0, *wanted, -1]


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=20), st.text("0123456789+*@/!,. -", max_size=30)))
def test_any_text_is_a_tone_or_refused_with_one_line(text):
    sounds = array("h")
    try:
        tones.parse(text, -13, sounds)
    except ValueError as err:
        assert str(err).count("\n") <= text.count("\n")
    else:
        assert sounds[-1] == -1
        assert 0 <= sounds[0] < len(sounds) - 1  # the loop leads to a step, or nowhere
