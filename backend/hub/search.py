"""Pages of model cards from the Hub, the starters, local folders and the caches."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.domain.model import ModelCard
from backend.hub.base import CardPage, ModelQuery
from backend.hub.cache import Cache
from backend.hub.cards import EXPAND, cached_card, hub_card, listed_card, matches, read_list
from backend.hub.client import HubClient
from backend.hub.folders import Folders

# Cursor after the catalogue page: the Hub's own search results start here.
_LIVE = "live"
_MOST = 100


@dataclass(frozen=True, kw_only=True)
class Search:
    """Runs queries; stateless."""

    client: HubClient
    folders: Folders
    caches: Sequence[Cache]
    catalogue: Path
    offline: bool

    async def page(self, query: ModelQuery) -> CardPage:
        """One page. Only a search on the Hub can fail: HubUnreachable after at most 3 s."""
        if query.source == "hub":
            return await self._hub(query)
        cards = {
            "starter": self._starters,
            "local": self.folders.local_cards,
            "cached": self._cached,
        }[query.source]
        return _slice(await cards(), query)

    async def _starters(self) -> list[ModelCard]:
        return await asyncio.to_thread(self.folders.starter_cards)

    async def _cached(self) -> list[ModelCard]:
        return await asyncio.to_thread(cached_cards, self.caches)

    async def _hub(self, query: ModelQuery) -> CardPage:
        if self.offline or not (query.search or query.cursor):
            known = [listed_card(entry, "hub") for entry in read_list(self.catalogue)]
            items = [card for card in known if matches(card, query.search, query.task)]
            if items or self.offline:
                return CardPage(items=items, next_cursor=None if self.offline else _LIVE)
        return await self._live(query)

    async def _live(self, query: ModelQuery) -> CardPage:
        params: dict[str, str | list[str]] = {
            "limit": str(min(query.limit, _MOST)),
            "sort": "downloads",
            "direction": "-1",
            "expand": EXPAND,
        }
        if query.search:
            params["search"] = query.search
        if query.task:
            params["pipeline_tag"] = query.task
        if query.cursor and query.cursor != _LIVE:
            params["cursor"] = query.cursor
        found = await self.client.search(params)
        cards = [hub_card(info) for info in found.models if info.id]
        return CardPage(items=cards, next_cursor=found.next_cursor)


def cached_cards(caches: Sequence[Cache]) -> list[ModelCard]:
    """Cards of the models in all caches, each model once."""
    cards: dict[str, ModelCard] = {}
    for cache in caches:
        for model in cache.models():
            if model.model_id not in cards:
                cards[model.model_id] = cached_card(cache, model)
    return list(cards.values())


def _slice(cards: list[ModelCard], query: ModelQuery) -> CardPage:
    found = [card for card in cards if matches(card, query.search, query.task)]
    start = int(query.cursor) if query.cursor and query.cursor.isdigit() else 0
    end = start + query.limit
    return CardPage(items=found[start:end], next_cursor=str(end) if end < len(found) else None)
