"""What a person reads while a model comes."""

import pytest

from backend.hub.throughput import Throughput, amount, duration, of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_bytes_speed_and_time_left_become_a_sentence() -> None:
    clock = Clock()
    meter = Throughput(268_000_000, clock)
    meter.received("model.safetensors", 0)
    for _ in range(4):
        clock.now += 1.0
        meter.received("model.safetensors", 41_000_000)
        meter.details()
    assert meter.message() == "model.safetensors 164 of 268 MB, 41 MB/s, 2 s left"


def test_there_is_no_time_left_before_three_seconds_of_data() -> None:
    clock = Clock()
    meter = Throughput(100_000_000, clock)
    meter.received("a", 1_000_000)
    clock.now = 2.9
    meter.received("a", 1_000_000)
    assert meter.details()["eta_seconds"] is None
    clock.now = 3.1
    assert meter.details()["eta_seconds"] is not None


def test_what_was_there_before_counts_as_done_and_not_as_speed() -> None:
    clock = Clock()
    meter = Throughput(100, clock)
    meter.have("a", 60)
    clock.now = 1.0
    assert (meter.done, meter.fetched, meter.details()["bytes_per_second"]) == (60, 0, 0)


def test_a_file_that_starts_anew_is_counted_back() -> None:
    meter = Throughput(100)
    meter.received("a", 50)
    meter.have("a", 0)
    assert (meter.done, meter.fetched) == (0, 50)


@pytest.mark.parametrize(
    ("size", "text"), [(5, "5 B"), (41e6, "41 MB"), (1.24e9, "1.2 GB"), (7e5, "700 kB")]
)
def test_amounts(size: float, text: str) -> None:
    assert amount(size) == text


def test_parts_are_in_the_unit_of_the_whole() -> None:
    assert of(182_000_000, 268_000_000) == "182 of 268 MB"
    assert of(182_000_000, 2_200_000_000) == "0.2 of 2.2 GB"
    assert (duration(2), duration(200), duration(9000)) == ("2 s", "3 min", "2.5 h")
