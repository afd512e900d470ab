"""Locked extras by name. Models never name packages, since installing one can run its code."""

import asyncio
import importlib.metadata
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.domain.engine import EngineName
from backend.domain.machine import Extra
from backend.domain.model import ModelFacts
from backend.domain.plan import Environment
from backend.domain.report import Report, Unheard
from backend.errors.model import UnsupportedOption
from backend.errors.server import InstallFailed
from backend.packages import torchvision_build
from backend.packages.overlay import Overlays, Part
from backend.tasks import TASKS
from backend.tasks.document_question_answering import NAME as DOCUMENT_QUESTIONS
from backend.tasks.document_question_answering import WITH_WORDS
from backend.tasks.missing import needs_vision_libraries

# A library that could not be installed is tried again after this time.
RETRY_SECONDS = 600.0
# Below the default of VALIDATION_TIMEOUT.
CHECK_SECONDS = 50.0


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An extra: the distribution that shows whether it is installed, and which models require it.

    A model requires it if its tokenizer or its quantized weights require a library of this name,
    for one of `tasks` (if its architecture starts with one of `kinds`), if it runs on `engine`, if
    it is an adapter and this library merges it, or if its images require this library.
    """

    title: str
    distribution: str
    bytes: int
    tasks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("",)
    engine: EngineName | None = None
    merges_adapters: bool = False
    reads_images: bool = False


OFFERS: dict[str, Offer] = {
    "sentencepiece": Offer(
        title="SentencePiece tokenizers",
        distribution="sentencepiece",
        bytes=1_900_000,
    ),
    "tiktoken": Offer(
        title="tiktoken tokenizers", distribution="tiktoken", bytes=4_000_000
    ),
    "sacremoses": Offer(
        title="Moses tokenizers (FSMT, XLM, BioGPT)", distribution="sacremoses", bytes=4_000_000
    ),
    "rjieba": Offer(
        title="Chinese word segmentation (CPM)", distribution="rjieba", bytes=7_000_000
    ),
    "scipy": Offer(
        title="scipy, which pools embeddings of tokens", distribution="scipy", bytes=110_000_000
    ),
    "pandas": Offer(
        title="pandas, which reads tables", distribution="pandas", bytes=13_000_000,
        tasks=("table-question-answering",),
    ),
    "ocr": Offer(
        title="RapidOCR, which recognises the words of documents", distribution="rapidocr",
        bytes=290_000_000, tasks=(DOCUMENT_QUESTIONS,), kinds=WITH_WORDS,
    ),
    "onnxruntime": Offer(
        title="ONNX Runtime, which runs ONNX files", distribution="onnxruntime", bytes=82_000_000,
        engine="onnxruntime",
    ),
    "gguf": Offer(
        title="llama.cpp, which runs GGUF files", distribution="xllamacpp", bytes=105_000_000,
        engine="llama.cpp",
    ),
    torchvision_build.NAME: Offer(
        title="torchvision and timm, which match the installed torch", distribution="torchvision",
        bytes=35_000_000, reads_images=True,
    ),
    "diffusers": Offer(
        title="diffusers, for image generation", distribution="diffusers", bytes=40_000_000,
        engine="diffusers",
    ),
    "accelerate": Offer(
        title="Accelerate, which loads some quantized weights", distribution="accelerate",
        bytes=3_700_000,
    ),
    "bitsandbytes": Offer(
        title="bitsandbytes weights", distribution="bitsandbytes", bytes=131_000_000
    ),
    "compressed-tensors": Offer(
        title="compressed-tensors weights", distribution="compressed-tensors", bytes=4_100_000
    ),
    "torchao": Offer(title="torchao weights", distribution="torchao", bytes=27_000_000),
    "peft": Offer(
        title="PEFT, which merges adapters into their base model", distribution="peft",
        bytes=12_000_000, merges_adapters=True,
    ),
}  # fmt: skip


class Extras:
    """Lists the extras, detects those that a model requires, and installs them."""

    def __init__(
        self, python: str, locks: Path, folder: Path, environment: Mapping[str, str],
        torch_index: str | None = None,
    ) -> None:  # fmt: skip
        self._python = python
        self._locks = locks
        self._torch_index = torch_index
        self._mismatch = (-RETRY_SECONDS, "")  # when torchvision was rejected, and why
        self._overlays = Overlays(python, folder, environment)

    def known(self) -> list[Extra]:
        """All extras, with the installed version of each."""
        return [
            Extra(
                name=name, title=offer.title, version=_version(offer.distribution),
                bytes=offer.bytes, installed=_version(offer.distribution) is not None,
            )
            for name, offer in OFFERS.items()
        ]  # fmt: skip

    def needed(self, model: ModelFacts, task: str) -> list[str]:
        """Extras that this model requires and that are not installed, by its tokenizer and task."""
        return [
            name for name in required(model, task) if _version(OFFERS[name].distribution) is None
        ]

    def unavailable(self, model: ModelFacts) -> list[str]:
        """Libraries that this model requires, that are not installed and that no extra provides."""
        return [name for name in _libraries(model) if name not in OFFERS and _version(name) is None]

    def unknown(self, extras: list[str]) -> list[str]:
        """Names that are not in the list of extras."""
        return [name for name in extras if name not in OFFERS]

    async def unusable(self, extras: list[str]) -> str | None:
        """Why one of these extras cannot be used on this machine; None if nothing is known.

        torchvision is installed and imported for the answer, once: whether a build of it matches
        the installed torch, only an import tells.
        """
        name = torchvision_build.NAME
        if name not in extras or _version(OFFERS[name].distribution):
            return None
        since, reason = self._mismatch
        if time.monotonic() - since < RETRY_SECONDS:
            return reason
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._overlays.ready([self._part(name)], Unheard())
        except InstallFailed as error:
            reason = torchvision_build.mismatch(str(error))
        except TimeoutError:
            return torchvision_build.mismatch(f"no answer within {CHECK_SECONDS:g} seconds")
        else:
            return None
        self._mismatch = time.monotonic(), reason
        return reason

    async def install(self, extras: list[str], report: Report) -> Environment:
        """Install missing extras; return the interpreter and the library folder for the server.

        Cancellation terminates pip. Raises UnsupportedOption for unknown extras, and InstallFailed.
        """
        if unknown := self.unknown(extras):
            detail = f"There is no extra named {', '.join(unknown)}."
            raise UnsupportedOption(detail, instead="Leave it out of dependencies.extras.")
        missing = sorted({name for name in extras if _version(OFFERS[name].distribution) is None})
        if not missing:
            report("all libraries are installed", fraction=1.0)
            return Environment(python=self._python, extras=[])
        folder = await self._overlays.ready([self._part(name) for name in missing], report)
        return Environment(python=self._python, extras=missing, overlay=str(folder))

    def _part(self, name: str) -> Part:
        lock = self._locks / f"{name}.txt"
        if name == torchvision_build.NAME:
            return torchvision_build.part(lock, self._torch_index)
        return Part(name=name, lock=lock)


def required(model: ModelFacts, task: str) -> list[str]:
    """Extras that this model requires, installed or not, by its tokenizer, engine and task."""
    return [
        name
        for name, offer in OFFERS.items()
        if (task in offer.tasks and _is_of(model, offer.kinds))
        or name in _libraries(model)
        or offer.engine == model.engines[0]
        or (offer.merges_adapters and model.adapter is not None)
        or (offer.reads_images and _needs_vision_libraries(model, task))
    ]


def _is_of(model: ModelFacts, kinds: tuple[str, ...]) -> bool:
    return not model.architectures or any(one.startswith(kinds) for one in model.architectures)


def _needs_vision_libraries(model: ModelFacts, task: str) -> bool:
    reads_images = task in TASKS and TASKS[task].reads_images
    return reads_images and needs_vision_libraries(model.config)


def _libraries(model: ModelFacts) -> list[str]:
    quantized = model.quantization.libraries if model.quantization else []
    return [*model.tokenizer_libraries, *quantized, *model.handler_imports]


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
