"""Render backend/tasks/library.json: model types, tokenizers and processors of transformers.

With it the control plane knows, before a download, whether the installed library has its own
classes for a model, and which files and libraries the tokenizer reads. It is the same with and
without the optional libraries: what needs one is read from the sources.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Mappings of model types to the processors that the auto class of this name loads.
_PROCESSORS = {
    "AutoProcessor": ("processing_auto", "PROCESSOR_MAPPING_NAMES"),
    "AutoImageProcessor": ("image_processing_auto", "IMAGE_PROCESSOR_MAPPING_NAMES"),
    "AutoFeatureExtractor": ("feature_extraction_auto", "FEATURE_EXTRACTOR_MAPPING_NAMES"),
    "AutoVideoProcessor": ("video_processing_auto", "VIDEO_PROCESSOR_MAPPING_NAMES"),
}
_ENDINGS = ("Tokenizer", "TokenizersBackend")
_NEEDS_SENTENCEPIECE = re.compile(r'"([\w.-]+)", "(\w+)" if is_sentencepiece_available\(\)')


def table() -> str:
    """Model types, processors by auto class, and tokenizers with their files and libraries."""
    auto = _module("tokenization_auto")
    named = dict(_NEEDS_SENTENCEPIECE.findall(Path(auto.__file__).read_text()))
    mapping = {**{k: v for k, v in auto.TOKENIZER_MAPPING_NAMES.items() if v}, **named}
    content = {
        "model_types": sorted(_module("configuration_auto").CONFIG_MAPPING_NAMES),
        "processors": {
            auto_class: sorted(getattr(_module(module), names))
            for auto_class, (module, names) in _PROCESSORS.items()
        },
        "tokenizer_by_model_type": dict(sorted(mapping.items())),
        "tokenizers": dict(sorted(_tokenizers().items())),
    }
    return json.dumps(content, indent=1) + "\n"


def _module(name: str) -> Any:
    """Imported on demand, since it takes seconds."""
    return importlib.import_module(f"transformers.models.auto.{name}")


def _tokenizers() -> dict[str, dict[str, list[str]]]:
    """Every tokenizer class that a repository can name, from the sources of its module."""
    root = Path(str(importlib.import_module("transformers").__file__)).parent
    modules = [*root.glob("models/*/tokenization_*.py"), root / "tokenization_utils_tokenizers.py"]
    found: dict[str, dict[str, list[str]]] = {}
    same: dict[str, str] = {}
    for file in sorted(modules):
        tree = ast.parse(file.read_text())
        files = _vocabulary_files(tree)
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name.endswith(_ENDINGS):
                needs = sorted(set(_required(node)) - {"torch"})
                found[node.name] = {"files": files} | ({"needs": needs} if needs else {})
        same |= _aliases(tree)
    return found | {name: found[other] for name, other in same.items() if other in found}


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Tokenizers under a second name: by assignment, or imported `as` that name."""
    found = {
        name: value.id.lstrip("_")
        for name, value in _assignments(tree)
        if name.endswith("Tokenizer") and isinstance(value, ast.Name)
    }
    for node in tree.body:
        for alias in node.names if isinstance(node, ast.ImportFrom) else []:
            name = alias.asname or ""
            if name.endswith("Tokenizer") and not name.startswith("_"):
                found[name] = alias.name
    return found


def _bases(node: ast.ClassDef) -> Iterable[str]:
    return (base.id for base in node.bases if isinstance(base, ast.Name))


def _vocabulary_files(tree: ast.Module) -> list[str]:
    """File names in the VOCAB_FILES_NAMES table of a module; its values are texts or constants."""
    texts: dict[str, str] = {}
    found: set[str] = set()
    for name, value in _assignments(tree):
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            texts[name] = value.value
        elif name == "VOCAB_FILES_NAMES" and isinstance(value, ast.Dict):
            for item in value.values:
                if isinstance(item, ast.Name):
                    found.add(texts[item.id])
                elif isinstance(item, ast.Constant):
                    found.add(str(item.value))
    return sorted(found)


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value


def _required(node: ast.ClassDef) -> Iterator[str]:
    """Libraries that a tokenizer requires: by its decorator, its base class or its constructor."""
    for decorator in node.decorator_list:  # @requires(backends=("sentencepiece",))
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "backends":
                yield from ast.literal_eval(keyword.value)
    if "SentencePieceBackend" in _bases(node):
        yield "sentencepiece"
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            yield from _imported(method)


def _imported(method: ast.FunctionDef) -> Iterator[str]:
    """Libraries whose import a method attempts, to raise an error of its own without them."""
    for part in ast.walk(method):
        if isinstance(part, ast.Try) and any(_raises(handler) for handler in part.handlers):
            for statement in part.body:
                if isinstance(statement, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in statement.names)


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(statement, ast.Raise) for statement in handler.body)
