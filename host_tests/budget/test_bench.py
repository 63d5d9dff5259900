"""A tick in a call is worth so few turns of the calibration loop that an ESP32 has most of its time left."""

from tools import bench


def test_tick_in_a_call_leaves_an_esp32_most_of_its_time(vm):
    seen = bench.bench(64, 2)
    assert set(seen) == {"idle", "dialling", "call"}
    assert 0 < seen["idle"]["mean"] <= seen["call"]["mean"]
    assert seen["call"]["mean"] * bench.ESP32_LOOP < bench.ESP32_TICK / 2
