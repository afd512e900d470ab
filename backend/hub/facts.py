"""Build ModelFacts from an inspection, for the Hub, a folder and the cache."""

from dataclasses import dataclass, replace
from typing import cast

from backend.domain.engine import EngineName
from backend.domain.model import ModelFacts
from backend.domain.quantization import Quantization
from backend.domain.request import Source
from backend.errors.model import MissingFiles, ModelNotSupported
from backend.hub import file_selection, weight_files
from backend.hub.base_model import base_model_of
from backend.hub.folder_format import error_of, other_format
from backend.hub.repository_inspection import Inspection
from backend.hub.weight_headers import Json
from backend.tasks import NOT_SERVED, canonical, task_for
from backend.tasks.architectures import model_type_of
from backend.tasks.colbert import PROJECTION, is_projected_within
from backend.tasks.exportable import is_exportable
from backend.tasks.library import tokenizer_libraries, tokenizer_of, word_libraries
from backend.tasks.module_rules import embeds, is_causal_ranker, reads_whole_texts
from backend.tasks.multi_vector import is_multi_vector, token_pooling
from backend.tasks.onnx import SIGNATURES
from backend.tasks.quantization import quantization_of
from backend.tasks.word_rules import has_no_weights

_SETFIT_HEAD = "model_head.pkl"


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
    weights_revision: str | None = None
    safetensors_revision: str | None = None
    timm_free_revision: str | None = None


def assemble(identity: Identity, found: Inspection) -> ModelFacts:
    """All facts. Raises UnsupportedFormat, or MissingFiles without weights for transformers."""
    config = found.configs.get("config.json", {})
    architectures = architectures_of(config)
    added = None if config.get("model_type") else model_type_of(architectures)
    if added:
        config = {**config, "model_type": added}
        found = replace(found, configs={**found.configs, "config.json": config})
    task = _task(identity, found, architectures, config)
    choice = found.choice
    weights = choice.weights.files
    _check_projection(identity.id, found)
    paths = list(found.listing)
    base_model = base_model_of(identity.tags)
    other = other_format(paths, config, identity.library)
    is_own = found.handler_imports is not None
    if (weights or task not in NOT_SERVED) and other is not None and not is_own:
        raise error_of(identity.id, other, base_model)
    is_weightless = found.modules is not None and has_no_weights(found.modules)
    if not (weights or task in NOT_SERVED or is_own or is_weightless):
        raise _missing(identity, found)
    quantization = _quantization(found)
    loads = quantization is not None and quantization.loads is not None
    return ModelFacts(
        id=identity.id,
        source=identity.source,
        revision=identity.revision,
        commit=identity.commit,
        task=task,
        architectures=architectures,
        library=identity.library,
        engines=_engines(found, task, architectures, is_quantized=quantization is not None),
        parameters=_parameters(found, quantization),
        weight_bytes=sum(file.bytes for file in weights),
        weight_dtype=_stated_dtype(config) if loads else _dtype(found),
        download_bytes=sum(file.bytes for file in choice.files),
        files=choice.files,
        license=identity.license,
        gated=identity.gated,
        page=identity.page,
        onnx=found.onnx,
        gguf=found.gguf,
        base_model=base_model,
        pickle=found.pickle,
        quantization=quantization,
        renamed=choice.weights.renamed,
        weights_revision=None if found.onnx else identity.weights_revision,
        safetensors_revision=identity.safetensors_revision,
        timm_free_revision=identity.timm_free_revision,
        added_model_type=added,
        needs_remote_code=found.needs_code,
        handler_imports=found.handler_imports or [],
        tokenizer_libraries=sorted(_libraries(found)),
        has_code=file_selection.has_code(paths, found.configs.values(), identity.tags),
        modules=found.modules,
        pickled_head=_head(found),
        has_chat_template=_has_template(found),
        config=config,
        adapter=found.adapter,
    )


def _quantization(found: Inspection) -> Quantization | None:
    """How the weights for transformers are quantized."""
    if found.onnx or found.gguf or found.handler_imports is not None:
        return None
    return quantization_of(found.configs, found.tensors.shapes or None if found.tensors else None)


def _parameters(found: Inspection, quantization: Quantization | None) -> int | None:
    if quantization and quantization.loads:
        return quantization.parameters
    return found.tensors.parameters if found.tensors and not found.onnx else None


