"""Build ModelFacts from an inspection, for the Hub, a folder and the cache."""

from dataclasses import dataclass
from typing import cast

from backend.domain.model import ModelFacts
from backend.domain.request import Source
from backend.errors.model import MissingFiles
from backend.hub import file_selection
from backend.hub.repository_inspection import Inspection, Json
from backend.tasks import NOT_SERVED, task_for


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which model at which commit, and its metadata beside the files."""

    id: str
    source: Source
    revision: str
    commit: str
    pipeline_tag: str | None = None
    library: str | None = None
    license: str | None = None
    tags: tuple[str, ...] = ()
    gated: bool = False
    page: str | None = None
    safetensors_revision: str | None = None


def assemble(identity: Identity, found: Inspection) -> ModelFacts:
    """All facts. Raises MissingFiles if transformers cannot load any of the weights."""
    config = found.configs.get("config.json", {})
    architectures = architectures_of(config)
    task = task_for(architectures, identity.pipeline_tag, config)
    choice, tensors = found.choice, found.tensors
    if not choice.weights and task not in NOT_SERVED:
        raise _missing(identity, found)
    paths = list(found.listing)
    return ModelFacts(
        id=identity.id,
        source=identity.source,
        revision=identity.revision,
        commit=identity.commit,
        task=task,
        architectures=architectures,
        library=identity.library,
        parameters=tensors.parameters if tensors else None,
        weight_bytes=sum(file.bytes for file in choice.weights),
        weight_dtype=tensors.dtype if tensors else _stated_dtype(config),
        download_bytes=sum(file.bytes for file in choice.files),
        files=choice.files,
        license=identity.license,
        gated=identity.gated,
        page=identity.page,
        has_pickle_only=choice.has_pickle_only,
        is_legacy_pickle=found.is_legacy_pickle,
        safetensors_revision=identity.safetensors_revision,
        needs_remote_code=file_selection.needs_code(paths, found.configs.values(), identity.tags),
        layers=found.layers,
        has_chat_template=_has_template(found),
        config=config,
    )


def _missing(identity: Identity, found: Inspection) -> MissingFiles:
    formats = file_selection.formats(found.listing)
    has = f"It has {', '.join(formats)} files." if formats else "It has no weights."
    return MissingFiles(
        f"{identity.id} has no weights that transformers can load. {has}",
        missing=file_selection.SAFETENSORS,
    )


def architectures_of(config: Json) -> list[str]:
    """Class names from config.json."""
    named = config.get("architectures")
    if not isinstance(named, list):
        return []
    return [name for name in cast("list[object]", named) if isinstance(name, str)]


def _stated_dtype(config: Json) -> str | None:
    stated = config.get("dtype") or config.get("torch_dtype")
    return stated if isinstance(stated, str) else None


def _has_template(found: Inspection) -> bool:
    tokenizer = found.configs.get("tokenizer_config.json", {})
    return bool(tokenizer.get("chat_template")) or "chat_template.jinja" in found.listing
