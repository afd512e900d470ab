"""Reading the files of sentence-transformers, without a model."""

from typing import Any

import pytest

from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.errors.model import CorruptModel, UnsafeRepository
from backend.tasks.module_files import files_to_read, read_modules
from backend.tasks.module_rules import embeds
from backend.tasks.multi_vector import cannot_encode, is_multi_vector

CLASSES = "sentence_transformers.models."


def listed(*modules: tuple[str, str]) -> list[dict[str, str]]:
    return [{"type": kind, "path": path} for kind, path in modules]


def read(files: dict[str, Any]) -> SentenceTransformersModel:
    """Read from these files as from a repository, only those that are asked for."""
    content: dict[str, object] = {}
    while names := files_to_read(content, files):
        content |= {name: files[name] for name in names}
    found = read_modules(content)
    assert found is not None
    return found


def router(**parameters: object) -> dict[str, Any]:
    kinds = {"": "MLMTransformer", "document_1_Splade": "SpladePooling", "query": "StaticEmbedding"}
    return {
        "modules.json": listed((f"{CLASSES}Router", "")),
        "router_config.json": {
            "types": {name: CLASSES + kind for name, kind in kinds.items()},
            "structure": {"query": ["query"], "document": ["", "document_1_Splade"]},
            "parameters": parameters,
        },
        "document_1_Splade/config.json": {"pooling_strategy": "sum"},
        "sentence_roberta_config.json": {"max_seq_length": 12},
        "config.json": {"model_type": "bert"},
    }


def test_repository_without_modules_is_not_read() -> None:
    assert files_to_read({}, ["config.json", "1_Pooling/config.json"]) == []
    assert read_modules({}) is None


def test_prefixes_show_a_multi_vector_encoder_of_pylate() -> None:
    files: dict[str, Any] = {
        "modules.json": listed((f"{CLASSES}Transformer", ""), ("pylate.models.Dense.Dense", "1")),
        "config_sentence_transformers.json": {"query_prefix": "[Q] ", "document_length": 300},
    }
    found = read(files)
    assert is_multi_vector(found)
    assert cannot_encode(found) is None
    del files["config_sentence_transformers.json"]["query_prefix"]
    assert not is_multi_vector(read(files))


def test_transformer_of_router_may_be_in_top_folder() -> None:
    found = read(router(default_route="document"))
    assert found.default_route == "document"
    assert found.folders == {"", "query"}
    first, second = found.routes["document"]
    assert (first.kind, first.folder, first.settings) == (
        "MLMTransformer", "", {"max_seq_length": 12},
    )  # fmt: skip
    assert second.settings == {"pooling_strategy": "sum"}
    assert found.transformer == first
    assert embeds(found) is None


@pytest.mark.parametrize(
    ("parameters", "default", "tasks"),
    [
        ({}, "query", {"query": "query", "document": "document"}),
        ({"allow_empty_key": False}, "document", {"query": "query", "document": "document"}),
        (
            {"route_mappings": {"('query', None)": "document", "(None, 'text')": "query"}},
            "query",
            {"query": "document", "document": "query"},
        ),
        (
            {"route_mappings": {"__import__('os').getcwd()": "query", "('faq', 'text')": "query"}},
            "query",
            {"query": "query", "document": "document", "faq": "query"},
        ),
    ],
)
def test_routes_are_resolved_as_in_sentence_transformers(
    parameters: dict[str, object], default: str, tasks: dict[str, str]
) -> None:
    found = read(router(**parameters))
    assert (found.default_route, found.tasks) == (default, tasks)


def test_older_asym_follows_the_modules_before_it() -> None:
    types = {"query_0_Dense": f"{CLASSES}Dense", "doc_0_Dense": f"{CLASSES}Dense"}
    found = read({
        "modules.json": listed(
            (f"{CLASSES}Transformer", "."), (f"{CLASSES}Pooling", "1_Pooling"),
            (f"{CLASSES}Asym", "2_Asym"), (f"{CLASSES}Normalize", "3_Normalize"),
        ),
        "2_Asym/config.json": {
            "types": types, "structure": {"query": ["query_0_Dense"], "doc": ["doc_0_Dense"]},
            "parameters": {"allow_empty_key": True},
        },
        "2_Asym/doc_0_Dense/config.json": {"in_features": 4, "out_features": 2},
    })  # fmt: skip
    folders = [one.folder for one in found.routes["doc"]]
    assert folders == ["", "1_Pooling", "2_Asym/doc_0_Dense", "3_Normalize"]
    assert found.routes["doc"][2].settings == {"in_features": 4, "out_features": 2}


@pytest.mark.parametrize("path", ["../outside", "/etc", "a/../../b", "a\\b"])
def test_module_outside_the_repository_is_rejected(path: str) -> None:
    with pytest.raises(UnsafeRepository, match="not a folder of the model"):
        read({"modules.json": listed((f"{CLASSES}Pooling", path))})


@pytest.mark.parametrize("content", [[], {}, None, [{"path": "a"}], ["Pooling"]])
def test_broken_modules_are_rejected(content: Any) -> None:
    with pytest.raises(CorruptModel, match="not a list of modules"):
        read({"modules.json": content})


def test_config_with_a_vocabulary_is_not_read() -> None:
    files = {"modules.json": listed((f"{CLASSES}BoW", "0_BoW")), "0_BoW/config.json": {}}
    assert files_to_read({"modules.json": files["modules.json"]}, files) == []
