"""Which files are fetched, from listings alone."""

import pytest

from backend.domain.model import ModelFile
from backend.hub.file_selection import Allowed, formats, has_code, select_files
from backend.hub.names import is_safe

BASE = ["config.json", "tokenizer.json", "vocab.txt", "spiece.model", "chat_template.jinja"]


def listing(*names: str) -> dict[str, ModelFile]:
    return {name: ModelFile(path=name, bytes=1, git_sha1="a" * 40) for name in names}


def chosen(names: list[str], shards: tuple[str, ...] = (), **risks: bool) -> set[str]:
    return {file.path for file in select_files(listing(*names), shards, Allowed(**risks)).files}


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


def test_pickle_is_selected_only_if_allowed_and_without_alternative() -> None:
    names = [*BASE, "pytorch_model.bin"]
    assert "pytorch_model.bin" not in chosen(names)
    assert "pytorch_model.bin" in chosen(names, pickle=True)
    assert "pytorch_model.bin" not in chosen([*names, "model.safetensors"], pickle=True)


def test_sentence_transformers_modules_are_selected() -> None:
    module = ["modules.json", "1_Pooling/config.json", "2_Dense/model.safetensors"]
    assert chosen([*BASE, "model.safetensors", *module]) >= set(module)


def test_module_pickle_is_selected_only_if_allowed_and_without_alternative() -> None:
    names = [*BASE, "model.safetensors", "modules.json", "2_Dense/pytorch_model.bin"]
    assert select_files(listing(*names), (), Allowed()).has_pickle_only
    assert "2_Dense/pytorch_model.bin" not in chosen(names)
    assert chosen(names, pickle=True) == set(names)
    both = [*names, "2_Dense/model.safetensors"]
    assert not select_files(listing(*both), (), Allowed()).has_pickle_only
    assert "2_Dense/pytorch_model.bin" not in chosen(both, pickle=True)


def test_code_is_selected_only_if_allowed() -> None:
    names = [*BASE, "model.safetensors", "modeling_own.py", "custom_generate/generate.py"]
    assert not [name for name in chosen(names) if name.endswith(".py")]
    assert chosen(names, remote_code=True) == set(names)


def test_unrelated_script_is_not_model_code() -> None:
    assert not has_code(["train.py", "handler.py"], [{"model_type": "bert"}])
    assert has_code(["modeling_own.py"], [])
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
