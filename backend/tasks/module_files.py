"""Reads the files of sentence-transformers: modules.json, and the configs that it refers to.

The control plane reads them from the Hub before the download, the model server from its folder.
"""

import ast
from collections.abc import Collection, Mapping
from typing import cast

from backend.domain.sentence_transformers import (
    TRANSFORMERS,
    EmbeddingModule,
    SentenceTransformersModel,
)
from backend.errors.model import CorruptModel, UnsafeRepository
from backend.tasks.multi_vector import PYLATE, PYLATE_PREFIXES, PYLATE_SETTINGS

Json = dict[str, object]
MODULES = "modules.json"
SETTINGS = "config_sentence_transformers.json"
_CLASSES = "sentence_transformers."
_ROUTERS = frozenset({"Router", "Asym"})
# Of the Transformer module, in the order in which sentence-transformers looks for them.
_TRANSFORMER_CONFIGS = tuple(
    f"sentence_{name}_config.json"
    for name in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
# Configs of these modules have a vocabulary, which can be large; the module itself reads it.
_UNREAD = frozenset({"BoW", "WordWeights"})
_OWN_NAMES = {
    "WordEmbeddings": "wordembedding_config.json",
    "LSTM": "lstm_config.json",
    "CNN": "cnn_config.json",
}
_KEPT = (
    "prompts", "default_prompt_name", "similarity_fn_name", "truncate_dim", "max_active_dims",
    "activation_fn", *PYLATE_SETTINGS,
)  # fmt: skip
MAX_MODULES = 64
# Tasks that sentence-transformers itself names, in encode_query and encode_document.
TASKS = ("query", "document")


def kind_of(reference: str) -> str:
    """`Pooling` for a class of sentence-transformers; the full name for any other class."""
    if reference == "pylate.models.Dense.Dense":
        return "Dense"
    return reference.rsplit(".", 1)[-1] if reference.startswith(_CLASSES) else reference


def files_to_read(read: Mapping[str, object], present: Collection[str]) -> list[str]:
    """Files that `read` lacks; call it again with their content until it returns none.

    Raises CorruptModel, UnsafeRepository.
    """
    if MODULES not in present:
        return []
    if MODULES not in read:
        return [name for name in (MODULES, SETTINGS) if name in present]
    entries = _entries(read)
    inner = [
        (kind, folder)
        for kind, folder in entries
        if kind in _ROUTERS
        for kind, folder in _routed(_router_config(read, folder), folder)
    ]
    wanted = {path for kind, folder in (*entries, *inner) for path in _configs(kind, folder)}
    return sorted(wanted & set(present) - set(read))


def read_modules(read: Mapping[str, object]) -> SentenceTransformersModel | None:
    """The model, from the content of its files by path; None without modules.json.

    Raises CorruptModel, UnsafeRepository.
    """
    if MODULES not in read:
        return None
    routes: dict[str, list[EmbeddingModule]] = {"": []}
    router: Json = {}
    for kind, folder in _entries(read):
        if kind not in _ROUTERS:
            for row in routes.values():
                row.append(_module(read, kind, folder))
            continue
        if router:
            raise CorruptModel("modules.json has more than one Router.")
        router = _router_config(read, folder)
        [before] = routes.values()
        routes = {
            name: [*before, *(_module(read, *one) for one in row)]
            for name, row in _structure(router, folder).items()
        }
    settings = _object(read.get(SETTINGS))
    default, tasks = _routing(router, list(routes))
    return SentenceTransformersModel(
        kind=_model_kind(settings),
        routes=routes,
        default_route=default,
        tasks=tasks,
        settings={name: settings[name] for name in _KEPT if settings.get(name) is not None},
    )


def _model_kind(settings: Json) -> str:
    """The class of the model, which PyLate 1 did not write."""
    kind = settings.get("model_type")
    if isinstance(kind, str):
        return kind
    return PYLATE if any(name in settings for name in PYLATE_PREFIXES) else "SentenceTransformer"


def _entries(read: Mapping[str, object]) -> list[tuple[str, str]]:
    """Kind and folder of the modules in modules.json, in order."""
    listed = read[MODULES]
    rows = [_object(one) for one in cast("list[object]", listed)] if _is_list(listed) else []
    if not rows or len(rows) > MAX_MODULES or any(not isinstance(r.get("type"), str) for r in rows):
        raise CorruptModel("modules.json is not a list of modules.")
    return [(kind_of(str(row["type"])), _folder("", row.get("path"))) for row in rows]


def _folder(parent: str, path: object) -> str:
    """A folder below `parent`; `.` and the empty path are `parent` itself."""
    parts = [part for part in str(path or "").split("/") if part not in {"", "."}]
    if ".." in parts or str(path or "").startswith("/") or "\\" in str(path):
        raise UnsafeRepository(
            f"modules.json names {str(path)[:80]!r}, which is not a folder of the model."
        )
    return "/".join([*([parent] if parent else []), *parts])


def _configs(kind: str, folder: str) -> list[str]:
    if kind in _UNREAD:
        return []
    if kind in TRANSFORMERS:
        names = _TRANSFORMER_CONFIGS
    else:
        own = _OWN_NAMES.get(kind, "config.json")
        names = ("router_config.json", own) if kind in _ROUTERS else (own,)
    return [_path(folder, name) for name in names]


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _module(read: Mapping[str, object], kind: str, folder: str) -> EmbeddingModule:
    found = (_object(read.get(path)) for path in _configs(kind, folder))
    settings = next((one for one in found if one), Json())
    return EmbeddingModule(kind=kind, folder=folder, settings=settings)


def _router_config(read: Mapping[str, object], folder: str) -> Json:
    found = (_object(read.get(path)) for path in _configs("Router", folder))
    return next((one for one in found if "structure" in one), Json())


def _routed(config: Json, folder: str) -> list[tuple[str, str]]:
    """Kind and folder of the modules of a Router."""
    return [one for row in _structure(config, folder).values() for one in row] if config else []


def _structure(config: Json, folder: str) -> dict[str, list[tuple[str, str]]]:
    """Kind and folder of each module by route. Raises CorruptModel."""
    types, structure = _object(config.get("types")), _object(config.get("structure"))
    routes: dict[str, list[tuple[str, str]]] = {}
    for route, names in structure.items():
        known = [str(one) for one in cast("list[object]", names)] if _is_list(names) else []
        if not known or any(not isinstance(types.get(one), str) for one in known):
            raise CorruptModel("The configuration of the Router has no modules for a route.")
        routes[route] = [(kind_of(str(types[one])), _folder(folder, one)) for one in known]
    if not routes or len(types) > MAX_MODULES:
        raise CorruptModel("The configuration of the Router has no routes.")
    return routes


def _routing(config: Json, routes: list[str]) -> tuple[str, dict[str, str]]:
    """The default route, and the route of each task, for texts.

    sentence-transformers raises an error without a default route; here a text is then a document.
    """
    parameters = _object(config.get("parameters"))
    mapped = _mappings(_object(parameters.get("route_mappings")), routes)
    default = str(parameters.get("default_route"))
    if default not in routes:
        is_first = parameters.get("allow_empty_key", True)
        default = "document" if not is_first and "document" in routes else routes[0]
    if not config:
        return default, {}
    asked = {*TASKS, *routes, *(task for task, _ in mapped if task)}
    tasks = {task: _route(mapped, routes, task) for task in sorted(asked)}
    known = {task: route for task, route in tasks.items() if route is not None}
    return _route(mapped, routes, None) or default, known


def _mappings(config: Json, routes: list[str]) -> dict[tuple[str | None, object], str]:
    """Routes by task and modality; in the file, the keys are tuples in Python's notation."""
    found: dict[tuple[str | None, object], str] = {}
    for key, route in config.items():
        try:
            task, modality = ast.literal_eval(key)
        except (ValueError, SyntaxError, TypeError):
            continue
        if isinstance(route, str) and route in routes:
            found[task, modality] = route
    return found


def _route(
    mapped: Mapping[tuple[str | None, object], str], routes: list[str], task: str | None
) -> str | None:
    """Resolve a route as sentence-transformers does: exact matches first, then wildcards."""
    for key in ((task, "text"), (task, None), (None, "text"), (None, None)):
        if key in mapped:
            return mapped[key]
    if task in routes:
        return task
    return "text" if "text" in routes else None


def _object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _is_list(value: object) -> bool:
    return isinstance(value, list)
