"""Build the wizard's model cards from each source."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from backend.domain.model import Modality, ModelCard, ModelDetail, ModelFacts, ModelFile
from backend.errors import PlatformError
from backend.hub import file_selection
from backend.hub.base import UNKNOWN_FIT, CachedModel, CardSource
from backend.hub.base_model import base_model_of
from backend.hub.cache import Cache
from backend.hub.facts import architectures_of
from backend.hub.folder_format import CONFIG, other_format
from backend.hub.headers import DTYPE_BITS
from backend.hub.lookup import Listing
from backend.hub.peft_adapters import KIND
from backend.hub.repository_inspection import read_json
from backend.hub.schemas import RepoInfo
from backend.hub.timm_config import as_transformers
from backend.tasks import NOT_SERVED, TASKS, task_for

EXPAND = [
    "pipeline_tag", "library_name", "safetensors", "gated", "downloads", "likes", "tags",
    "lastModified", "config",
]  # fmt: skip
_PEFT = "peft"  # library_name of adapters
_GGUF = "gguf"  # tag of repositories with such files
_NOT_TRIED = "Not tested on this machine."


class Listed(BaseModel):
    """An entry of starters.json or catalogue.json; other fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    title: str | None = None
    task: str | None = None
    description: str | None = None
    parameters: int | None = None
    download_bytes: int | None = None
    license: str | None = None
    gated: bool = False
    served: bool = True
    note: str | None = None
    score: float | None = None
    score_of: str | None = None
    limits: str | None = None

    @property
    def remark(self) -> str | None:
        """The note, and for a starter its measured score and limits."""
        score = f"Score {self.score:.0%} ({self.score_of})." if self.score is not None else None
        return " ".join(text for text in (self.note, score, self.limits) if text) or None


def read_list(path: Path) -> list[Listed]:
    """The entries of such a file: a list, or an object with a `models` list; [] if invalid."""
    try:
        parsed = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return []
    if isinstance(parsed, dict):
        parsed = cast("dict[str, object]", parsed).get("models")
    entries = cast("list[object]", parsed) if isinstance(parsed, list) else []
    try:
        return [Listed.model_validate(entry) for entry in entries]
    except ValidationError:
        return []


def listed_card(entry: Listed, source: CardSource) -> ModelCard:
    """Card of a starter, or of a catalogue model on the Hub."""
    return ModelCard(
        id=entry.id,
        source=source,
        title=entry.title or title_of(entry.id),
        task=entry.task,
        type=modality(entry.task),
        description=entry.description,
        parameters=entry.parameters,
        download_bytes=entry.download_bytes,
        license=entry.license,
        gated=entry.gated,
        served=entry.served and is_served(entry.task),
        note=f"{entry.remark or ''} {_NOT_TRIED}".strip() if source == "hub" else entry.remark,
        fit=UNKNOWN_FIT,
    )


