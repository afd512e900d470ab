"""Every kind of module of sentence-transformers returns what the library returns."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from sentence_transformers.util.quantization import quantize_embeddings

from backend.errors.base import PlatformError
from backend.errors.inference import InvalidInput
from backend.errors.model import CorruptModel, ModelNotSupported
from backend.inference.adapters.embeddings.model_files import read_model
from backend.inference.loading import load
from backend.tasks import TASKS
from backend.tasks.module_rules import ACTIVATIONS, embeds
from tests.fakes import launch
from tests.fakes.sentence_models import OWNER, SHAPES, TEXTS

SAME = 1e-5


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of the models, and the library's embeddings by model and task."""
    root = tmp_path_factory.mktemp("sentence")
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.sentence_models", str(root)]
    made = subprocess.run(build, cwd=launch.ROOT, check=True, stdout=subprocess.PIPE)
    return root / OWNER, json.loads(made.stdout)


def run(task: str, folder: Path, items: list[Any], **parameters: Any) -> list[Any]:
    """Results of the adapter for items of one batch."""
    adapter = load(launch.spec(task, folder))
    validated = TASKS[task].parameters.model_validate(parameters)
    group = [adapter.encode(item, validated) for item in items]
    raws = adapter.forward(group)
    return [adapter.decode(raw, one, validated) for raw, one in zip(raws, group, strict=True)]


def embed(folder: Path, **parameters: Any) -> np.ndarray:
    return np.stack(run("feature-extraction", folder, list(TEXTS), **parameters))


# Pickle files are converted before the model is loaded, which this test does not do.
@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"subfolder_pickle", "glove"}))
def test_embeddings_match_sentence_transformers(
    shape: str, references: tuple[Path, dict[str, Any]]
) -> None:
    root, expected = references
    assert np.unique(np.round(expected[shape]["query"], 4), axis=0).shape[0] == len(TEXTS)
    for task, wanted in expected[shape].items():
        found = embed(root / shape, **({"input_type": task} if task else {}))
        assert found == pytest.approx(np.array(wanted), abs=SAME), task


def test_each_route_is_selected_by_input_type_or_prompt_name(
    references: tuple[Path, dict[str, Any]],
) -> None:
    root, expected = references
    query, document = (np.array(expected["router"][task]) for task in ("query", "document"))
    assert not np.allclose(query, document, atol=0.1)
    for name in ("query", "search_query"):
        assert embed(root / "router", input_type=name) == pytest.approx(query, abs=SAME)
    for name in ("document", "search_document", "passage"):
        assert embed(root / "router", input_type=name) == pytest.approx(document, abs=SAME)
    assert embed(root / "router", prompt_name="query") == pytest.approx(query, abs=SAME)
    assert embed(root / "asym", prompt_name="doc") == pytest.approx(
        np.array(expected["asym"]["doc"]), abs=SAME
    )
    for shape, known in (("router", "document, query"), ("asym", "doc, query")):
        with pytest.raises(InvalidInput, match=f"input_type is not one of this model's: {known}"):
            embed(root / shape, input_type="clustering")
    adapter = load(launch.spec("feature-extraction", root / "router"))
    assert adapter.facts()["input_types"] == ["document", "query"]


def test_queries_and_documents_share_no_batch(references: tuple[Path, dict[str, Any]]) -> None:
    adapter = load(launch.spec("feature-extraction", references[0] / "router"))
    validate = TASKS["feature-extraction"].parameters.model_validate
    keys = [
        adapter.encode("film", validate({"input_type": one})).key for one in ("query", "document")
    ]
    assert keys[0] != keys[1]


def test_dimensions_of_sparse_encoder_cannot_be_truncated(
    references: tuple[Path, dict[str, Any]],
) -> None:
    folder = references[0] / "splade"
    with pytest.raises(InvalidInput, match="dimensions cannot be set for a sparse encoder"):
        embed(folder, dimensions=4)
    facts = load(launch.spec("feature-extraction", folder)).facts()
    assert facts["sparse"] is True
    assert facts["dimensions"] == len(embed(folder)[0])


@pytest.mark.parametrize("kind", ["int8", "uint8", "binary", "ubinary"])
def test_quantized_embeddings_match_sentence_transformers(
    kind: Any, references: tuple[Path, dict[str, Any]]
) -> None:
    folder = references[0] / "mean"
    exact = embed(folder)
    bounds = np.stack([np.full(exact.shape[1], -1.0), np.full(exact.shape[1], 1.0)])
    found = embed(folder, embedding_type=kind)
    wanted: Any = quantize_embeddings(exact, kind, ranges=bounds)
    assert (found.dtype, found.tolist()) == (wanted.dtype, wanted.tolist())
    calibrated = np.stack([exact.min(0), exact.max(0)]).astype(np.float32)
    again = embed(folder, embedding_type=kind, ranges=calibrated.tolist())
    wanted = quantize_embeddings(exact, kind, ranges=calibrated)
    assert again.tolist() == wanted.tolist()
    short = embed(folder, embedding_type=kind, dimensions=8)
    assert short.shape[1] == (1 if "binary" in kind else 8)


