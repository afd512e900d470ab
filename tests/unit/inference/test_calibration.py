"""What the warm-up learns of a model: whether padding may be added to its inputs, and how much."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.inference.adapters.base import Prepared
from backend.inference.metrics import Metrics
from backend.inference.scheduling.agreement import differs
from backend.inference.scheduling.batched import Batcher
from backend.inference.scheduling.calibration import measured_slack
from backend.inference.scheduling.grouping import Limits
from tests.fakes.launch import spec


class Model:
    """Returns the size of each input; with `mixes` also something of the padding."""

    encode_threads = 1
    max_group = 100

    def __init__(self, *, mixes: bool) -> None:
        self._mixes = mixes
        self.groups: list[list[int]] = []

    def encode(self, item: object, parameters: Any) -> Prepared:
        raise NotImplementedError

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        self.groups.append([one.size for one in group])
        width = max(one.size for one in group)
        seen = [width if self._mixes else one.size for one in group]
        return [np.array([float(size), -np.inf]) for size in seen]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        raise NotImplementedError

    def facts(self) -> dict[str, object]:
        return {}


async def slack_of(model: Model, sizes: Sequence[int], rows: int = 100) -> float:
    metrics = Metrics(spec("text-classification", Path("none")))
    batcher = Batcher(model, metrics, limits=Limits(rows=rows, padded=1e9))
    samples = [Prepared(size=size, rows=(None,)) for size in sizes]
    try:
        return await measured_slack(batcher, samples, rows, is_exact=True)
    finally:
        assert batcher.slack == 0.0, "nothing of the measurement stays"
        batcher.close()


async def test_a_model_that_ignores_padding_is_measured() -> None:
    model = Model(mixes=False)
    await slack_of(model, [10, 12, 14])
    assert [10, 14] in model.groups
    assert model.groups.count([10] * 4) == 3


async def test_a_model_that_sees_padding_gets_none() -> None:
    model = Model(mixes=True)
    assert await slack_of(model, [10, 12, 14]) == 0.0
    assert max(map(len, model.groups)) == 2


@pytest.mark.parametrize(("sizes", "rows"), [([10, 10, 10], 100), ([10, 12], 1)])
async def test_without_two_lengths_or_rows_there_is_nothing_to_measure(
    sizes: list[int], rows: int
) -> None:
    assert await slack_of(Model(mixes=False), sizes, rows) == 0.0


def test_results_agree_up_to_rounding_in_any_nesting() -> None:
    one = {"a": [np.array([1.0, 2.0, -np.inf]), "x"], "b": np.array(3.0)}
    near = {"a": [np.array([1.001, 2.0, -np.inf]), "x"], "b": np.array(3.0)}
    assert not differs(one, near, 0.01)
    for other in (
        {"a": [np.array([1.1, 2.0, -np.inf]), "x"], "b": np.array(3.0)},
        {"a": [np.array([1.0, 2.0, 5.0]), "x"], "b": np.array(3.0)},
        {"a": [np.array([1.0, 2.0]), "x"], "b": np.array(3.0)},
        {"a": [np.array([1.0, 2.0, -np.inf]), "y"], "b": np.array(3.0)},
        {"a": [np.array([1.0, 2.0, -np.inf])], "b": np.array(3.0)},
        {"a": [np.array([1.0, 2.0, -np.inf]), "x"]},
    ):
        assert differs(one, other, 0.01)
