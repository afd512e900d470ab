"""Whether a model needs Python code of its repository, or the library has classes of its own.

AutoConfig, AutoModel, AutoTokenizer and the auto classes of processors prefer the library's own
class where `trust_remote_code` is false; `auto_map` matters only for what the library lacks.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from backend.tasks.architectures import is_known
from backend.tasks.library import has_model_type, has_processor, tokenizer_of

Json = Mapping[str, object]


def needs_code(configs: Mapping[str, Json], *, has_graph: bool = False) -> bool:
    """Whether the model cannot be loaded without code of its repository.

    `configs`: the JSON files of the model by name, such as config.json. `has_graph`: the model
    itself is a graph, for example in ONNX, which replaces the code of its architecture.
    """
    config = configs.get("config.json", {})
    if not has_model_type(config.get("model_type")):
        return any(names_code(one) for one in configs.values())
    mapped = _mapped(configs.values())
    wanted = (one for one in mapped if not (has_graph and one.startswith("AutoModel")))
    return any(_lacks(auto_class, config, configs) for auto_class in wanted)


def auto_map(config: Json) -> Json:
    """Auto classes that `auto_map` refers to code for. A list is the old form for a tokenizer."""
    found = config.get("auto_map")
    if isinstance(found, list):
        return {"AutoTokenizer": cast("object", found)}
    return cast("Json", found) if isinstance(found, dict) else {}


def code_repositories(config: Json) -> list[str]:
    """Other repositories with the code that `auto_map` refers to, as `owner/name--module.Class`."""
    named = (one for value in auto_map(config).values() for one in _texts(value))
    return sorted({one.partition("--")[0] for one in named if "--" in one})


def _texts(value: object) -> list[str]:
    """The class of an auto class; a tokenizer has a list of two, the fast one last."""
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _mapped(configs: Iterable[Json]) -> set[str]:
    return {auto_class for config in configs for auto_class in auto_map(config)}


def _lacks(auto_class: str, config: Json, configs: Mapping[str, Json]) -> bool:
    """Whether the library has no class of its own for this auto class and model."""
    if auto_class == "AutoTokenizer":
        return tokenizer_of(config, configs.get("tokenizer_config.json", {})) is None
    if auto_class.startswith("AutoModel"):
        named = config.get("architectures")
        architectures = cast("list[object]", named) if isinstance(named, list) else []
        return not any(is_known(name) for name in architectures)
    if auto_class.endswith(("Processor", "FeatureExtractor")):
        return not has_processor(auto_class, config.get("model_type"))
    return False  # AutoConfig: checked by its model type


def names_code(config: object) -> bool:
    """Whether a config refers to code of the repository, at any depth."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            fields = cast("dict[str, object]", value)
            if fields.get("auto_map"):
                return True
            waiting.extend(fields.values())
        elif isinstance(value, list):
            waiting.extend(cast("list[object]", value))
    return False
