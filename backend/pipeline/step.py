"""What a step is: an async function and the facts about it. The runner owns limits and progress."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter

from backend.domain.deployment import StepName
from backend.domain.report import Report

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Step(Generic[P, T]):
    """One of the six steps.

    `body` takes a Report first, then frozen values and ports; it returns one frozen value, raises
    only catalogue errors, leaves nothing behind when cancelled, and may be run twice. `weight` is
    its share of the progress bar until the plan knows better; `setting` names its time limit.
    """

    name: StepName
    title: str
    weight: float
    estimate_seconds: float
    setting: str
    keep: bool
    body: Callable[Concatenate[Report, P], Awaitable[T]]
    value: TypeAdapter[T]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of a step, given to the decorator."""

    title: str
    weight: float
    estimate_seconds: float
    setting: str
    keep: bool = False


def step(facts: Facts) -> Callable[[Callable[Concatenate[Report, P], Awaitable[T]]], Step[P, T]]:
    """Make a step of a function; its name is the function's."""

    def decorate(body: Callable[Concatenate[Report, P], Awaitable[T]]) -> Step[P, T]:
        name: StepName = body.__name__  # type: ignore[assignment]  # the six functions bear these names
        return Step(
            name=name,
            title=facts.title,
            weight=facts.weight,
            estimate_seconds=facts.estimate_seconds,
            setting=facts.setting,
            keep=facts.keep,
            body=body,
            value=TypeAdapter(get_type_hints(body)["return"]),
        )

    return decorate
