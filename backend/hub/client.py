"""Requests to the Hub for JSON and byte ranges, with limits on time and size."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, cast
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import orjson
from pydantic import TypeAdapter, ValidationError

from backend.errors.hub import HubUnreachable
from backend.hub.http import EntryNotFound, Origin, Refused, check, get, new_client
from backend.hub.schemas import Discussions, References, RepoInfo, TreeEntry

MAX_JSON = 10_000_000
MAX_TREE_PAGES = 20
_PATIENCE = 2.0

T = TypeVar("T")


_TREE = TypeAdapter(list[TreeEntry])
_LIST = TypeAdapter(list[RepoInfo])


@dataclass(frozen=True)
class Listed:
    """One page of a search."""

    models: list[RepoInfo]
    next_cursor: str | None


class HubClient:
    """Owns the connection pool. Each call ends within its timeout or raises HubUnreachable."""

    def __init__(self, origin: Origin, *, question_seconds: float, search_seconds: float) -> None:
        self.origin = origin
        self._question_seconds = question_seconds
        self._search_seconds = search_seconds
        self._opened: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Close all connections."""
        if self._opened is not None:
            await self._opened.aclose()

    async def _client(self) -> httpx2.AsyncClient:
        """The connections: they are opened with the first question."""
        async with self._opening:
            if self._opened is None:
                self._opened = await new_client(
                    self.origin.url, connect_seconds=3.0, read_seconds=self._question_seconds
                )
        return self._opened

    async def info(self, model_id: str, revision: str) -> RepoInfo:
        """Metadata of the model at this revision, with its commit."""
        url = f"{self._api(model_id)}/revision/{quote(revision, safe='')}"
        body, _ = await self._json(url, model_id, revision)
        return _parsed(TypeAdapter(RepoInfo), body)

    async def tree(self, model_id: str, commit: str) -> list[TreeEntry]:
        """All files of a commit, from at most 20 pages."""
        url = f"{self._api(model_id)}/tree/{quote(commit, safe='')}"
        entries: list[TreeEntry] = []
        cursor: str | None = None
        for _ in range(MAX_TREE_PAGES):
            params: dict[str, str | list[str]] = {"recursive": "true"}
            if cursor:
                params["cursor"] = cursor
            body, cursor = await self._json(url, model_id, commit, params)
            entries += _parsed(_TREE, body)
            if not cursor:
                return entries
        raise HubUnreachable(f"{model_id} has too many files to list.")

    async def references(self, model_id: str) -> References:
        """Branches and pull requests of the model."""
        url = f"{self._api(model_id)}/refs"
        body, _ = await self._json(url, model_id, "", {"include_prs": "1"})
        return _parsed(TypeAdapter(References), body)

    async def pull_requests(self, model_id: str, author: str) -> list[str]:
        """References (`refs/pr/N`) of the open pull requests of this author."""
        url = f"{self._api(model_id)}/discussions"
        wanted: dict[str, str | list[str]] = {
            "type": "pull_request", "status": "open", "author": author, "p": "0",
        }  # fmt: skip
        body, _ = await self._json(url, model_id, "", wanted)
        found = _parsed(TypeAdapter(Discussions), body).discussions
        # The filter again: a mirror may ignore it, and anybody can open a pull request.
        return [
            f"refs/pr/{one.num}" for one in found if one.isPullRequest and one.author.name == author
        ]

    async def search(self, params: dict[str, str | list[str]]) -> Listed:
        """One page of search results."""
        url = f"{self.origin.url}/api/models"
        body, cursor = await self._json(url, "models", "", params, self._search_seconds)
        return Listed(_parsed(_LIST, body), cursor)

    async def json_file(self, model_id: str, commit: str, path: str) -> dict[str, object] | None:
        """A JSON file of the repository; None if it is missing or not a JSON object."""
        url = self.origin.file_url(model_id, commit, path)
        try:
            raw = await self._bytes(url, model_id, commit, None)
            parsed = orjson.loads(raw)
        except (EntryNotFound, orjson.JSONDecodeError):
            return None
        return cast("dict[str, object]", parsed) if isinstance(parsed, dict) else None

    async def part(self, model_id: str, commit: str, path: str, span: tuple[int, int]) -> bytes:
        """A byte range of a file, both ends included."""
        url = self.origin.file_url(model_id, commit, path)
        try:
            return await self._bytes(url, model_id, commit, span)
        except EntryNotFound as error:
            raise HubUnreachable(f"The Hub lists {path!r} but does not serve it.") from error

    def _api(self, model_id: str) -> str:
        return f"{self.origin.url}/api/models/{model_id}"

    async def _json(
        self,
        url: str,
        model_id: str,
        revision: str,
        params: dict[str, str | list[str]] | None = None,
        seconds: float | None = None,
    ) -> tuple[object, str | None]:
        async def once() -> tuple[object, str | None]:
            async with get(await self._client(), self.origin, url, params=params) as response:
                check(response, model_id, revision, self.origin.url)
                raw = await _capped(response, MAX_JSON)
                return _loaded(raw), _cursor(response)

        try:
            return await self._patiently(once, seconds)
        except EntryNotFound as error:
            raise HubUnreachable("The endpoint does not respond like a Hub.") from error

    async def _bytes(
        self, url: str, model_id: str, commit: str, span: tuple[int, int] | None
    ) -> bytes:
        headers = {"Range": f"bytes={span[0]}-{span[1]}"} if span else {}

        async def once() -> bytes:
            async with get(await self._client(), self.origin, url, headers=headers) as response:
                check(response, model_id, commit, self.origin.url)
                if span is None:
                    return await _capped(response, MAX_JSON)
                skip = span[0] if response.status_code == 200 else 0
                return await _first(response, skip, span[1] - span[0] + 1)

        return await self._patiently(once, None)

    async def _patiently(self, once: Callable[[], Awaitable[T]], seconds: float | None) -> T:
        """Send within the timeout; retry a 429 or 5xx once, unless Retry-After is over 2 s."""
        limit = seconds or self._question_seconds
        try:
            async with asyncio.timeout(limit):
                try:
                    return await once()
                except Refused as refused:
                    if (refused.retry_after or 0) > _PATIENCE:
                        raise
                    await asyncio.sleep(refused.retry_after or 0.3)
                    return await once()
        except Refused as refused:
            raise refused.error from refused
        except TimeoutError as error:
            raise HubUnreachable(f"The Hub did not respond within {limit:g} s.") from error
        except httpx2.HTTPError as error:
            raise HubUnreachable(
                f"The Hub could not be reached ({type(error).__name__})."
            ) from error


def _parsed(shape: TypeAdapter[T], body: object) -> T:
    try:
        return shape.validate_python(body)
    except ValidationError as error:
        raise HubUnreachable("The endpoint does not respond like a Hub.") from error


def _loaded(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise HubUnreachable("The endpoint does not respond like a Hub.") from error


def _cursor(response: httpx2.Response) -> str | None:
    # Only the cursor is taken from the Link header: its URL may point to another host.
    for part in response.headers.get("link", "").split(","):
        target, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            query = urlsplit(target.strip().strip("<>")).query
            return next(iter(parse_qs(query).get("cursor", [])), None)
    return None


async def _capped(response: httpx2.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes(65_536):
        body += chunk
        if len(body) > limit:
            raise HubUnreachable(f"The response of the Hub is larger than {limit // 10**6} MB.")
    return bytes(body)


async def _first(response: httpx2.Response, skip: int, wanted: int) -> bytes:
    # A server that ignores Range sends the whole file: the part after our range is not read.
    body = bytearray()
    async for chunk in response.aiter_raw(65_536):
        body += chunk
        if len(body) >= skip + wanted:
            break
    return bytes(body[skip : skip + wanted])
