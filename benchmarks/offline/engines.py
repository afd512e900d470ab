"""Engines to measure without a server: transformers called directly, and that of a deployment."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
import transformers
from PIL import Image

from backend.domain.server import ServerSpec
from backend.tasks import TASKS
from benchmarks.offline.grouping import Row


class Engine(Protocol):
    """Encodes inputs and runs the model on groups of them."""

    def encode(self, item: Any) -> Row:
        """Encode one input."""
        ...

    def forward(self, group: Sequence[Row]) -> list[np.ndarray]:
        """Run the model once on a padded batch; one array per member."""
        ...


class Deployed:
    """The engine of a deployment, loaded from the specification of its server."""

    def __init__(self, spec: ServerSpec) -> None:
        from backend.inference.loading import load  # noqa: PLC0415 - only here

        self._adapter = load(spec)
        self._parameters = TASKS[spec.task].parameters()

    def encode(self, item: Any) -> Row:
        """Encode one input."""
        prepared = self._adapter.encode(item, self._parameters)
        return Row(prepared.size, prepared)

    def forward(self, group: Sequence[Row]) -> list[np.ndarray]:
        """Run the model."""
        return self._adapter.forward([row.value for row in group])


class Library:
    """transformers with torch, in a data type, with nothing else."""

    def __init__(self, folder: Path, task: str, dtype: str) -> None:
        torch.set_num_threads(1)
        kind, self._encode, self._finish = KINDS[task]
        self._dtype = getattr(torch, dtype)
        loader = getattr(transformers, kind)
        self._model = loader.from_pretrained(folder, dtype=self._dtype).eval()
        processor = "AutoTokenizer" if kind in TEXT else PROCESSORS[task]
        self._processor: Any = getattr(transformers, processor).from_pretrained(folder)
        self._is_text = kind in TEXT

    def encode(self, item: Any) -> Row:
        """Encode one input."""
        return self._encode(self._processor, item)

    def forward(self, group: Sequence[Row]) -> list[np.ndarray]:
        """Run the model."""
        with torch.inference_mode():
            if self._is_text:
                batch = self._processor.pad([row.value for row in group], return_tensors="pt")
            else:
                name = self._model.main_input_name
                stacked = np.stack([row.value for row in group])
                batch = {name: torch.from_numpy(stacked).to(self._dtype)}
            found = self._finish(self._model(**batch), batch)
        return list(found.float().numpy())


def _text(tokenizer: Any, item: str) -> Row:
    encoded = tokenizer(item, truncation=True)
    return Row(len(encoded["input_ids"]), encoded)


def _image(processor: Any, item: bytes) -> Row:
    image = Image.open(io.BytesIO(item)).convert("RGB")
    pixels = processor(images=image, return_tensors="np")["pixel_values"][0]
    return Row(pixels.size, pixels)


def _audio(extractor: Any, item: bytes) -> Row:
    with wave.open(io.BytesIO(item)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / np.float32(32768)
        rate = file.getframerate()
    values = extractor(samples, sampling_rate=rate, return_tensors="np")["input_values"][0]
    return Row(len(values), values)


def _mean(output: Any, batch: Any) -> torch.Tensor:
    mask = batch["attention_mask"].unsqueeze(-1)
    pooled = (output.last_hidden_state * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(pooled.float(), dim=-1)


def _logits(output: Any, batch: Any) -> torch.Tensor:
    del batch
    return output.logits


Encode = Callable[[Any, Any], Row]
Finish = Callable[[Any, Any], torch.Tensor]
KINDS: dict[str, tuple[str, Encode, Finish]] = {
    "feature-extraction": ("AutoModel", _text, _mean),
    "text-classification": ("AutoModelForSequenceClassification", _text, _logits),
    "image-classification": ("AutoModelForImageClassification", _image, _logits),
    "audio-classification": ("AutoModelForAudioClassification", _audio, _logits),
}
TEXT = ("AutoModel", "AutoModelForSequenceClassification")
PROCESSORS = {
    "image-classification": "ViTImageProcessorPil", "audio-classification": "AutoFeatureExtractor",
}  # fmt: skip


def engine_of(name: str, folder: Path, task: str, spec: dict[str, Any] | None) -> Engine:
    """Return the engine `deployment` (of this specification), or `torch DTYPE`."""
    if name == "deployment":
        return Deployed(ServerSpec.model_validate(spec))
    return Library(folder, task, name.removeprefix("torch "))
