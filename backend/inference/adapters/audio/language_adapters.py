"""Languages of a CTC model with adapters (MMS, Pratap et al. 2023): weights and a vocabulary each.

An adapter replaces small layers and the output layer of the model, and takes a few megabytes; all
of the deployment are loaded, and put in their place when the language changes.
"""

from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file

from backend.errors.inference import InvalidInput
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import LoadedModel
from backend.tasks.language_adapters import adapter_file


class Languages(Protocol):
    """The languages of a model; `activate` is called in the model thread only."""

    def check(self, language: str | None) -> str | None:
        """The language of a request. Raises InvalidInput for one that is not available."""
        ...

    def activate(self, language: str | None) -> None:
        """Use the weights of this language from now on."""
        ...

    def tokenizer(self, language: str | None) -> Any:
        """The tokenizer with the vocabulary of this language."""
        ...

    def facts(self) -> dict[str, object]:
        """For /info."""
        ...


def languages_of(loaded: LoadedModel, tokenizer: Any) -> Languages:
    """Language adapters if the model has layers for them, else its only language."""
    if getattr(loaded.model.config, "adapter_attn_dim", None) is None:
        return OneLanguage(tokenizer)
    return LanguageAdapters(loaded, tokenizer)


class OneLanguage:
    """A model without language adapters."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def check(self, language: str | None) -> str | None:
        """See Languages."""
        if language is not None:
            raise InvalidInput("This model is a CTC model and does not support language.")
        return None

    def activate(self, language: str | None) -> None:
        """See Languages."""

    def tokenizer(self, language: str | None) -> Any:
        """See Languages."""
        del language
        return self._tokenizer

    def facts(self) -> dict[str, object]:
        """See Languages."""
        return {}


class LanguageAdapters:
    """A model with its own language, and those of the deployment."""

    def __init__(self, loaded: LoadedModel, tokenizer: Any) -> None:
        self._parameters: dict[str, Any] = loaded.model._get_adapters()
        self._default: str | None = tokenizer.target_lang
        self._active = self._default
        self._tokenizers = {self._default: tokenizer}
        own = {name: parameter.data for name, parameter in self._parameters.items()}
        self._weights = {self._default: own}
        for language in loaded.spec.languages:
            self._weights[language] = self._read(loaded.directory / adapter_file(language))
            self._tokenizers[language] = type(tokenizer).from_pretrained(
                loaded.directory, target_lang=language, local_files_only=True
            )
        if self._default is not None and self._weights[self._default] is not own:
            self._put(self._default)

    def check(self, language: str | None) -> str | None:
        """See Languages."""
        if language is None or language in self._weights:
            return language or self._default
        known = ", ".join(self._names())
        raise InvalidInput(
            f"The language {language!r} is not deployed; this deployment has {known}. Deploy the "
            "model with this language in `languages`."
        )

    def activate(self, language: str | None) -> None:
        """See Languages."""
        if language != self._active:
            self._put(language)

    def tokenizer(self, language: str | None) -> Any:
        """See Languages."""
        return self._tokenizers[language]

    def facts(self) -> dict[str, object]:
        """See Languages."""
        return {"languages": self._names(), "default_language": self._default}

    def _names(self) -> list[str]:
        return sorted(name for name in self._weights if name is not None)

    def _put(self, language: str | None) -> None:
        for name, tensor in self._weights[language].items():
            self._parameters[name].data = tensor
        self._active = language

    def _read(self, path: Path) -> dict[str, torch.Tensor]:
        found = load_file(path)
        if found.keys() != self._parameters.keys():
            raise LoadFailed(f"{path.name} is not a language adapter of this model.")
        # The output layer has the size of the vocabulary of the language.
        wrong = [
            name
            for name, tensor in found.items()
            if not name.startswith("lm_head.") and tensor.shape != self._parameters[name].shape
        ]
        if wrong:
            raise LoadFailed(f"{path.name} has another shape than the model, in {wrong[0]!r}.")
        return {name: tensor.to(self._parameters[name]) for name, tensor in found.items()}
