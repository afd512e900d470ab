"""What the installed transformers has classes for: model types, processors and tokenizers."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

_FILE = Path(__file__).with_name("library.json")
_GENERIC = "TokenizersBackend"
_SENTENCEPIECE = (".model", ".spm")
_JAPANESE = frozenset({"BertJapaneseTokenizer"})
_WORDS: dict[object, str] = {"mecab": "fugashi", "sudachi": "sudachipy", "jumanpp": "rhoknp"}
_TIKTOKEN = (".tiktoken", "tiktoken.model")


@dataclass(frozen=True, kw_only=True)
class Tokenizer:
    """A tokenizer class: the vocabulary files it reads, and the libraries it always requires."""

    name: str
    files: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Library:
    model_types: frozenset[str]
    processors: dict[str, frozenset[str]]
    tokenizer_by_model_type: dict[str, str]
    tokenizers: dict[str, Tokenizer]


@cache
def _library() -> _Library:
    found = json.loads(_FILE.read_text())
    return _Library(
        model_types=frozenset(found["model_types"]),
        processors={kind: frozenset(types) for kind, types in found["processors"].items()},
        tokenizer_by_model_type=found["tokenizer_by_model_type"],
        tokenizers={
            name: Tokenizer(name=name, files=tuple(one["files"]), needs=tuple(one.get("needs", ())))
            for name, one in found["tokenizers"].items()
        },
    )


def has_model_type(model_type: object) -> bool:
    """Whether transformers has a config class for this `model_type` of config.json."""
    return model_type in _library().model_types


def has_processor(auto_class: str, model_type: object) -> bool:
    """Whether an auto class such as AutoImageProcessor has a class for this model type."""
    return model_type in _library().processors.get(auto_class, ())


@cache
def vocabulary_files() -> frozenset[str]:
    """Names of all files that any tokenizer class reads."""
    return frozenset(file for one in _library().tokenizers.values() for file in one.files)


def tokenizer_of(
    config: Mapping[str, object], tokenizer_config: Mapping[str, object]
) -> Tokenizer | None:
    """The tokenizer class for a model: the one that its files name, else that of its model type.

    None if the library has neither; AutoTokenizer then reads tokenizer.json only.
    """
    library = _library()
    named = tokenizer_config.get("tokenizer_class") or config.get("tokenizer_class")
    by_type = library.tokenizer_by_model_type.get(cast("str", config.get("model_type")))
    for name in (named, by_type):
        if isinstance(name, str) and name.removesuffix("Fast") in library.tokenizers:
            return library.tokenizers[name.removesuffix("Fast")]
    return library.tokenizers[_GENERIC] if by_type else None


def word_libraries(tokenizer: Tokenizer | None, tokenizer_config: Mapping[str, object]) -> set[str]:
    """Libraries of the tokenizer of Japanese BERT, which its config names.

    MeCab reads a dictionary, which is a package of its own.
    """
    kind = tokenizer_config.get("word_tokenizer_type")
    if tokenizer is None or tokenizer.name not in _JAPANESE or kind not in _WORDS:
        return set()
    if kind != "mecab":
        return {_WORDS[kind]}
    options = tokenizer_config.get("mecab_kwargs")
    settings = cast("dict[str, object]", options) if isinstance(options, dict) else {}
    dictionary = settings.get("mecab_dic", "unidic_lite")
    return {_WORDS[kind], *([str(dictionary).replace("_", "-")[:40]] if dictionary else [])}


def tokenizer_libraries(
    names: Collection[str], tokenizer: Tokenizer | None, *, is_tiktoken: bool
) -> set[str]:
    """Libraries, beside those of the base environment, to read the vocabulary of a model.

    `names`: files at the top of the repository. `is_tiktoken`: its tokenizer.model is no
    SentencePiece model but a list of tokens for tiktoken. A class that requires SentencePiece does
    so also where a tokenizer.json exists; the others read that alone.
    """
    needs = set(tokenizer.needs) if tokenizer else set[str]()
    if "tokenizer.json" in names:
        return needs
    if is_tiktoken or any(name.endswith(_TIKTOKEN) for name in names):
        return needs | {"tiktoken"}
    read = set(tokenizer.files if tokenizer else ()) | {"tokenizer.model"}
    if any(name.endswith(_SENTENCEPIECE) for name in read.intersection(names)):
        return needs | {"sentencepiece"}
    return needs
