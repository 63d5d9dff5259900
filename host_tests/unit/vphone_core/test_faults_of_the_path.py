"""The seeded faults between relay and world."""

from tools.vphone_lib.faults import Faults, Path


def _through(path, n, step_ms=20.0, wait_ms=1000.0):
    """Send n numbered datagrams, one each step; return (arrival, number) in order of arrival."""
    out = []
    for at in range(n):
        path.put(at, at * step_ms)
        out += [(at * step_ms, item) for item in path.due(at * step_ms)]
    return out + [(None, item) for item in path.due(n * step_ms + wait_ms)]


def test_a_perfect_path_passes_everything_at_once_in_order():
    path = Path("a")
    assert _through(path, 50) == [(20.0 * at, at) for at in range(50)]
    assert path.lost == 0


def test_loss_is_about_what_was_asked_and_the_same_for_the_same_seed():
    runs = []
    for _ in range(2):
        path = Path("a")
        path.loss_pct = 20
        runs.append([item for _, item in _through(path, 1000)])
    assert runs[0] == runs[1]
    assert 150 < 1000 - len(runs[0]) < 250


def test_both_directions_throw_different_dice():
    faults = Faults(7)
    faults.set(loss_pct=50)
    assert [faults.out.put(0, 0) for _ in range(64)] != [faults.back.put(0, 0) for _ in range(64)]


def test_delay_comes_with_jitter_but_keeps_the_order():
    path = Path("a")
    path.delay_ms, path.jitter_ms = 100, 80
    arrived = _through(path, 200)
    assert [item for _, item in arrived] == list(range(200))
    assert all(t is None or 100 <= t - 20 * item <= 200 for t, item in arrived)


def test_reordered_datagrams_are_overtaken_and_none_is_lost():
    path = Path("a")
    path.reorder_pct = 20
    order = [item for _, item in _through(path, 500)]
    assert sorted(order) == list(range(500))
    assert order != sorted(order)


def test_duplicates_arrive_twice():
    path = Path("a")
    path.duplicate_pct = 100
    assert [item for _, item in _through(path, 3)] == [0, 0, 1, 1, 2, 2]


def test_a_cut_loses_all_until_it_is_restored():
    faults = Faults(1)
    faults.set(cut=True, loss_pct=30)
    assert not faults.out.put("x", 0)
    faults.restore()
    assert all(faults.out.put("x", 0) for _ in range(100))
    assert faults.out.lost == 1
