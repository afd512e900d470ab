"""What a person reads while a model comes."""

import pytest

from backend.hub.throughput import Throughput, amount, duration, of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_message_states_bytes_speed_and_eta() -> None:
    clock = Clock()
    throughput = Throughput(268_000_000, clock)
    throughput.received("model.safetensors", 0)
    for _ in range(4):
        clock.now += 1.0
        throughput.received("model.safetensors", 41_000_000)
        throughput.details()
    assert throughput.message() == "model.safetensors 164 of 268 MB, 41 MB/s, 2 s left"


def test_eta_is_none_before_three_seconds_of_data() -> None:
    clock = Clock()
    throughput = Throughput(100_000_000, clock)
    throughput.received("a", 1_000_000)
    clock.now = 2.9
    throughput.received("a", 1_000_000)
    assert throughput.details()["eta_seconds"] is None
    clock.now = 3.1
    assert throughput.details()["eta_seconds"] is not None


def test_existing_bytes_count_as_done_but_not_as_speed() -> None:
    clock = Clock()
    throughput = Throughput(100, clock)
    throughput.have("a", 60)
    clock.now = 1.0
    assert (throughput.done, throughput.fetched, throughput.details()["bytes_per_second"]) == (
        60,
        0,
        0,
    )


def test_restarted_file_reduces_done_bytes() -> None:
    throughput = Throughput(100)
    throughput.received("a", 50)
    throughput.have("a", 0)
    assert (throughput.done, throughput.fetched) == (0, 50)


@pytest.mark.parametrize(
    ("size", "text"), [(5, "5 B"), (41e6, "41 MB"), (1.24e9, "1.2 GB"), (7e5, "700 kB")]
)
def test_amounts(size: float, text: str) -> None:
    assert amount(size) == text


def test_parts_use_unit_of_total() -> None:
    assert of(182_000_000, 268_000_000) == "182 of 268 MB"
    assert of(182_000_000, 2_200_000_000) == "0.2 of 2.2 GB"
    assert (duration(2), duration(200), duration(9000)) == ("2 s", "3 min", "2.5 h")
