"""The faults between the box and the world, under any order and any schedule."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.vphone_lib.faults import Path

PERCENT = st.sampled_from([0.0, 20.0, 100.0])


@st.composite
def paths(draw):
    path = Path(f"{draw(st.integers(0, 99))}")
    path.loss_pct, path.duplicate_pct, path.reorder_pct = draw(PERCENT), draw(PERCENT), draw(PERCENT)
    path.delay_ms, path.jitter_ms = draw(st.integers(0, 300)), draw(st.integers(0, 100))
    return path


@settings(max_examples=300, deadline=None)
@given(paths(), st.lists(st.integers(0, 100), max_size=60))
def test_each_datagram_is_lost_or_comes_and_only_copies_come_twice(path, pauses_ms):
    now, kept, came = 0, [], []
    for number, pause_ms in enumerate(pauses_ms):
        now += pause_ms
        if path.put((number, now), now):
            kept.append(number)
        came += [(now, *item) for item in path.due(now)]
        assert path.next_ms() > now
    end = now + 1000
    came += [(end, *item) for item in path.due(end)]
    assert path.next_ms() == float("inf")
    assert path.lost == len(pauses_ms) - len(kept)
    numbers = [number for _, number, _ in came]
    assert set(numbers) == set(kept)
    assert all(numbers.count(number) <= 1 + (path.duplicate_pct > 0) for number in kept)
    assert all(at - sent >= path.delay_ms for at, _, sent in came)
    if not path.reorder_pct:
        assert numbers == sorted(numbers)


@settings(max_examples=100, deadline=None)
@given(paths(), st.integers(0, 50))
def test_a_restored_path_is_perfect_and_still_delivers_what_was_under_way(path, n):
    kept = sum(path.put(number, 0) for number in range(n))
    path.clear()
    path.put("after", 2000)
    came = path.due(2000)
    assert len(came) - 1 >= kept
    assert came[-1] == "after"