def _task(
    identity: Identity, found: Inspection, architectures: list[str], config: Json
) -> str | None:
    """The detected task; modules of sentence-transformers tell what a model was made for."""
    if found.gguf:
        return "text-generation"
    if found.handler_imports is not None:
        return canonical(identity.pipeline_tag) if identity.pipeline_tag else None
    if _head(found):
        return "text-classification"
    tag = identity.pipeline_tag
    if found.modules and reads_whole_texts(found.modules):
        return "feature-extraction"
    if found.modules and is_causal_ranker(found.modules):
        return "text-ranking"
    if found.modules and is_multi_vector(found.modules):
        return "text-ranking" if tag == "text-ranking" else "feature-extraction"
    if found.modules and found.modules.kind in {"SentenceTransformer", "SparseEncoder"}:
        tag = "feature-extraction"
    return task_for(architectures, tag, config)


def _head(found: Inspection) -> str | None:
    """The classifier of a SetFit model, which the library writes with joblib only."""
    return _SETFIT_HEAD if found.modules and _SETFIT_HEAD in found.listing else None


def _libraries(found: Inspection) -> set[str]:
    if found.tokenizers is not None:
        return found.tokenizers
    transformer = found.modules.transformer if found.modules else None
    if found.modules and transformer is None:
        return set()
    folder = f"{transformer.folder}/" if transformer and transformer.folder else ""
    inside = (path.removeprefix(folder) for path in found.listing if path.startswith(folder))
    top = [path for path in inside if "/" not in path]
    settings = found.configs.get("tokenizer_config.json", {})
    tokenizer = tokenizer_of(found.configs.get("config.json", {}), settings)
    read = tokenizer_libraries(top, tokenizer, is_tiktoken=found.is_tiktoken)
    pools = found.modules and (pooling := token_pooling(found.modules)) and pooling.factor > 1
    return read | word_libraries(tokenizer, settings) | ({"scipy"} if pools else set())


def _check_projection(model_id: str, found: Inspection) -> None:
    """Raises ModelNotSupported for a ColBERT checkpoint whose weights have no projection."""
    shapes = found.tensors.shapes if found.tensors and found.adapter is None else {}
    is_within = found.modules and is_projected_within(found.modules)
    if not is_within or not shapes or len(shapes.get(PROJECTION, ("", ()))[1]) == 2:
        return
    raise ModelNotSupported(
        f"{model_id} is a ColBERT checkpoint, but its weights have no matrix {PROJECTION!r}.",
        instead="Choose another model for this task.",
    )


def _missing(identity: Identity, found: Inspection) -> MissingFiles | ModelNotSupported:
    if found.modules and not is_multi_vector(found.modules) and (reason := embeds(found.modules)):
        return ModelNotSupported(reason, instead="Choose another model.")
    formats = file_selection.formats(found.listing)
    has = f"It has {', '.join(formats)} files." if formats else "It has no weights."
    return MissingFiles(
        f"{identity.id} has no weights that transformers can load. {has}",
        missing=weight_files.SAFETENSORS,
    )


def architectures_of(config: Json) -> list[str]:
    """Class names from config.json."""
    named = config.get("architectures")
    if not isinstance(named, list):
        return []
    return [name for name in cast("list[object]", named) if isinstance(name, str)]


def _dtype(found: Inspection) -> str | None:
    if found.gguf:
        return found.gguf.variant.quantization
    if found.onnx:
        return found.onnx.dtype
    config = found.configs.get("config.json", {})
    return found.tensors.dtype if found.tensors else _stated_dtype(config)


def _engines(
    found: Inspection, task: str | None, architectures: list[str], *, is_quantized: bool
) -> list[EngineName]:
    """Without those that are not needed and do not serve the task; with OpenVINO, which runs a
    graph that is exported from the weights, where that is possible."""
    if found.onnx or found.gguf or task is None:
        return found.engines
    unable = set[EngineName]()
    if task not in SIGNATURES:
        unable.add("onnxruntime")
    if task != "text-generation":
        unable.add("llama.cpp")
    engines: list[EngineName] = [one for one in found.engines if one not in unable]
    has_layers = found.modules is None or found.modules.transformer is not None
    is_usual = has_layers and not is_quantized and not found.needs_code
    if engines[:1] == ["torch"] and is_usual and is_exportable(task, architectures):
        engines.insert(1, "openvino")
    return engines


def _stated_dtype(config: Json) -> str | None:
    stated = config.get("dtype") or config.get("torch_dtype")
    return stated if isinstance(stated, str) else None


def _has_template(found: Inspection) -> bool:
    if found.has_chat_template is not None:
        return found.has_chat_template
    tokenizer = found.configs.get("tokenizer_config.json", {})
    return bool(tokenizer.get("chat_template")) or "chat_template.jinja" in found.listing
