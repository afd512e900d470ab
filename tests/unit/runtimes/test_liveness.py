"""Hang detection from probe responses and process states of the kernel."""

import itertools
from collections.abc import Iterator

import pytest

from backend.runtimes.liveness import Liveness, Ping
from backend.runtimes.process_activity import Activity

LONG_SECONDS = 400
WAITING, STOPPED, DISK = "SSS", "TTT", "SSD"
BUSY = Ping(answered=3, in_flight=1, busy_seconds=60.0)
UNHEALTHY = Ping(answered=3, in_flight=1, busy_seconds=250.0, healthy=False)


def activity_samples(states: str, share: float = 0.0) -> Iterator[Activity]:
    """One sample per second of a process that uses this share of a core."""
    return (Activity(states=states, cpu_seconds=share * n) for n in itertools.count())


def seconds_of_silence(activities: Iterator[Activity | None], seconds: float = 1.0) -> int | None:
    """After how many unanswered probes it counts as hung; None: not within LONG_SECONDS."""
    liveness = Liveness(computes_on_cpu=True)
    for number in range(1, LONG_SECONDS):
        if liveness.silent(seconds, next(activities)) is not None:
            return number
    return None


def seconds_until_stalled(
    ping: Ping, activities: Iterator[Activity], thread_share: float = 0.0, *, on_cpu: bool = True
) -> int | None:
    """Responses until the inference thread counts as hung; None: not within LONG_SECONDS."""
    liveness = Liveness(computes_on_cpu=on_cpu)
    for number in range(1, LONG_SECONDS):
        now = Ping(
            busy_seconds=ping.busy_seconds, healthy=ping.healthy, cpu_seconds=thread_share * number
        )
        if liveness.answered(1.0, now, next(activities)) is not None:
            return number
    return None


@pytest.mark.parametrize(
    ("activities", "expected"),
    [
        (activity_samples(WAITING), 10),
        (activity_samples(WAITING, share=1.0), 10),
        (activity_samples(STOPPED), 5),
        (activity_samples(DISK), 30),
        (itertools.repeat(None), 10),
    ],
)
def test_unanswered_probes_are_hang_after_process_specific_time(
    activities: Iterator[Activity | None], expected: int
) -> None:
    assert seconds_of_silence(activities) == expected


def test_ping_response_resets_silence() -> None:
    liveness, activities = Liveness(computes_on_cpu=True), activity_samples(WAITING)
    for _ in range(50):
        for _ in range(9):
            assert liveness.silent(1.0, next(activities)) is None
        assert liveness.answered(1.0, Ping(), None) is None


def test_server_continued_in_time_is_not_hung() -> None:
    liveness = Liveness(computes_on_cpu=True)
    for states in [STOPPED] * 4 + [WAITING] * 4:
        assert liveness.silent(1.0, Activity(states=states, cpu_seconds=0)) is None
    assert liveness.answered(1.0, Ping(), None) is None


@pytest.mark.parametrize(
    ("ping", "activities", "thread_share", "on_cpu"),
    [
        # Computes in its own thread, in the threads of a library, or reads weights from a disk.
        (BUSY, activity_samples(WAITING), 0.9, True),
        (BUSY, activity_samples(WAITING, share=1.5), 0.0, True),
        (BUSY, activity_samples(DISK), 0.0, True),
        # On an accelerator nothing has to be seen here.
        (BUSY, activity_samples(WAITING), 0.0, False),
        # Every token is a beat, so that it is not busy for long.
        (Ping(busy_seconds=0.4), activity_samples(WAITING), 0.0, True),
    ],
)
def test_long_inference_is_not_a_hang(
    ping: Ping, activities: Iterator[Activity], thread_share: float, on_cpu: bool
) -> None:
    assert seconds_until_stalled(ping, activities, thread_share, on_cpu=on_cpu) is None


@pytest.mark.parametrize(
    ("ping", "share", "on_cpu", "expected"),
    [
        # The first sample has nothing to compare with.
        (BUSY, 0.0, True, 6),
        (UNHEALTHY, 0.0, False, 6),
        # Far beyond the time limit of requests it is given up even though it computes.
        (UNHEALTHY, 1.0, True, 300),
    ],
)
def test_inference_thread_without_progress_is_hang(
    ping: Ping, share: float, on_cpu: bool, expected: int
) -> None:
    assert (
        seconds_until_stalled(ping, activity_samples(WAITING, share=share), on_cpu=on_cpu)
        == expected
    )
