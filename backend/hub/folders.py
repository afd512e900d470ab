"""Starters and the user's own models: facts, cards and verification in place."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from backend.domain.model import ModelCard, ModelFacts
from backend.domain.request import Source
from backend.errors import PlatformError
from backend.errors.hub import ModelNotFound
from backend.hub import folder
from backend.hub.cards import Listed, facts_card, listed_card, read_list
from backend.hub.choose import Allowed
from backend.hub.facts import assemble
from backend.hub.hashes import Hashes
from backend.hub.reading import FolderReader, look

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Folders:
    """The folders that hold whole models."""

    starters: Path
    local: Path
    hashes: Hashes

    def directory(self, source: Source, model_id: str) -> Path:
        """Where a model's files are. Raises ModelNotFound."""
        if source != "starter":
            return folder.folder_of(self.local, model_id)
        known = [entry.id for entry in self.starter_list()]
        if model_id not in known:
            raise ModelNotFound(f"There is no starter {model_id!r}; there are {', '.join(known)}.")
        return folder.folder_of(self.starters, model_id)

    async def facts(self, source: Source, model_id: str, allowed: Allowed) -> ModelFacts:
        """All facts; hashes every chosen file unless it is remembered."""
        place = self.directory(source, model_id)
        files = await asyncio.to_thread(folder.listing, place)
        seen = await look(FolderReader(place), files, allowed)
        known = assemble(folder.identity(place, model_id, source), seen)
        return await stoppable(lambda stop: folder.sealed(known, place, self.hashes, stop))

    def starter_list(self) -> list[Listed]:
        """What starters.json says of those that are there; without it, the folders themselves."""
        entries = read_list(self.starters / "starters.json")
        listed = entries or [Listed(id=path.name) for path in _models_in(self.starters)]
        return [entry for entry in listed if (self.starters / entry.id / "config.json").is_file()]

    def starter_cards(self) -> list[ModelCard]:
        """The embedded models."""
        return [listed_card(entry, "starter") for entry in self.starter_list()]

    async def local_cards(self) -> list[ModelCard]:
        """The user's own models; one that can't be read is shown with the reason."""
        found = await asyncio.to_thread(_models_in, self.local)
        ids = [path.relative_to(self.local).as_posix() for path in found]
        return [await self._local_card(model_id) for model_id in ids]

    async def _local_card(self, model_id: str) -> ModelCard:
        try:
            place = self.directory("local", model_id)
            files = await asyncio.to_thread(folder.listing, place)
            seen = await look(FolderReader(place), files, Allowed())
            known = assemble(folder.identity(place, model_id, "local"), seen)
        except PlatformError as error:
            entry = Listed(id=model_id, note=error.detail)
            return listed_card(entry, "local").model_copy(update={"served": False})
        return _plain(facts_card(known, "local"))


async def stoppable(work: Callable[[threading.Event], T]) -> T:
    """Run slow reading in a thread that gives up soon after nobody waits for it."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop)
    finally:
        stop.set()


def _plain(card: ModelCard) -> ModelCard:
    return ModelCard.model_validate({name: getattr(card, name) for name in ModelCard.model_fields})


def _models_in(root: Path) -> list[Path]:
    """Folders `name` or `owner/name` with a config.json."""
    if not root.is_dir():
        return []
    found = [*root.glob("*/config.json"), *root.glob("*/*/config.json")]
    folders = {path.parent for path in found}
    return sorted(path for path in folders if path.parent not in folders)
