"""text-to-speech with Bark: three transformers in turn, and a codec.

Voices are prompts of tokens in the repository, listed in speaker_embeddings_path.json.
"""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.errors.model import CorruptModel
from backend.inference.adapters.audio.speech_seq2seq import cancellable
from backend.inference.adapters.audio.waveform import speech_text, wav_file
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.limits import too_long
from backend.inference.adapters.scores import to_numpy
from backend.inference.config import MAX_SPEECH_CHARACTERS
from backend.inference.responses import MediaFile

_VOICES = "speaker_embeddings_path.json"
# Number of dimensions of each part of a voice.
_PARTS = {"semantic_prompt": 1, "coarse_prompt": 2, "fine_prompt": 2}
_KNOWN = frozenset({"do_sample", "temperature", "max_new_tokens"})
_SHOWN = 200
_TOKENS = 256


class Bark:
    """One text after the other, each in its own batch, since the model samples."""

    encode_threads = 1
    max_group = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model, self._tokenizer = loaded.model, loaded.processor
        settings = loaded.model.generation_config
        self._rate = int(settings.sample_rate)
        self._limit = int(settings.semantic_config.get("max_input_semantic_length", _TOKENS))
        self._folder = loaded.directory
        self._voices = _voices_in(loaded.directory)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text, and load the voice. Raises InvalidInput and InputTooLong."""
        for name in ("speaker", "speed"):
            if getattr(parameters, name) is not None:
                raise InvalidInput(f"This model does not support {name}; it has voices.")
        settings = parameters.settings()
        if unknown := sorted(settings.keys() - _KNOWN):
            raise InvalidInput(f"This model does not support {unknown[0]}.")
        ids = self._tokenizer(speech_text(item), add_special_tokens=False, verbose=False)
        count = len(ids["input_ids"])
        if not count:
            raise InvalidInput("The text has no tokens.")
        if count > self._limit:
            raise too_long(count, self._limit)
        seed = parameters.seed if parameters.seed is not None else secrets.randbits(63)
        keep = (_arguments(settings), seed, self._voice(parameters.voice))
        return Prepared(size=count, rows=(ids["input_ids"],), keep=keep)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Waveform of each text, float32 `[samples]`."""
        return [self._generate(prepared) for prepared in group]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> MediaFile:
        """Encode as 16-bit PCM in a WAV file."""
        del prepared, parameters
        return wav_file(raw, self._rate)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "sampling_rate": self._rate,
            "max_characters": MAX_SPEECH_CHARACTERS,
            "max_input_tokens": self._limit,
            "voices": sorted(self._voices)[:_SHOWN],
        }

    def _voice(self, name: str | None) -> dict[str, torch.Tensor] | None:
        if name is None:
            return None
        if name not in self._voices:
            some = ", ".join(sorted(self._voices)[:5]) or "none"
            raise InvalidInput(f"This model has no voice {name!r}; /info lists them: {some} …")
        return {
            part: _prompt(self._folder / self._voices[name][part], dimensions)
            for part, dimensions in _PARTS.items()
        }

    def _generate(self, prepared: Prepared) -> np.ndarray:
        arguments, seed, voice = prepared.keep
        device = self._model.device
        ids = torch.full((1, self._limit), self._tokenizer.pad_token_id or 0)
        mask = torch.zeros((1, self._limit), dtype=torch.int64)
        row = torch.tensor(prepared.rows[0])
        ids[0, : len(row)], mask[0, : len(row)] = row, 1
        if voice:
            arguments = {**arguments, "history_prompt": {k: v.to(device) for k, v in voice.items()}}
        stops = cancellable([prepared])
        torch.manual_seed(seed)
        with torch.inference_mode():
            made = self._model.generate(
                input_ids=ids.to(device),
                attention_mask=mask.to(device),
                semantic_stopping_criteria=stops["stopping_criteria"],
                coarse_stopping_criteria=stops["stopping_criteria"],
                **arguments,
            )
        return to_numpy(made[0])


def _arguments(settings: dict[str, Any]) -> dict[str, Any]:
    """Arguments of Bark's `generate`, which has a prefix for each of its models."""
    found: dict[str, Any] = {}
    if settings.get("temperature") == 0 or settings.get("do_sample") is False:
        # The third model takes the most likely codes with a temperature of 1.
        found = {"semantic_do_sample": False, "coarse_do_sample": False, "fine_temperature": 1.0}
    elif "temperature" in settings:
        warm = settings["temperature"]
        found = {"semantic_temperature": warm, "coarse_temperature": warm}
    if "max_new_tokens" in settings:
        found["semantic_max_new_tokens"] = settings["max_new_tokens"]
    return found


def _voices_in(folder: Path) -> dict[str, dict[str, str]]:
    """Files of each voice by part; only those that are complete and inside the model."""
    path = folder / _VOICES
    if not path.is_file():
        return {}
    listed = json.loads(path.read_text())
    tables = cast("dict[str, object]", listed) if isinstance(listed, dict) else {}
    found: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        parts = cast("dict[str, object]", table) if isinstance(table, dict) else {}
        files = {part: str(parts.get(part, "")) for part in _PARTS}
        if all(file and ".." not in file and (folder / file).is_file() for file in files.values()):
            found[name] = files
    return found


def _prompt(path: Path, dimensions: int) -> torch.Tensor:
    """Token ids of a voice, int64. Raises CorruptModel."""
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise CorruptModel(f"{path.name!r} is not a file of numpy.") from error
    if array.ndim != dimensions or not np.issubdtype(array.dtype, np.integer):
        raise CorruptModel(f"{path.name!r} is not part of a voice.")
    return torch.from_numpy(array.astype(np.int64))
