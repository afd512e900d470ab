"""The folder that a model server loads for a PEFT adapter: its base model, changed for the adapter.

It has links to the files of the base model, with the tokenizer and other files of the adapter's
repository in their place, a config.json of the merged model, and the adapter in its own folder.
"""

from pathlib import Path
from typing import cast

import orjson

from backend.conversion.links import link
from backend.domain.model import ModelFacts
from backend.domain.peft_adapter import FOLDER
from backend.tasks.library import vocabulary_files
from backend.tasks.peft_adapters import outputs_of, shapes_of, with_head

CONFIG = "config.json"
_TOKENIZER_CONFIG = "tokenizer_config.json"
_TOKENIZER = frozenset(
    {
        _TOKENIZER_CONFIG, "special_tokens_map.json", "added_tokens.json", "chat_template.json",
        "chat_template.jinja",
    }
)  # fmt: skip
_ADAPTER = "adapter_"
_WEIGHTS = "adapter_model.safetensors"


def fill(draft: Path, model: ModelFacts, base: dict[str, Path], own: dict[str, Path]) -> None:
    """Write the folder, from the files of the base model and those of the adapter."""
    has_tokenizer = _TOKENIZER_CONFIG in own and not vocabulary_files().isdisjoint(own)
    for name, path in base.items():
        if not (has_tokenizer and _is_tokenizer(name)):
            link(draft / name, path)
    for name, path in own.items():
        if name.startswith(_ADAPTER):
            link(draft / FOLDER / name, path)
        elif name != CONFIG and (has_tokenizer or not _is_tokenizer(name)):
            link(draft / name, path)
    (draft / CONFIG).unlink(missing_ok=True)
    (draft / CONFIG).write_bytes(orjson.dumps(_config(model, own)))


def _config(model: ModelFacts, own: dict[str, Path]) -> dict[str, object]:
    """config.json of the merged model; of a converted adapter the outputs are known only now."""
    known = model.adapter
    if known is None or known.outputs is not None:
        return model.config
    with own[_WEIGHTS].open("rb") as file:
        header = file.read(int.from_bytes(file.read(8), "little"))
    stated = orjson.loads(own[CONFIG].read_bytes()) if CONFIG in own else None
    labels = cast("dict[str, object]", stated) if isinstance(stated, dict) else dict[str, object]()
    return with_head(model.config, model.architectures, outputs_of(shapes_of(header)), labels)


def _is_tokenizer(name: str) -> bool:
    return name in _TOKENIZER or name in vocabulary_files()
