"""Starters and the user's own models: facts and cards, read in place."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from backend.domain.model import ModelCard, ModelFacts, ModelFile
from backend.domain.request import Source
from backend.errors import PlatformError
from backend.errors.hub import ModelNotFound
from backend.hub import folder
from backend.hub.cards import Listed, facts_card, listed_card, plain, read_list, unread_folder_card
from backend.hub.facts import Identity, assemble
from backend.hub.file_selection import Allowed
from backend.hub.folder_format import CONFIG, check_format
from backend.hub.hashes import Hashes
from backend.hub.names import check_id
from backend.hub.repository_inspection import FolderReader, inspect_repository, read_json

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Folders:
    """The directories of starters and of local models."""

    starters: Path
    local: Path
    hashes: Hashes

    def directory(self, source: Source, model_id: str) -> Path:
        """Directory of a model. Raises ModelNotFound."""
        if source != "starter":
            return folder.folder_of(self.local, model_id)
        known = [entry.id for entry in self.starter_list()]
        if model_id not in known:
            raise ModelNotFound(f"There is no starter {model_id!r}; there are {', '.join(known)}.")
        return folder.folder_of(self.starters, model_id)

    async def facts(self, source: Source, model_id: str, allowed: Allowed) -> ModelFacts:
        """All facts; hashes every selected file that is not in the hash cache."""
        place = self.directory(source, model_id)
        files = await asyncio.to_thread(folder.listing, place)
        known = await self._inspect(folder.identity(place, model_id, source), files, allowed)
        return await stoppable(lambda stop: folder.sealed(known, place, self.hashes, stop))

    def has_local(self, model_id: str) -> bool:
        """Whether there is a local folder of this name."""
        return (self.local / model_id).is_dir()

    def starter_list(self) -> list[Listed]:
        """Entries of starters.json whose model exists; without that file, the directories."""
        entries = read_list(self.starters / "starters.json")
        listed = entries or [Listed(id=path.name) for path in folder.model_folders(self.starters)]
        return [entry for entry in listed if (self.starters / entry.id / CONFIG).is_file()]

    def starter_cards(self) -> list[ModelCard]:
        """Cards of the starters."""
        return [listed_card(entry, "starter") for entry in self.starter_list()]

    async def local_cards(self) -> list[ModelCard]:
        """Cards of the user's own folders; one that cannot be deployed states the reason."""
        found = await asyncio.to_thread(folder.model_folders, self.local)
        ids = [path.relative_to(self.local).as_posix() for path in found]
        return [await self._local_card(model_id) for model_id in ids]

    async def _inspect(
        self, identity: Identity, files: dict[str, ModelFile], allowed: Allowed
    ) -> ModelFacts:
        place = self.directory(identity.source, identity.id)
        config = await asyncio.to_thread(read_json, place / CONFIG)
        check_format(identity.id, files, config)
        return assemble(identity, await inspect_repository(FolderReader(place), files, allowed))

    async def _local_card(self, model_id: str) -> ModelCard:
        files: dict[str, ModelFile] = {}
        try:
            place = self.directory("local", model_id)
            files = await asyncio.to_thread(folder.listing, place)
            check_id(model_id)
            identity = folder.identity(place, model_id, "local")
            known = await self._inspect(identity, files, Allowed())
        except PlatformError as error:
            return unread_folder_card(model_id, files, error)
        return plain(facts_card(known, "local"))


async def stoppable(work: Callable[[threading.Event], T]) -> T:
    """Run slow reading in a thread, which stops soon after the caller is cancelled."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop)
    finally:
        stop.set()
