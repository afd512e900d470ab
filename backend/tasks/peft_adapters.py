"""PEFT adapters: which can be merged, and as which class the base model is loaded.

Merged with `merge_and_unload`, an adapter costs nothing at inference. The kinds below are those
for which the merged model of the locked peft returns what the unmerged one does
(tests/integration/test_peft_kinds.py).
"""

import re
from collections.abc import Mapping, Sequence
from typing import cast

import orjson

from backend.domain.peft_adapter import PeftAdapter
from backend.tasks.architectures import is_kind, is_known, kinds

Json = Mapping[str, object]
Shapes = Mapping[str, Sequence[int]]

MERGED: dict[str, str] = {
    "LORA": "LoRA", "ADALORA": "AdaLoRA", "IA3": "IA3", "LOHA": "LoHa", "LOKR": "LoKr",
    "OFT": "OFT", "BOFT": "BOFT", "VERA": "VeRA", "RANDLORA": "RandLoRA", "FOURIERFT": "FourierFT",
    "HRA": "HRA", "LN_TUNING": "LN tuning", "TRAINABLE_TOKENS": "trainable tokens",
    "SHIRA": "SHiRA", "C3A": "C3A", "MISS": "MiSS", "ROAD": "RoAd", "DELORA": "DeLoRA",
    "WAVEFT": "WaveFT", "GRALORA": "GraLoRA",
}  # fmt: skip
_PROMPTS = {
    "PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "MULTITASK_PROMPT_TUNING", "ADAPTION_PROMPT",
    "CPT", "CARTRIDGE",
}  # fmt: skip
# The auto class that PEFT's model class of a task expects, and the parts with its head.
_HEADS = {
    "SEQ_CLS": "AutoModelForSequenceClassification",
    "TOKEN_CLS": "AutoModelForTokenClassification",
    "QUESTION_ANS": "AutoModelForQuestionAnswering",
}
_HEADLESS = {"FEATURE_EXTRACTION": "TextEncoder"}
_CLASS = re.compile(r"(\w+?)(For[A-Z]\w*|LMHeadModel|DoubleHeadsModel|EncoderModel|Model)")
_OUTPUT = re.compile(
    r"(?:.+\.)?(?:classifier|score|classification_head)(?:\.(?:out_proj|\d+))?\.weight"
)
_HEAD = re.compile(r"(?:.+\.)?(?:classifier|score|classification_head|qa_outputs)\.(?:.+\.)?weight")
_SAVED = re.compile(r"\.modules_to_save(\.default)?(?=\.)")
_PREFIX = "base_model.model."


def adapter_of(config: Json, shapes: Shapes) -> PeftAdapter:
    """The facts of adapter_config.json; `shapes` of all tensors, empty if they are unknown."""
    mapping = config.get("auto_mapping")
    mapped = cast("Json", mapping).get("base_model_class") if isinstance(mapping, dict) else None
    saved = config.get("modules_to_save")
    names = (
        [base_name(name) for name in shapes]
        if shapes
        else [f"{one}.weight" for one in _list(saved)]
    )
    return PeftAdapter(
        kind=_text(config.get("peft_type")) or "",
        task_type=_text(config.get("task_type")),
        model_class=_text(mapped),
        stated_base=_text(config.get("base_model_name_or_path")) or "",
        stated_revision=_text(config.get("revision")),
        outputs=outputs_of(shapes),
        has_head=any(_HEAD.fullmatch(name) for name in names),
        refused=_refused(config),
    )


def shapes_of(header: bytes) -> Shapes:
    """Shapes of the tensors in a valid header of a safetensors file."""
    parsed = cast("dict[str, dict[str, list[int]]]", orjson.loads(header))
    return {name: entry["shape"] for name, entry in parsed.items() if name != "__metadata__"}


def base_name(name: str) -> str:
    """The name in the base model of a tensor that the adapter replaces as a whole."""
    return _SAVED.sub("", name.removeprefix(_PREFIX))


def outputs_of(shapes: Shapes) -> int | None:
    """Outputs of the classification head, from its last layer; None without a head."""
    found = [
        shape[0]
        for name, shape in shapes.items()
        if len(shape) == 2 and _OUTPUT.fullmatch(base_name(name))
    ]
    return found[0] if len(found) == 1 else None


def loaded_as(adapter: PeftAdapter, architectures: Sequence[str]) -> list[str]:
    """The class as which the base model is loaded: with another head, if the task needs one."""
    if adapter.model_class and is_known(adapter.model_class):
        return [adapter.model_class]
    kind = (_HEADS | _HEADLESS).get(adapter.task_type or "")
    if kind is None or any(is_kind(name, kind, {}) for name in architectures):
        return list(architectures)
    found = [name for one in architectures if (name := _with_head(one, kind))]
    return found or list(architectures)


def needs_head(adapter: PeftAdapter, architectures: Sequence[str]) -> bool:
    """Whether the base model has no head for the task, so that the adapter must have it."""
    kind = _HEADS.get(adapter.task_type or "")
    return kind is not None and not any(is_kind(name, kind, {}) for name in architectures)


def with_head(
    base: Json, architectures: Sequence[str], outputs: int | None, own: Json
) -> dict[str, object]:
    """config.json of the base model, with the class and the labels of the adapter.

    `own` is the config.json of the adapter's repository, which may have the names of the labels.
    """
    config = {**base, "architectures": list(architectures)}
    if outputs is None:
        return config
    if _count(own) == outputs:
        labels = {name: own[name] for name in _LABELS if name in own}
    elif _count(base) == outputs:
        return config
    else:
        names = {str(number): f"LABEL_{number}" for number in range(outputs)}
        labels = {"id2label": names, "label2id": {name: int(n) for n, name in names.items()}}
    kept = {name: value for name, value in config.items() if name not in _LABELS}
    return {**kept, **labels}


_LABELS = ("id2label", "label2id", "num_labels", "problem_type")


def _count(config: Json) -> int | None:
    labels = config.get("id2label")
    return len(cast("Json", labels)) if isinstance(labels, dict) else None


def _with_head(architecture: str, kind: str) -> str | None:
    match = _CLASS.fullmatch(architecture)
    if match is None:
        return None
    ending = "Model" if kind in _HEADLESS.values() else kind.removeprefix("AutoModel")
    name = f"{match[1]}{ending}"
    return name if name in kinds(kind) else None


def _refused(config: Json) -> str | None:
    kind = _text(config.get("peft_type"))
    if kind is None:
        return "adapter_config.json names no peft_type: it was not written by PEFT."
    if kind in _PROMPTS:
        return f"{kind} adapters prepend a trained prompt to each input, and cannot be merged."
    if kind not in MERGED:
        return f"{kind} adapters cannot be merged into the base model."
    for field, what in _UNMERGED.items():
        if config.get(field):
            return f"Adapters with {what} cannot be merged into the base model."
    return None


# Options of LoRA that merge_and_unload refuses.
_UNMERGED = {
    "alora_invocation_tokens": "activation by tokens (aLoRA)",
    "layer_replication": "replicated layers",
    "megatron_config": "layers of Megatron",
    "arrow_config": "routing between adapters",
    "use_qalora": "QALoRA",
}


def _text(value: object) -> str | None:
    return value[:300] if isinstance(value, str) and value else None


def _list(value: object) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]