def hub_card(info: RepoInfo) -> ModelCard:
    """Card of a search result of the Hub."""
    task = task_for([], info.pipeline_tag)
    known = None if info.library_name == _PEFT else info.safetensors
    counts = known.parameters if known else {}
    weight_bytes = sum(n * DTYPE_BITS.get(dtype, 32) // 8 for dtype, n in counts.items())
    return ModelCard(
        id=info.id,
        source="hub",
        title=title_of(info.id),
        task=task,
        type=modality(task),
        parameters=(known.total or sum(counts.values())) if known else None,
        download_bytes=weight_bytes or None,
        license=info.license,
        gated=bool(info.gated),
        downloads=info.downloads,
        likes=info.likes,
        updated_at=info.lastModified,
        served=is_served(task),
        note=_hub_note(info, counts),
        fit=UNKNOWN_FIT,
    )


def _hub_note(info: RepoInfo, counts: dict[str, int]) -> str | None:
    if info.library_name == _PEFT:
        return f"PEFT adapter of {base_model_of(info.tags) or 'a base model'}, which is added."
    if _GGUF in info.tags:
        return "GGUF files, in several quantizations."
    return None if counts else "No safetensors known."


def _adapter_card(card: ModelDetail, facts: ModelFacts) -> ModelDetail:
    """The card of a PEFT adapter: without its base model, the size to load is unknown."""
    adapter = facts.adapter
    if adapter is None or facts.base is not None:
        return card
    if adapter.refused:
        return card.model_copy(update={"served": False, "kind": KIND, "note": adapter.refused})
    base = facts.base_model or adapter.stated_base
    update: dict[str, object] = {"note": card.note or f"PEFT adapter of {base or 'a base model'}."}
    if not facts.architectures:
        update |= {"parameters": None, "download_bytes": None}
    return card.model_copy(update=update)


def facts_card(facts: ModelFacts, source: CardSource, entry: Listed | None = None) -> ModelDetail:
    """Full card of a model whose files were inspected."""
    card = ModelDetail(
        id=facts.id,
        source=source,
        title=(entry.title if entry else None) or title_of(facts.id),
        task=facts.task,
        type=modality(facts.task),
        description=entry.description if entry else None,
        parameters=facts.parameters,
        download_bytes=facts.download_bytes,
        license=facts.license,
        gated=facts.gated,
        served=is_served(facts.task),
        note=entry.remark if entry else None,
        fit=UNKNOWN_FIT,
        revision=facts.revision,
        commit=facts.commit,
        architectures=facts.architectures,
        formats=file_selection.formats(file.path for file in facts.files),
        files=facts.files,
        page=facts.page,
        needs_remote_code=facts.needs_remote_code,
        has_code=facts.has_code,
        engines=facts.engines,
        pickle=facts.pickle,
        weights_revision=facts.weights_revision,
        safetensors_revision=facts.safetensors_revision,
        has_chat_template=facts.has_chat_template,
        gguf=facts.gguf,
        base=facts.shown_base,
        vocoder=facts.shown_vocoder,
    )
    return _adapter_card(card, facts)


def unread_folder_card(
    model_id: str, files: Mapping[str, ModelFile], error: PlatformError
) -> ModelCard:
    """Card of a local folder that cannot be deployed, with its format, if known, and the reason."""
    kind = error.values.get("kind")
    reason = error.values.get("reason", error.detail)
    entry = Listed(id=model_id, note=f"{reason} {error.problem().remedy}")
    return listed_card(entry, "local").model_copy(
        update={
            "served": False,
            "kind": str(kind) if kind else None,
            "download_bytes": sum(file.bytes for file in files.values()) or None,
        }
    )


def title_of(model_id: str) -> str:
    """The model id without its owner."""
    return model_id.rsplit("/", 1)[-1]


def modality(task: str | None) -> Modality | None:
    """Modality of a served task; None for other tasks."""
    return TASKS[task].modality if task in TASKS else None


def is_served(task: str | None) -> bool:
    """Whether a task can be deployed; None can, as the user may still set the task."""
    return task not in NOT_SERVED and (task is None or task in TASKS)


def matches(card: ModelCard, search: str | None, task: str | None) -> bool:
    """Whether a card matches the search words and the task."""
    text = f"{card.id} {card.title} {card.task or ''} {card.kind or ''} {card.description or ''}"
    words = (search or "").lower().split()
    return all(word in text.lower() for word in words) and (task is None or card.task == task)


def cached_card(cache: Cache, model: CachedModel) -> ModelCard:
    """Card of a cached model: from its facts if Slipway downloaded it, else from its files."""
    for commit in model.commits:
        if known := cache.facts(model.model_id, commit):
            card = facts_card(known, "cached")
            return plain(card).model_copy(update={"download_bytes": model.bytes})
    newest = cache.snapshot(model.model_id, model.commits[-1]) if model.commits else None
    config = read_json(newest / CONFIG) if newest else None
    config = as_transformers(config) if config else None
    task = task_for(architectures_of(config), None, config) if config else None
    entry = Listed(id=model.model_id, task=task, download_bytes=model.bytes)
    names = [path.relative_to(newest).as_posix() for path in newest.rglob("*")] if newest else []
    found = other_format(names, config)
    if found is None:
        return listed_card(entry, "cached")
    card = listed_card(
        entry.model_copy(update={"note": f"{found.reason} {found.instead}"}), "cached"
    )
    return card.model_copy(update={"served": False, "kind": found.kind})


def plain(card: ModelDetail) -> ModelCard:
    """The card without the additional fields of the full view."""
    return ModelCard.model_validate({name: getattr(card, name) for name in ModelCard.model_fields})


def unread_card(found: Listing, page: str, model_id: str, revision: str, note: str) -> ModelDetail:
    """Card of a Hub model whose files cannot be read; `note` states why (gated, damaged)."""
    card = hub_card(found.info.model_copy(update={"id": model_id}))
    return ModelDetail.model_validate(
        dict(card)
        | {
            "note": note,
            "revision": revision,
            "commit": found.commit,
            "formats": file_selection.formats(found.files),
            "files": [file for path, file in found.files.items() if path.count("/") == 0],
            "page": page,
        }
    )
