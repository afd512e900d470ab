"""Language selection of translation models, which use one of four methods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors.inference import InvalidInput


@dataclass(frozen=True, kw_only=True)
class LanguagePrompt:
    """Prefix of the source text, and the forced first token of the output."""

    prefix: str = ""
    first_token: int | None = None


class SinglePair:
    """A model for a single language pair, without language selection."""

    known: tuple[str, ...] = ()

    def prompt_for(self, source: str | None, target: str | None) -> LanguagePrompt:
        """Return an empty prompt. Raises InvalidInput if a language is given."""
        if source or target:
            raise InvalidInput(
                "This model translates between two languages only; leave out src_lang and tgt_lang."
            )
        return LanguagePrompt()


class LanguageTokens:
    """Language tokens before the source text and the output (NLLB, M2M100, mBART)."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._source = tokenizer.src_lang
        self._ids = _language_tokens(tokenizer)
        self.known = tuple(sorted(self._ids))

    def prompt_for(self, source: str | None, target: str | None) -> LanguagePrompt:
        """Set the source language of the tokenizer; unset: the one in its files."""
        for name, language in (("src_lang", source), ("tgt_lang", target)):
            _check(name, language, self.known)
        self._tokenizer.src_lang = source or self._source
        target = target or self._tokenizer.tgt_lang
        return LanguagePrompt(first_token=self._ids.get(target) if target else None)


class TargetTags:
    """A tag for the target language before the source text, such as `>>fra<<` (Marian)."""

    def __init__(self, marks: Mapping[str, str]) -> None:
        self._marks = marks
        self.known = tuple(sorted(marks))

    def prompt_for(self, source: str | None, target: str | None) -> LanguagePrompt:
        """Return the tag. The source language is fixed. A text may contain a tag of its own."""
        del source
        _check("tgt_lang", target, self.known)
        return LanguagePrompt(prefix=f"{self._marks[target]} " if target else "")


class Instructions:
    """An instruction before the source text, such as `translate English to German: ` (T5)."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self.known = tuple(prefixes)

    def prompt_for(self, source: str | None, target: str | None) -> LanguagePrompt:
        """Return the instruction; unset: the first language pair of the model."""
        pair = f"{source}_to_{target}" if source or target else self.known[0]
        if pair not in self._prefixes:
            raise InvalidInput(
                f"Unsupported pair of src_lang and tgt_lang; supported: {', '.join(self.known)}."
            )
        return LanguagePrompt(prefix=self._prefixes[pair])


Languages = SinglePair | LanguageTokens | TargetTags | Instructions


def languages_of(config: Any, tokenizer: Any) -> Languages:
    """Detect the method of this model."""
    special = getattr(config, "task_specific_params", None) or {}
    prefixes = {
        name.removeprefix("translation_"): str(settings["prefix"])
        for name, settings in special.items()
        if name.startswith("translation_") and settings.get("prefix")
    }
    if prefixes:
        return Instructions(prefixes)
    if hasattr(tokenizer, "src_lang"):
        return LanguageTokens(tokenizer)
    vocabulary = tokenizer.get_vocab()
    marks = {t[2:-2]: t for t in vocabulary if t.startswith(">>") and t.endswith("<<")}
    return TargetTags(marks) if marks else SinglePair()


def _language_tokens(tokenizer: Any) -> dict[str, int]:
    """Language tokens that the tokenizer lists, else its additional special tokens."""
    roles = {
        tokenizer.bos_token, tokenizer.eos_token, tokenizer.unk_token, tokenizer.pad_token,
        tokenizer.sep_token, tokenizer.cls_token, tokenizer.mask_token,
    }  # fmt: skip
    names = getattr(tokenizer, "lang_code_to_id", None) or [
        token for token in tokenizer.all_special_tokens if token not in roles
    ]
    number: Callable[[str], int] = getattr(
        tokenizer, "get_lang_id", tokenizer.convert_tokens_to_ids
    )
    return {name: token for name in names if (token := number(name)) != tokenizer.unk_token_id}


def _check(name: str, language: str | None, known: tuple[str, ...]) -> None:
    if language is not None and language not in known:
        raise InvalidInput(f"{name} is not one of this model's languages: {', '.join(known)}.")
