"""The Hub protocol over all sources: the Hub, starters, local folders and the caches."""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from backend.domain.model import ModelFacts
from backend.domain.plan import Snapshot
from backend.domain.report import Report
from backend.domain.request import DeploymentRequest
from backend.errors import PlatformError
from backend.errors.hub import CorruptFile, HubOffline, HubUnreachable
from backend.hub import garbage, lookup
from backend.hub.base import CachedModel, CardPage, CardSource, Detail, HubOptions, ModelQuery
from backend.hub.cache import Cache
from backend.hub.cards import facts_card, unread_card
from backend.hub.client import HubClient
from backend.hub.companions import with_companion
from backend.hub.download import run_worker
from backend.hub.file_selection import Allowed
from backend.hub.folders import Folders
from backend.hub.hashes import Hashes
from backend.hub.http import Origin
from backend.hub.names import is_commit, repo_folder
from backend.hub.offline import cached_facts
from backend.hub.partial import part_path, remove
from backend.hub.reference import Reference
from backend.hub.search import Search
from backend.hub.several import shares, together
from backend.hub.verify import check_loadable, wrong_files


class Models:
    """Implements Hub. Owns the connections to the Hub and the hash cache."""

    def __init__(self, options: HubOptions) -> None:
        self._options = options
        self._memory = options.state / "hashes.json"
        self._hashes = Hashes(self._memory)
        self._own = Cache(options.cache, ours=True)
        self._caches = (self._own, *_others(options))
        self._folders = Folders(
            starters=options.starters, local=options.local_models, hashes=self._hashes
        )
        origin = Origin(
            endpoint=options.endpoint,
            token=options.token,
            allow_insecure=options.allow_insecure_endpoint,
        )
        self._client = HubClient(
            origin,
            question_seconds=options.question_seconds,
            search_seconds=options.search_seconds,
        )
        self._search = Search(
            client=self._client,
            folders=self._folders,
            caches=self._caches,
            catalogue=options.starters / "catalogue.json",
            offline=options.offline,
        )
        self._wanted: Counter[Path] = Counter()
        self._usual = Allowed(memory_bytes=options.memory_bytes)

    async def close(self) -> None:
        """Close the connections. Downloads end when they are cancelled, not here."""
        await self._client.close()

    async def facts(self, request: DeploymentRequest) -> ModelFacts:
        """See Hub.facts."""
        allowed = Allowed(
            remote_code=request.allow.remote_code, engine=request.hardware.engine,
            dtype=request.hardware.dtype, quantization=request.hardware.quantization,
            memory_bytes=self._memory_of(request), languages=tuple(request.languages),
        )  # fmt: skip
        if request.source != "hub":
            found = await self._folders.facts(request.source, request.model_id, allowed)
        else:
            found = await self._hub_facts(request.model_id, request.revision, allowed)
        return await self._with_companion(found, allowed, request.vocoder)

    def _memory_of(self, request: DeploymentRequest) -> int | None:
        """The memory limit of a server: that of the request, at most the setting's."""
        limit, requested = self._options.memory_bytes, request.hardware.memory_limit_gb
        if requested is None:
            return limit
        return min(limit or 2**63, int(requested * 10**9))

    async def _with_companion(
        self, model: ModelFacts, allowed: Allowed, vocoder: str | None = None
    ) -> ModelFacts:
        """The model, joined with the second repository that it requires, if it does."""
        allowed = replace(allowed, engine="torch", languages=())

        async def find(reference: Reference) -> ModelFacts:
            if model.source == "local" and self._folders.has_local(reference.id):
                return await self._folders.facts("local", reference.id, allowed)
            return await self._hub_facts(reference.id, reference.revision, allowed)

        return await with_companion(model, find, vocoder)

    async def _hub_facts(self, model_id: str, revision: str, allowed: Allowed) -> ModelFacts:
        if self._options.offline or is_commit(revision):
            known = await cached_facts(self._caches, model_id, revision, allowed)
            if known is not None:
                return known
        if self._options.offline:
            raise HubOffline(
                f"{model_id} at {revision!r} is not in a cache, and HF_HUB_OFFLINE is set."
            )
        try:
            return await lookup.hub_facts(self._client, model_id, revision, allowed)
        except HubUnreachable:
            known = await cached_facts(self._caches, model_id, revision, allowed)
            if known is None:
                raise
            return known

    async def download(self, model: ModelFacts, report: Report) -> Snapshot:
        """See Hub.download."""
        repositories = model.repositories
        found = [
            await self._download(one, part)
            for one, part in zip(repositories, shares(report, repositories), strict=True)
        ]
        return together(found)

    async def _download(self, model: ModelFacts, report: Report) -> Snapshot:
        if model.source != "hub":
            folder = self._folders.directory(model.source, model.id)
            await self._check(model, folder, folder, report)
            return _snapshot(model, folder, 0)
        for cache in self._caches:
            if (folder := await asyncio.to_thread(cache.complete, model)) is None:
                continue
            if not await wrong_files(model, folder, self._hashes, report):
                await asyncio.to_thread(check_loadable, model, folder, cache.root)
                return _snapshot(model, folder, 0)
        fetched = await self._fetch(model, report)
        folder = self._own.snapshot(model.id, model.commit)
        for file in model.files:
            self._hashes.trust(folder / file.path, file)
        await self._check(model, folder, self._own.root, report)
        return _snapshot(model, folder, fetched)

    async def _fetch(self, model: ModelFacts, report: Report) -> int:
        if self._options.offline:
            raise HubOffline(f"{model.id} is not complete in any cache, and HF_HUB_OFFLINE is set.")
        parts = self._parts(model)
        self._wanted.update(parts)
        try:
            return await run_worker(self._options, model, self._memory, report)
        finally:
            self._wanted.subtract(parts)

    async def _check(self, model: ModelFacts, folder: Path, root: Path, report: Report) -> None:
        if wrong := await wrong_files(model, folder, self._hashes, report):
            raise CorruptFile(f"{wrong[0].path} has changed since its hash was computed.")
        await asyncio.to_thread(check_loadable, model, folder, root)

    async def discard(self, model: ModelFacts) -> None:
        """See Hub.discard."""
        parts = [path for one in model.repositories for path in self._parts(one)]
        unused = [path for path in parts if self._wanted[path] <= 0]
        await asyncio.to_thread(lambda: [remove(path) for path in unused])

    def _parts(self, model: ModelFacts) -> list[Path]:
        if model.source != "hub":
            return []
        folder = repo_folder(model.id)
        return [part_path(self._options.temp, folder, file) for file in model.files]

    async def is_cached(self, model: ModelFacts) -> bool:
        """See Hub.is_cached."""
        return all([await self._is_complete(one) for one in model.repositories])

    async def _is_complete(self, model: ModelFacts) -> bool:
        if model.source != "hub":
            return True
        complete = [await asyncio.to_thread(cache.complete, model) for cache in self._caches]
        return any(complete)

    async def search(self, query: ModelQuery) -> CardPage:
        """See Hub.search."""
        return await self._search.page(query)

    async def detail(self, source: CardSource, model_id: str, revision: str = "main") -> Detail:
        """See Hub.detail."""
        if source in {"starter", "local"}:
            place = "starter" if source == "starter" else "local"
            facts = await self._folders.facts(place, model_id, self._usual)
            facts = await self._with_companion(facts, self._usual)
            entry = next((e for e in self._folders.starter_list() if e.id == model_id), None)
            return Detail(card=facts_card(facts, source, entry), facts=facts)
        try:
            facts = await self._hub_facts(model_id, revision, self._usual)
            facts = await self._with_companion(facts, self._usual)
        except PlatformError as error:
            return await self._unread(model_id, revision, error)
        return Detail(card=facts_card(facts, source), facts=facts)

    async def _unread(self, model_id: str, revision: str, error: PlatformError) -> Detail:
        if error.status in {404, 409} or error.retryable:
            raise error
        found = await lookup.listing(self._client, model_id, revision)
        page = f"{self._client.origin.url}/{model_id}"
        return Detail(card=unread_card(found, page, model_id, revision, error.detail), facts=None)

    async def cached(self) -> list[CachedModel]:
        """See Hub.cached."""
        found = [await asyncio.to_thread(cache.models) for cache in self._caches]
        return sorted((model for models in found for model in models), key=lambda m: -m.bytes)

    async def free(self, model_id: str) -> int:
        """See Hub.free."""
        return await asyncio.to_thread(self._own.free, model_id)

    async def collect_garbage(
        self, keep: Collection[str], older_than_seconds: float = garbage.DAY
    ) -> int:
        """Called at start with the ids of all deployed models; returns the removed file count."""
        folders = (self._options.temp, self._options.cache)
        removed = await asyncio.to_thread(garbage.collect, folders, keep, older_than_seconds)
        return len(removed)


def _others(options: HubOptions) -> list[Cache]:
    own = options.cache.absolute()
    return [Cache(path, ours=False) for path in options.existing_caches if path.absolute() != own]


def _snapshot(model: ModelFacts, folder: Path, fetched: int) -> Snapshot:
    return Snapshot(
        directory=str(folder.absolute()),
        bytes=model.download_bytes,
        fetched_bytes=fetched,
        files=len(model.files),
    )
