"""Our own locked extras, by name. A model never names packages itself: that would run its code."""

import importlib.metadata
import sys
from dataclasses import dataclass

from backend.domain.machine import Extra
from backend.domain.model import ModelFacts
from backend.domain.plan import Environment
from backend.domain.report import Report
from backend.errors.model import UnsupportedOption


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An extra that we know: the distribution that brings it."""

    title: str
    distribution: str


OFFERS: dict[str, Offer] = {}


class Extras:
    """Which extras there are, which a model needs, and their installation."""

    def known(self) -> list[Extra]:
        """All extras with what is installed of them."""
        return [
            Extra(
                name=name,
                title=offer.title,
                version=_version(offer.distribution),
                installed=_version(offer.distribution) is not None,
            )
            for name, offer in OFFERS.items()
        ]

    def needed(self, model: ModelFacts, task: str) -> list[str]:
        """Extras that the model needs and that are not installed."""
        return []

    def unknown(self, extras: list[str]) -> list[str]:
        """Names that are no extras of ours."""
        return [name for name in extras if name not in OFFERS]

    async def install(self, extras: list[str], report: Report) -> Environment:
        """The interpreter for the model's server. Raises UnsupportedOption for what is unknown."""
        if unknown := self.unknown(extras):
            detail = f"There is no extra named {', '.join(unknown)}."
            raise UnsupportedOption(detail, instead="Leave it out of dependencies.extras.")
        report("everything is installed already", fraction=1.0)
        return Environment(python=sys.executable, extras=[])


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
