"""Detection of required extras before anything is downloaded."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from backend.domain.model import ModelFacts
from backend.packages.extras import OFFERS, Extras

ROOT = Path(__file__).resolve().parents[3]


def model(*libraries: str) -> ModelFacts:
    return ModelFacts(
        id="tiny/model", source="hub", revision="main", commit="0" * 40, task=None,
        architectures=[], weight_bytes=1, download_bytes=1,
        files=[], tokenizer_libraries=list(libraries),
    )  # fmt: skip


@pytest.fixture
def extras(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Extras:
    """On a machine where none of them is installed."""

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    return Extras(sys.executable, ROOT / "requirements" / "extras", tmp_path, {})


@pytest.mark.parametrize(
    ("task", "libraries", "needed"),
    [
        ("translation", ("sentencepiece",), ["sentencepiece"]),
        ("table-question-answering", (), ["pandas"]),
        ("table-question-answering", ("tiktoken",), ["tiktoken", "pandas"]),
        ("text-classification", (), []),
        ("text-classification", ("sacremoses",), ["sacremoses"]),
        ("text-classification", ("fugashi",), []),
    ],
)
def test_extra_is_inferred_from_tokenizer_or_task(
    task: str, libraries: tuple[str, ...], needed: list[str], extras: Extras
) -> None:
    assert extras.needed(model(*libraries), task) == needed


def test_onnx_runtime_is_needed_by_models_that_run_on_it_first(extras: Extras) -> None:
    both = model().model_copy(update={"engines": ["torch", "onnxruntime"]})
    only = model().model_copy(update={"engines": ["onnxruntime"]})
    assert extras.needed(both, "fill-mask") == []
    assert extras.needed(only, "fill-mask") == ["onnxruntime"]


def test_library_without_extra_is_reported(extras: Extras) -> None:
    assert extras.unavailable(model("fugashi", "sentencepiece")) == ["fugashi"]


def test_each_extra_has_lock_with_its_distribution() -> None:
    for name, offer in OFFERS.items():
        lock = (ROOT / "requirements" / "extras" / f"{name}.txt").read_text()
        # Its build depends on that of torch.
        locked = "timm" if name == "torchvision" else offer.distribution
        assert f"\n{locked}==" in lock
        assert "\ntorchvision==" not in lock
        assert "\nnumpy==" not in lock
