"""Which waiting inputs enter the model together."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from backend.inference.adapters.base import Prepared
from backend.inference.scheduling.grouping import Limits, choose
from backend.inference.scheduling.job import Job

ROOMY = Limits(rows=100, padded=1e9)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def job(loop: asyncio.AbstractEventLoop, size: int, rows: int = 1, key: object = ()) -> Job:
    prepared = Prepared(size=size * rows, rows=(None,) * rows, key=key)
    return Job(prepared, loop.create_future(), loop)


def sizes(group: list[Job]) -> list[int]:
    return [one.prepared.size for one in group]


def test_inputs_join_as_long_as_their_padding_costs_less_than_a_call(
    loop: asyncio.AbstractEventLoop,
) -> None:
    waiting = [job(loop, size) for size in (50, 199, 48, 10, 55, 52, 120)]
    assert sizes(choose(waiting, ROOMY, 12)) == [48, 50, 52, 55]
    assert sizes(choose(waiting, ROOMY, 0)) == [50]
    assert sizes(choose(waiting, ROOMY, 1e6)) == sorted(sizes(waiting))


def test_equal_sizes_need_no_padding(loop: asyncio.AbstractEventLoop) -> None:
    waiting = [job(loop, 7) for _ in range(9)]
    assert choose(waiting, Limits(rows=4, padded=1e9), 0) == waiting[:4]
    assert choose(waiting, Limits(rows=9, padded=21), 0) == waiting[:3]


def test_only_equal_keys_share_a_group(loop: asyncio.AbstractEventLoop) -> None:
    waiting = [job(loop, 5, key="a"), job(loop, 5, key="b"), job(loop, 5, key="a")]
    assert choose(waiting, ROOMY, 1e6) == [waiting[0], waiting[2]]


def test_a_streamed_input_is_alone(loop: asyncio.AbstractEventLoop) -> None:
    streamed = Job(Prepared(size=5, rows=(None,), on_piece=print), loop.create_future(), loop)
    others = [job(loop, 5), job(loop, 5)]
    assert choose([streamed, *others], ROOMY, 1e6) == [streamed]
    assert choose([others[0], streamed, others[1]], ROOMY, 1e6) == others


def test_groups_contain_the_oldest_respect_the_limits_and_lose_no_input(
    loop: asyncio.AbstractEventLoop,
) -> None:
    chance = random.Random(3)
    for _ in range(200):
        waiting = [
            job(loop, chance.randint(1, 200), chance.choice((1, 1, 1, 3, 20)), chance.choice("ab"))
            for _ in range(chance.randint(1, 40))
        ]
        limits = Limits(rows=chance.randint(1, 32), padded=chance.choice((100.0, 2048.0)))
        slack, left, done = chance.choice((0.0, 20.0, 1e9)), list(waiting), list[Job]()
        while left:
            group = choose(left, limits, slack)
            assert left[0] in group
            rows, width = sum(one.rows for one in group), max(one.width for one in group)
            is_within = rows <= limits.rows and rows * width <= limits.padded
            assert is_within or group == [left[0]]
            assert len({one.prepared.key for one in group}) == 1
            left = [one for one in left if one not in group]
            done += group
        assert len(done) == len(waiting)
        assert set(map(id, done)) == set(map(id, waiting))