def test_ranges_are_required_for_embeddings_of_other_lengths(
    references: tuple[Path, dict[str, Any]],
) -> None:
    folder = references[0] / "token_dense"
    with pytest.raises(InvalidInput, match="needs embeddings of length one or `ranges`"):
        embed(folder, embedding_type="int8")
    assert embed(folder, embedding_type="int8", normalize=True).dtype == np.int8
    with pytest.raises(InvalidInput, match="ranges has 3 dimensions; the embedding has 32"):
        embed(folder, embedding_type="uint8", ranges=[[0.0] * 3, [1.0] * 3])


@pytest.mark.parametrize("name", ["cosine", "dot", "euclidean", "manhattan"])
def test_similarity_function_is_that_of_model(
    name: Any, references: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    folder.symlink_to(references[0] / "token_dense")
    model = SentenceTransformer(str(folder), device="cpu", similarity_fn_name=name)
    model.save(str(tmp_path / name), create_model_card=False)
    source, *others = TEXTS
    wanted = model.similarity(model.encode(source), model.encode(others))[0].tolist()
    item = {"source_sentence": source, "sentences": others}
    [found] = run("sentence-similarity", tmp_path / name, [item])
    assert found == pytest.approx(wanted, abs=1e-4)
    assert load(launch.spec("sentence-similarity", tmp_path / name)).facts()["similarity"] == name


def test_sparse_encoder_compares_by_dot_product(references: tuple[Path, dict[str, Any]]) -> None:
    root, expected = references
    vectors = np.array(expected["splade"][""])
    item = {"source_sentence": TEXTS[0], "sentences": list(TEXTS[1:])}
    [found] = run("sentence-similarity", root / "splade", [item])
    assert found == pytest.approx((vectors[1:] @ vectors[0]).tolist(), rel=1e-4)


def test_text_of_words_is_truncated_only_if_requested(
    references: tuple[Path, dict[str, Any]],
) -> None:
    folder = references[0] / "static_words"
    short = embed(folder, truncate=True, max_length=3)
    assert not np.allclose(short, embed(folder), atol=0.01)
    with pytest.raises(PlatformError, match="The text has no tokens"):
        run("feature-extraction", folder, ["  "])


def changed(folder: Path, name: str, **settings: Any) -> Path:
    """Change settings of a config file of the model."""
    path = folder / name
    known = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps(known | settings))
    return folder


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"modality_config": {"message": {"method": "forward"}}}, "chat template"),
        ({"modality_config": {"image": {"method": "forward"}}}, "reads image and no text"),
        ({"processing_kwargs": {"text": {"padding": "max_length"}}}, "change the preprocessing"),
        ({"query_length": 32}, "sets query_length"),
        ({"transformer_task": "text-generation"}, "computes no embeddings"),
        ({"transformer_task": "fill-mask"}, "no token embeddings"),
    ],
)
def test_transformer_settings_that_change_the_result_are_rejected(
    settings: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    SHAPES["mean"](tmp_path / "model")
    folder = changed(tmp_path / "model", "sentence_bert_config.json", **settings)
    with pytest.raises(ModelNotSupported, match=reason):
        load(launch.spec("feature-extraction", folder))


def test_other_kinds_of_model_are_rejected_by_name(tmp_path: Path) -> None:
    SHAPES["mean"](tmp_path / "model")
    for kind, reason in (
        ("MultiVectorEncoder", "module Pooling of this multi-vector encoder"),
        ("CrossEncoder", "Use text-ranking"),
        ("Unknown", "'Unknown' are not supported"),
    ):
        folder = changed(tmp_path / "model", "config_sentence_transformers.json", model_type=kind)
        with pytest.raises(ModelNotSupported, match=reason):
            load(launch.spec("feature-extraction", folder))
    folder = changed(tmp_path / "model", "config_sentence_transformers.json", model_type="ColBERT")
    with pytest.raises(ModelNotSupported, match="Use feature-extraction or text-ranking"):
        load(launch.spec("sentence-similarity", folder))


@pytest.mark.parametrize("place", [0, 1])
def test_every_module_of_the_library_is_served_or_rejected_by_reason(
    place: int, tmp_path: Path
) -> None:
    SHAPES["mean"](tmp_path / "model")
    path = tmp_path / "model" / "modules.json"
    layers = json.loads(path.read_text())
    served: set[str] = set()
    for name in set(modules.__all__) - {"Router", "Asym", "Module", "InputModule"}:
        layers[place]["type"] = f"sentence_transformers.models.{name}"
        path.write_text(json.dumps(layers))
        found = read_model(path.parent)
        assert found is not None
        if embeds(found) is None:
            served.add(name)
    assert served == ({"Transformer"}, {"Pooling"})[place]
    layers[place]["type"] = "sentence_transformers.models.Router"
    path.write_text(json.dumps(layers))
    with pytest.raises(CorruptModel, match="Router has no routes"):
        read_model(path.parent)


def test_activations_are_those_of_torch_without_arguments() -> None:
    for name in ACTIVATIONS:
        made = getattr(torch.nn, name)()
        assert list(made.parameters()) == []
        assert made(torch.zeros(2, 4)).shape == (2, 4)
