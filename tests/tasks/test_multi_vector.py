"""Multi-vector encoders: the embeddings and scores of sentence-transformers itself."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import MultiVectorEncoder

from backend.errors.inference import InputTooLong, InvalidInput
from backend.errors.server import LoadFailed
from backend.inference.loading import load
from backend.tasks.feature_extraction import Parameters
from backend.tasks.text_ranking import Parameters as RankingParameters
from tests.fakes import launch
from tests.fakes.colbert_checkpoints import CHECKPOINTS, as_shards, without_projection
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.multi_vectors import KINDS, QUERY, TEXTS


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Any]]:
    root = tmp_path_factory.mktemp("vectors")
    for name, build in KINDS.items():
        build(root / name)
    return {name: (root / name, MultiVectorEncoder(str(root / name))) for name in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", ["query", "document"])
def test_token_embeddings_are_those_of_sentence_transformers(
    kind: str, side: str, encoders: dict[str, tuple[Path, Any]]
) -> None:
    folder, library = encoders[kind]
    adapter = load(launch.spec("feature-extraction", folder))
    parameters = Parameters(input_type=side)
    texts = [QUERY, *TEXTS] if side == "document" else [QUERY]
    group = [adapter.encode(one, parameters) for one in texts]
    found = adapter.forward(group)
    encode = library.encode_query if side == "query" else library.encode_document
    expected = encode(texts, convert_to_numpy=True)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_the_sums_of_best_similarities(
    kind: str, encoders: dict[str, tuple[Path, Any]]
) -> None:
    folder, library = encoders[kind]
    adapter = load(launch.spec("text-ranking", folder))
    parameters = RankingParameters()
    prepared = adapter.encode({"query": QUERY, "texts": TEXTS}, parameters)
    [raw] = adapter.forward([prepared])
    expected = library.similarity(library.encode_query([QUERY]), library.encode_document(TEXTS))
    assert raw.tolist() == pytest.approx(expected[0].tolist(), abs=1e-4)
    best = adapter.decode(raw, prepared, parameters)[0]
    assert best["index"] == int(expected[0].argmax())


@pytest.mark.parametrize("kind", [*CHECKPOINTS, "pylate_older"])
@pytest.mark.parametrize("side", ["query", "document"])
def test_longer_texts_are_cut_as_the_library_does(
    kind: str, side: str, encoders: dict[str, tuple[Path, Any]]
) -> None:
    folder, library = encoders[kind]
    adapter = load(launch.spec("feature-extraction", folder))
    text = " ".join([*TEXTS, QUERY] * 8)
    [ours] = adapter.forward([adapter.encode(text, Parameters(input_type=side, truncate=True))])
    encode = library.encode_query if side == "query" else library.encode_document
    theirs = encode([text], convert_to_numpy=True)[0]
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-5


def test_checkpoint_in_several_files_has_the_same_embeddings(
    encoders: dict[str, tuple[Path, Any]], tmp_path: Path
) -> None:
    whole = encoders["stanford"][0]
    parts = shutil.copytree(whole, tmp_path / "parts")
    as_shards(parts)
    made: list[np.ndarray] = []
    for folder in (whole, parts):
        adapter = load(launch.spec("feature-extraction", folder))
        made += adapter.forward([adapter.encode(QUERY, Parameters(input_type="query"))])
    assert made[0].tolist() == made[1].tolist()


def test_checkpoint_without_projection_does_not_load(
    encoders: dict[str, tuple[Path, Any]], tmp_path: Path
) -> None:
    folder = shutil.copytree(encoders["stanford"][0], tmp_path / "bare")
    without_projection(folder)
    with pytest.raises(LoadFailed, match=r"linear\.weight"):
        load(launch.spec("text-ranking", folder))


def test_longer_document_and_other_embeddings_are_rejected(
    encoders: dict[str, tuple[Path, Any]],
) -> None:
    adapter = load(launch.spec("feature-extraction", encoders["colbert"][0]))
    with pytest.raises(InputTooLong):
        adapter.encode("the film " * 60, Parameters(input_type="document"))
    cut = adapter.encode("the film " * 60, Parameters(input_type="document", truncate=True))
    assert len(cut.rows[0].ids) == 64
    with pytest.raises(InvalidInput, match="multi-vector"):
        adapter.encode("film", Parameters(dimensions=4))


async def test_pooling_of_tokens_requires_scipy(
    encoders: dict[str, tuple[Path, Any]], tmp_path: Path
) -> None:
    root = encoders["pooled"][0].parent
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=root) as models:
        needed = {
            name: (await facts_of(models, name, source="local")).tokenizer_libraries
            for name in ("pooled", "pooled_older", "plain")
        }
    assert needed == {"pooled": ["scipy"], "pooled_older": ["scipy"], "plain": []}
