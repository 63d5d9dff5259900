"""Any digits, any answers of the server, any delay: nothing raises, no digit is lost, no leg is left."""

from corekit import said
from hypothesis import given, settings
from hypothesis import strategies as st
from remote_line import Line

KEYS = st.text("0123456789*#", min_size=1, max_size=8)
STATUS = (
    st.none() | st.sampled_from((1, 2, 4, 0x8001, 0x8002, 0x4001, 0x4002, 0xC002)) | st.integers(0, 0xFFFF)
)


@settings(max_examples=60, deadline=None)
@given(
    keys=KEYS,
    gaps_ms=st.lists(st.sampled_from((5, 50, 400, 2900, 3500)), min_size=8, max_size=8),
    answers=st.lists(STATUS, min_size=8, max_size=8),
    delay_ms=st.sampled_from((0, 30, 500, 2800, 4000)),
    loss=st.sampled_from((0, 0, 10)),
)
def test_whatever_the_server_says_every_digit_counts_and_the_leg_goes(keys, gaps_ms, answers, delay_ms, loss):
    line = Line(digit_map="xxxx|[x*#].")
    overlap = line.bench.peer.overlap
    overlap.answers.update({keys[: i + 1]: answers[i] for i in range(len(keys))})
    overlap.delay_ms = delay_ms
    line.bench.peer.faults.lose(loss, way="both")
    line.lift()
    taken = ""
    for key, gap_ms in zip(keys, gaps_ms):
        taken += key if line.collecting and line.remote._open else ""
        line.key(key, gap_ms)
    line.run(12000)
    assert not line.collecting or not line.remote.n, "every number is ready or refused in the end"
    number = bytes(line.remote.buf[: line.remote.n]).decode()
    assert taken == number or taken == number + "#", "no digit is lost"
    called = line.dialled or [f["ie"]["CALLED_NUMBER"] for f in said(line.bench, "NEW")[1:]]
    assert line.words[-1] != "ready" or not called or called[-1] in (number, "TBD")
    assert len(line.dialled) <= 1
    if line.index >= 0:
        line.bench.hang_up()
    line.collecting = False
    line.bench.peer.faults.clear()
    line.run(31000)
    assert not line.bench.peer.live_calls() and line.bench.leg.state == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_any_elements_in_dprep_raise_nothing(payloads):
    line = Line().lift()
    line.key("2")
    call = line.bench.peer.current_call()
    line.plan.ask(b"25", line.bench.now)
    for payload in payloads:
        call.iax("DPREP", payload)
        line.run(20)
    assert line.plan.status in range(-1, 0x10000)
