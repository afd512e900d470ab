"""Embeddings, cosine similarities and scores match sentence-transformers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import InferenceClient
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer import modules

from backend.errors.base import PlatformError
from backend.errors.model import ModelNotSupported
from backend.inference.loading import load
from backend.tasks import TASKS
from tests.fakes import launch, model_servers
from tests.fakes.tiny_models import ranking, text

TEXTS: tuple[str, ...] = (
    "Maria found the museum in Kyoto wonderful on day 7.",
    "the FILM was boring",
    "once upon a time",
    "film " * 100,
)
SAME = 1e-5
POOLINGS = ("cls", "mean", "max", "lasttoken", "mean_sqrt_len_tokens", "weightedmean")


def adapter_outputs(
    task: str, folder: Path, items: Sequence[object], **parameters: Any
) -> list[Any]:
    """Outputs of the adapter for all items in one batch."""
    adapter = load(launch.spec(task, folder))
    validated = TASKS[task].parameters.model_validate(parameters)
    group = [adapter.encode(item, validated) for item in items]
    raws = adapter.forward(group)
    return [adapter.decode(raw, one, validated) for raw, one in zip(raws, group, strict=True)]


def embed(folder: Path, **parameters: Any) -> np.ndarray:
    return np.stack(
        adapter_outputs("feature-extraction", folder, TEXTS, truncate=True, **parameters)
    )


def library(folder: Path) -> SentenceTransformer:
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def saved(
    folder: Path, *layers: Any, transformer: dict[str, Any] | None = None, **more: Any
) -> Path:
    """A model with these layers, saved by sentence-transformers."""
    base = text.bert(folder / "base", "BertModel")
    first = modules.Transformer(str(base), **transformer or {})
    torch.manual_seed(19)
    SentenceTransformer(modules=[first, *layers], device="cpu", **more).save(
        str(folder / "saved"), create_model_card=False
    )
    return folder / "saved"


@pytest.mark.parametrize("pooling", [*POOLINGS, ("cls", "max"), POOLINGS])
def test_pooling_matches_sentence_transformers(pooling: Any, tmp_path: Path) -> None:
    folder = saved(tmp_path, modules.Pooling(32, pooling))
    expected = library(folder).encode(list(TEXTS))
    assert embed(folder) == pytest.approx(expected, abs=SAME)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_can_exclude_prompt(pooling: Any, tmp_path: Path) -> None:
    layers = modules.Pooling(32, pooling, include_prompt=False)
    prompts = {"query": "film in kyoto : ", "always": "the "}
    folder = saved(tmp_path, layers, prompts=prompts, default_prompt_name="always")
    model = library(folder)
    assert embed(folder) == pytest.approx(model.encode(list(TEXTS)), abs=SAME)
    prompted = model.encode(list(TEXTS), prompt_name="query")
    assert embed(folder, prompt_name="query") == pytest.approx(prompted, abs=SAME)
    assert not np.allclose(prompted, model.encode(list(TEXTS)), atol=0.01)
    plain = model.encode(list(TEXTS), prompt_name="document")
    assert embed(folder, prompt_name="document") == pytest.approx(plain, abs=SAME)


def test_layers_after_pooling_run_in_order(tmp_path: Path) -> None:
    folder = saved(
        tmp_path,
        modules.Pooling(32, ("mean", "cls")),
        modules.Dense(64, 16, activation_function=torch.nn.GELU()),
        modules.LayerNorm(16),
        modules.Dropout(0.5),
        modules.Normalize(),
        modules.Dense(16, 24, bias=False, activation_function=None, use_residual=True),
        modules.Dense(24, 24, use_residual=True),
    )
    assert embed(folder) == pytest.approx(library(folder).encode(list(TEXTS)), abs=SAME)


@pytest.mark.parametrize("own", [None, 8])
def test_default_length_and_dimensions_come_from_model(own: int | None, tmp_path: Path) -> None:
    folder = saved(tmp_path, modules.Pooling(32), modules.Normalize(), truncate_dim=own)
    model = library(folder)
    assert embed(folder) == pytest.approx(model.encode(list(TEXTS)), abs=SAME)
    unit = model.encode(list(TEXTS), normalize_embeddings=True)
    assert embed(folder, normalize=True) == pytest.approx(unit, abs=SAME)
    for size in (3, 16):
        short = model.encode(list(TEXTS), truncate_dim=size, normalize_embeddings=True)
        assert embed(folder, dimensions=size) == pytest.approx(short, abs=SAME)
    with pytest.raises(PlatformError, match="dimensions is 33; this model has 32 dimensions"):
        embed(folder, dimensions=33)


def test_case_and_max_length_come_from_model_files(tmp_path: Path) -> None:
    folder = saved(tmp_path, modules.Pooling(32))
    cased = json.loads((folder / "tokenizer.json").read_text())
    cased["normalizer"] = None
    (folder / "tokenizer.json").write_text(json.dumps(cased))
    sentence_bert_config = {"max_seq_length": 12, "do_lower_case": True}
    (folder / "sentence_bert_config.json").write_text(json.dumps(sentence_bert_config))
    model = library(folder)
    assert model.max_seq_length == 12
    assert embed(folder) == pytest.approx(model.encode(list(TEXTS)), abs=SAME)
    with pytest.raises(PlatformError, match="102 tokens; this model takes at most 12"):
        adapter_outputs("feature-extraction", folder, TEXTS[-1:])


def test_default_pooling_matches_sentence_transformers(
    models: dict[str, Path], tmp_path: Path
) -> None:
    plain = text.bert(tmp_path / "plain", "BertModel")
    for folder in (plain, models["feature-extraction/t5"], models["feature-extraction"]):
        assert embed(folder) == pytest.approx(library(folder).encode(list(TEXTS)), abs=SAME)


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([modules.LSTM(32, 8), modules.Pooling(16)], "LSTM needs WordEmbeddings before it"),
        ([modules.Normalize(), modules.Pooling(32)], "'sentence_embedding'"),
        ([modules.Pooling(32), modules.Dense(32, 8, module_output_name="other")], "2_Dense"),
    ],
)
def test_unsupported_layer_is_rejected_by_name(
    layers: list[Any], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelNotSupported, match=reason):
        load(launch.spec("feature-extraction", saved(tmp_path, *layers)))


def test_model_files_cannot_select_code_or_leave_folder(tmp_path: Path) -> None:
    folder = saved(tmp_path, modules.Pooling(32), modules.Dense(32, 8))
    layer_list = json.loads((folder / "modules.json").read_text())
    settings = json.loads((folder / "2_Dense" / "config.json").read_text())

    def refusal(path: str, **changed: str) -> str:
        layer_list[2]["path"] = path
        (folder / "modules.json").write_text(json.dumps(layer_list))
        (folder / "2_Dense" / "config.json").write_text(json.dumps(settings | changed))
        with pytest.raises(PlatformError) as raised:
            load(launch.spec("feature-extraction", folder))
        return raised.value.detail

    assert "'os.system'" in refusal("2_Dense", activation_function="os.system")
    assert "'torch.nn.Module.x'" in refusal("2_Dense", activation_function="torch.nn.Module.x")
    assert "not a folder" in refusal("../2_Dense")
    layer_list[2]["type"] = "custom.Dense"
    assert "custom.Dense" in refusal("2_Dense")


def test_sentence_similarity_is_cosine_of_embeddings(
    urls: dict[str, str], models: dict[str, Path], predict: model_servers.Predict
) -> None:
    source, *others = TEXTS[:3]
    model = library(models["sentence-similarity"])
    expected = model.similarity(model.encode(source), model.encode(others))[0].tolist()
    item = {"source_sentence": source, "sentences": others}
    assert predict("sentence-similarity", item).json() == pytest.approx(expected, abs=SAME)
    client = InferenceClient(model=urls["sentence-similarity"] + "/predict")
    assert client.sentence_similarity(source, others) == pytest.approx(expected, abs=SAME)
    assert len(predict("sentence-similarity", [item, item]).json()[1]) == 2


def test_many_long_sentences_are_split_into_batches(predict: model_servers.Predict) -> None:
    others = [f"the film {'was ' * (n % 40)}on day {n}" for n in range(300)]
    item = {"source_sentence": others[7], "sentences": others}
    scores = predict("sentence-similarity", item).json()
    assert len(scores) == 300
    assert scores[7] == pytest.approx(1.0, abs=SAME)
    alone = predict("sentence-similarity", item | {"sentences": others[290:]}).json()
    assert scores[290:] == pytest.approx(alone, abs=SAME)


@pytest.mark.parametrize(
    "function", [None, "torch.nn.modules.linear.Identity", "torch.nn.modules.activation.Tanh"]
)
def test_ranking_matches_cross_encoder_scores(function: str | None, tmp_path: Path) -> None:
    folder = ranking.text_ranking(tmp_path, function)
    model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    query, *texts = TEXTS
    scores = model.predict([(query, one) for one in texts])
    item = {"query": query, "texts": texts}
    [found] = adapter_outputs("text-ranking", folder, [item], truncation=True)
    assert [entry["score"] for entry in found] == pytest.approx(sorted(scores)[::-1], abs=SAME)
    assert [entry["index"] for entry in found] == np.argsort(-scores).tolist()
    [best] = adapter_outputs(
        "text-ranking", folder, [item], truncation=True, top_k=1, return_text=True
    )
    assert best == [found[0] | {"text": texts[found[0]["index"]]}]
    logits = model.predict([(query, one) for one in texts], activation_fn=torch.nn.Identity())
    [raw] = adapter_outputs(
        "text-ranking", folder, [item], truncation=True, function_to_apply="none"
    )
    assert [entry["score"] for entry in raw] == pytest.approx(sorted(logits)[::-1], abs=SAME)


def test_saved_cross_encoder_keeps_prompt_and_activation(tmp_path: Path) -> None:
    folder = ranking.text_ranking(tmp_path / "base")
    model = CrossEncoder(
        str(folder), device="cpu", activation_fn=torch.nn.Tanh(), max_length=20,
        prompts={"first": "film : "}, default_prompt_name="first",
    )  # fmt: skip
    model.save(str(tmp_path / "saved"), create_model_card=False)
    query, *texts = TEXTS
    scores = model.predict([(query, one) for one in texts])
    item = {"query": query, "texts": texts}
    [found] = adapter_outputs("text-ranking", tmp_path / "saved", [item], truncation=True)
    assert [entry["score"] for entry in found] == pytest.approx(sorted(scores)[::-1], abs=SAME)


def test_bad_item_is_reported_with_index_and_field(predict: model_servers.Predict) -> None:
    good = {"query": "film", "texts": ["boring", "wonderful"]}
    for bad, named in (
        (good | {"texts": []}, "texts"),
        (good | {"texts": ["a", 7]}, "texts.1"),
        (good | {"more": 1}, "more"),
        ({"query": "film"}, "texts"),
        ("film", "query, texts"),
    ):
        refused = predict("text-ranking", [good, bad])
        assert refused.status_code == 422
        assert refused.json()["detail"].startswith("inputs[1]: ")
        assert named in refused.json()["detail"]
