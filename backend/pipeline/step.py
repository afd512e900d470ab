"""A step: an async function with its metadata. The runner handles time limits and progress."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar, get_type_hints, overload

from pydantic import TypeAdapter

from backend.domain.deployment import StepName
from backend.domain.report import Report

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """Weights in percentage points of the progress bar, and seconds, of the remaining steps."""

    weights: dict[StepName, float]
    seconds: dict[StepName, float]


@dataclass(frozen=True, kw_only=True)
class Step(Generic[P, T]):
    """One of the six steps.

    `body` takes a Report first, then frozen values and dependencies. It returns one frozen value,
    raises only catalogue errors, leaves nothing behind when cancelled, and is idempotent.
    `weight` is its share of the progress bar until `expects` of an earlier step replaces it.
    `setting` is the name of the setting with its time limit. `why_skipped` returns the reason if
    the value shows that there was nothing to do; `expects` estimates the later steps from the
    value. With `keep`, a restart reuses the value.
    """

    name: StepName
    title: str
    weight: float
    estimate_seconds: float
    setting: str
    keep: bool
    body: Callable[Concatenate[Report, P], Awaitable[T]]
    value: TypeAdapter[T]
    why_skipped: Callable[[T], str | None] | None
    expects: Callable[[T], Expectation] | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Metadata of a step, passed to the decorator."""

    title: str
    weight: float
    estimate_seconds: float
    setting: str
    keep: bool = False


# Without an argument of type T, T is that of the decorated function.
@overload
def step(
    facts: Facts,
) -> Callable[[Callable[Concatenate[Report, P], Awaitable[T]]], Step[P, T]]: ...
@overload
def step(
    facts: Facts,
    *,
    why_skipped: Callable[[T], str | None] | None = None,
    expects: Callable[[T], Expectation] | None = None,
) -> Callable[[Callable[Concatenate[Report, P], Awaitable[T]]], Step[P, T]]: ...
def step(
    facts: Facts,
    *,
    why_skipped: Callable[[T], str | None] | None = None,
    expects: Callable[[T], Expectation] | None = None,
) -> Callable[[Callable[Concatenate[Report, P], Awaitable[T]]], Step[P, T]]:
    """Decorator that makes a Step of a function, with the function's name."""

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
            why_skipped=why_skipped,
            expects=expects,
        )

    return decorate
