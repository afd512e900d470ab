"""How the adapter of a task calls its model: the tensors of some calls, and what differs in them.

A graph is traced on one call, and has to run all of them. Recording the calls makes any adapter
exportable, without a list of what each model gets.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from backend.inference.adapters.base import Adapter, Prepared
from backend.inference.measurement.inputs import inputs_of, size_with

Tensors = dict[str, Tensor]
Group = list[Prepared]


class NotExportable(Exception):
    """Why a model cannot be exported, as a sentence for the user."""


@dataclass(frozen=True)
class RecordedCalls:
    """Calls of `forward` with tensors of the same names."""

    calls: list[Tensors] = field(default_factory=list[Tensors])

    @property
    def sample(self) -> Tensors:
        """The call to trace: with several rows, of different lengths if they may differ."""
        return max(self.calls, key=lambda call: (_rows(call) > 1, _numbers(call)))

    def varying(self, name: str) -> list[int]:
        """Axes of an input whose length differs between calls."""
        shapes = [call[name].shape for call in self.calls]
        return [axis for axis in range(len(shapes[0])) if len({one[axis] for one in shapes}) > 1]


def _rows(call: Tensors) -> int:
    return max(len(one) for one in call.values())


def _numbers(call: Tensors) -> int:
    return max(one.numel() for one in call.values())


def record(adapter: Adapter, model: nn.Module, groups: Sequence[Group]) -> RecordedCalls:
    """Run the adapter on these groups. Raises NotExportable."""
    found: list[Tensors] = []
    with _recording(model, found):
        for group in groups:
            before = len(found)
            adapter.forward(group)
            if len(found) == before:
                raise NotExportable("its adapter does not call the whole model")
    if any(call.keys() != found[0].keys() for call in found):
        raise NotExportable("its adapter calls the model with different inputs each time")
    ranks = [{name: one.ndim for name, one in call.items()} for call in found]
    if any(rank != ranks[0] for rank in ranks) or not found[0]:
        raise NotExportable("the shapes of its inputs differ in their number of axes")
    calls = RecordedCalls(found)
    if not any(0 in calls.varying(name) for name in calls.sample):
        raise NotExportable("its adapter calls the model with one input at a time")
    return calls


def groups_of(adapter: Adapter, task: str) -> list[Group]:
    """One input alone, two, and three; where shapes must be equal, the same one several times."""
    inputs = inputs_of(task, size_with(adapter))
    first, *others = [adapter.encode(*one) for one in islice(inputs, 4)]
    pairs, triple = [first, others[0]], others
    return [
        [first],
        pairs if len({one.key for one in pairs}) == 1 else [others[0]] * 2,
        triple if len({one.key for one in triple}) == 1 else [others[-1]] * 3,
    ]


@contextmanager
def _recording(model: nn.Module, into: list[Tensors]) -> Iterator[None]:
    usual = model.forward

    def forward(*args: Any, **given: Any) -> Any:
        if args or any(_is_nested(value) for value in given.values()):
            raise NotExportable("its adapter calls the model with other inputs than tensors")
        # Clones: tensors that were made in inference mode cannot be traced.
        tensors = {name: one for name, one in given.items() if isinstance(one, Tensor)}
        with torch.inference_mode(mode=False):
            into.append({name: one.clone() for name, one in tensors.items()})
        return usual(**given)

    model.forward = forward
    try:
        yield
    finally:
        del model.forward


def _is_nested(value: object) -> bool:
    return not (value is None or isinstance(value, Tensor | bool | int | float | str))
