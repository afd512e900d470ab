"""Models without what prepares their inputs are rejected, by task and files."""

import pytest

from backend.domain.model import ModelFacts, ModelFile
from backend.pipeline.processor_check import without_processor


def model(*names: str, **more: object) -> ModelFacts:
    files = [ModelFile(path=name, bytes=1) for name in ("config.json", "model.safetensors", *names)]
    return ModelFacts(
        id="acme/model", source="hub", revision="main", commit="0" * 40, task=None,
        architectures=[], weight_bytes=1, download_bytes=1, files=files, **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("task", "names", "missing"),
    [
        ("text-classification", (), "tokenizer.json"),
        ("text-classification", ("tokenizer.json",), None),
        ("text-classification", ("vocab.txt",), None),
        ("text-generation", ("tekken.json",), None),
        ("text-generation", ("qwen.tiktoken",), None),
        # ByT5 has no vocabulary.
        ("translation", ("tokenizer_config.json",), None),
        ("translation", ("source.spm", "target.spm"), None),
        ("text-to-speech", (), "tokenizer.json"),
        ("feature-extraction", ("0_Transformer/tokenizer.json",), None),
        ("image-classification", (), "preprocessor_config.json"),
        ("image-classification", ("preprocessor_config.json",), None),
        ("image-text-to-text", ("tokenizer.json", "processor_config.json"), None),
        ("image-text-to-text", ("preprocessor_config.json",), "tokenizer.json"),
        ("zero-shot-image-classification", ("preprocessor_config.json",), "tokenizer.json"),
        ("automatic-speech-recognition", ("tokenizer.json",), "preprocessor_config.json"),
        ("audio-classification", ("preprocessor_config.json",), None),
    ],
)
def test_files_that_prepare_the_inputs_are_required(
    task: str, names: tuple[str, ...], missing: str | None
) -> None:
    error = without_processor(model(*names), task)
    assert (error.values["missing"] if error else None) == missing


@pytest.mark.parametrize(
    "more",
    [
        {"engines": ["diffusers"]}, {"engines": ["llama.cpp"]}, {"engines": ["handler"]},
        {"needs_remote_code": True}, {"config": {"model_type": "timm_wrapper"}},
    ],
)  # fmt: skip
def test_other_engines_and_code_prepare_inputs_by_other_files(more: dict[str, object]) -> None:
    assert without_processor(model(**more), "image-classification") is None


def test_the_tokenizer_of_an_adapter_may_be_that_of_its_base_model() -> None:
    base = model("tokenizer.json")
    assert without_processor(model(base=base), "text-generation") is None
