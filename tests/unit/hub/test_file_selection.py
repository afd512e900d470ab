"""Which files are fetched, from listings alone."""

import pytest

from backend.domain.model import ModelFile
from backend.hub.file_selection import Allowed, formats, has_code, select_files
from backend.hub.names import is_safe

BASE = ["config.json", "tokenizer.json", "vocab.txt", "spiece.model", "chat_template.jinja"]


def listing(*names: str) -> dict[str, ModelFile]:
    return {name: ModelFile(path=name, bytes=1, git_sha1="a" * 40) for name in names}


def chosen(
    names: list[str], shards: tuple[str, ...] = (), *, remote_code: bool = False
) -> set[str]:
    allowed = Allowed(remote_code=remote_code)
    return {file.path for file in select_files(listing(*names), shards, allowed).files}


def test_selects_text_files_and_one_safetensors_file() -> None:
    assert chosen([*BASE, "model.safetensors"]) == {*BASE, "model.safetensors"}


@pytest.mark.parametrize(
    "name",
    [
        "pytorch_model.bin", "tf_model.h5", "flax_model.msgpack", "onnx/model.onnx",
        "rust_model.ot", "openvino/openvino_model.xml", "model.fp16.safetensors",
        "consolidated.safetensors", "original/consolidated.00.pth", "model-q4.gguf",
        "training_args.bin", "optimizer.pt",
        "trainer_state.json", "pytorch_model.bin.index.json", "README.md", "handler.py", "x/y.json",
    ],
)  # fmt: skip
def test_files_that_transformers_does_not_need_are_skipped(name: str) -> None:
    assert name not in chosen([*BASE, "model.safetensors", name])


def test_single_file_is_preferred_over_shards() -> None:
    names = [*BASE, "model.safetensors", "model.safetensors.index.json", "model-1.safetensors"]
    assert chosen(names, ("model-1.safetensors",)) == {*BASE, "model.safetensors"}


def test_pickle_is_selected_only_without_safetensors() -> None:
    names = [*BASE, "pytorch_model.bin"]
    assert chosen(names) == set(names)
    assert "pytorch_model.bin" not in chosen([*names, "model.safetensors"])


@pytest.mark.parametrize(
    ("names", "shards", "selected", "converted", "renamed"),
    [
        (["pytorch_model.bin"], (), {"pytorch_model.bin"},
         {"pytorch_model.bin": "model.safetensors"}, {}),
        (["pytorch_model.bin.index.json", "a.bin", "b.bin"], ("b.bin", "a.bin"), {"a.bin", "b.bin"},
         {"a.bin": "model-00001-of-00002.safetensors",
          "b.bin": "model-00002-of-00002.safetensors"}, {}),
        (["pytorch_model.bin.index.json", "a.bin"], ("a.bin",), {"a.bin"},
         {"a.bin": "model.safetensors"}, {}),
        (["model.safetensors.index.json", "a.safetensors"], ("a.safetensors",),
         {"a.safetensors", "model.safetensors.index.json"}, {}, {}),
        (["model.fp16.safetensors", "pytorch_model.fp16.bin"], (), {"model.fp16.safetensors"},
         {}, {"model.fp16.safetensors": "model.safetensors"}),
        (["model.safetensors.index.fp16.json", "a.safetensors"], ("a.safetensors",),
         {"a.safetensors", "model.safetensors.index.fp16.json"}, {},
         {"model.safetensors.index.fp16.json": "model.safetensors.index.json"}),
        (["pytorch_model.fp16.bin"], (), {"pytorch_model.fp16.bin"},
         {"pytorch_model.fp16.bin": "model.safetensors"}, {}),
    ],
)  # fmt: skip
def test_weights_in_every_layout(
    names: list[str],
    shards: tuple[str, ...],
    selected: set[str],
    converted: dict[str, str],
    renamed: dict[str, str],
) -> None:
    found = select_files(listing(*BASE, *names), shards, Allowed())
    assert {file.path for file in found.files} - set(BASE) == selected
    assert (found.weights.converted, found.weights.renamed) == (converted, renamed)


def test_sentence_transformers_modules_are_selected() -> None:
    module = ["modules.json", "1_Pooling/config.json", "2_Dense/model.safetensors"]
    assert chosen([*BASE, "model.safetensors", *module]) >= set(module)


def test_module_pickle_is_selected_only_without_safetensors() -> None:
    names = [*BASE, "model.safetensors", "modules.json", "2_Dense/pytorch_model.bin"]
    assert chosen(names) == set(names)
    converted = select_files(listing(*names), (), Allowed()).weights.converted
    assert converted == {"2_Dense/pytorch_model.bin": "2_Dense/model.safetensors"}
    both = [*names, "2_Dense/model.safetensors"]
    assert "2_Dense/pytorch_model.bin" not in chosen(both)
    assert not select_files(listing(*both), (), Allowed()).weights.converted


def test_voices_of_bark_are_selected() -> None:
    voices = ["speaker_embeddings/v2/en_speaker_6_coarse_prompt.npy", "speaker_embeddings/a.npy"]
    names = [*BASE, "model.safetensors", "speaker_embeddings_path.json", *voices, "other/b.npy"]
    assert chosen(names) == set(names) - {"other/b.npy"}


def test_code_is_selected_only_if_allowed() -> None:
    names = [*BASE, "model.safetensors", "modeling_own.py", "custom_generate/generate.py"]
    assert not [name for name in chosen(names) if name.endswith(".py")]
    assert chosen(names, remote_code=True) == set(names)


def test_unrelated_script_is_not_model_code() -> None:
    assert not has_code(["train.py"], [{"model_type": "bert"}])
    assert has_code(["modeling_own.py"], [])
    assert has_code(["handler.py"], [])
    assert has_code([], [], ["custom_code"])


def test_deeply_nested_config_is_read() -> None:
    deep: object = {"auto_map": {"A": "b.C"}}
    for _ in range(5000):
        deep = [deep]
    assert has_code([], [deep])


def test_formats_are_detected_by_extension() -> None:
    assert formats(["a.safetensors", "b.bin", "c.gguf", "config.json"]) == [
        "gguf", "pickle", "safetensors",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a", "a/b.json", "1_Pooling/config.json", "é.txt", ".hidden"])
def test_plain_names_are_safe(name: str) -> None:
    assert is_safe(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/a", "a/", "a//b", "../a", "a/../b", "a\\b", "a\nb", "a:b", "x" * 256]
)
def test_names_with_path_traversal_are_unsafe(name: str) -> None:
    assert not is_safe(name)
