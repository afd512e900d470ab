"""Causal language models that rank texts: the scores of sentence-transformers itself."""

import json
from pathlib import Path

import httpx
import pytest
from sentence_transformers import CrossEncoder

from backend.errors.inference import InputTooLong
from backend.errors.server import LoadFailed
from backend.inference.loading import load
from backend.tasks import cannot_serve
from backend.tasks.module_files import read_modules
from backend.tasks.text_ranking import Candidates, Parameters
from tests.fakes import launch, model_servers
from tests.fakes.causal_rankers import KINDS, QUERY, TEXTS, build

TASK = "text-ranking"
CHAT = "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}"


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, CrossEncoder]]:
    root = tmp_path_factory.mktemp("rankers")
    return {kind: (root / kind / "model", build(root / kind, kind)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_sentence_transformers(
    kind: str, encoders: dict[str, tuple[Path, CrossEncoder]]
) -> None:
    folder, encoder = encoders[kind]
    adapter = load(launch.spec(TASK, folder))
    expected = encoder.predict([(QUERY, text) for text in TEXTS])
    assert len({round(float(score), 5) for score in expected}) == len(TEXTS)
    item = Candidates(query=QUERY, texts=TEXTS).model_dump()
    parameters = Parameters(truncation=True)
    prepared = adapter.encode(item, parameters)
    [raw] = adapter.forward([prepared])
    found = adapter.decode(raw, prepared, parameters)
    scores = {one["index"]: one["score"] for one in found}
    assert [scores[i] for i in range(len(TEXTS))] == pytest.approx(expected.tolist(), abs=1e-5)


def test_longer_pair_is_rejected_unless_truncation_is_requested(
    encoders: dict[str, tuple[Path, CrossEncoder]],
) -> None:
    adapter = load(launch.spec(TASK, encoders["short"][0]))
    item = {"query": QUERY, "texts": [TEXTS[2]]}
    with pytest.raises(InputTooLong, match="at most 80"):
        adapter.encode(item, Parameters())
    assert len(adapter.encode(item, Parameters(truncation=True)).rows[0].ids) == 80


def test_chat_template_without_place_for_a_pair_is_rejected(
    encoders: dict[str, tuple[Path, CrossEncoder]], tmp_path: Path
) -> None:
    folder = tmp_path / "chat"
    encoders["roles"][1].save_pretrained(str(folder))
    (folder / "chat_template.jinja").write_text(CHAT)
    with pytest.raises(Exception, match="no place for a query and a document") as caught:
        load(launch.spec(TASK, folder))
    assert not isinstance(caught.value, LoadFailed)


def test_only_modules_make_a_causal_model_a_ranker(
    encoders: dict[str, tuple[Path, CrossEncoder]], tmp_path: Path
) -> None:
    assert cannot_serve(TASK, ["LlamaForCausalLM"], {"model_type": "llama"})
    folder = encoders["plain"][0]
    read = {
        path.relative_to(folder).as_posix(): json.loads(path.read_bytes())
        for path in folder.rglob("*.json")
    }
    found = read_modules(read)
    assert cannot_serve(TASK, ["LlamaForCausalLM"], {"model_type": "llama"}, found) is None


def test_ranker_serves_rerank_requests(
    encoders: dict[str, tuple[Path, CrossEncoder]], tmp_path: Path
) -> None:
    folder, encoder = encoders["roles"]
    with model_servers.all_serving({"ranker": launch.spec(TASK, folder)}, tmp_path) as urls:
        body = {"query": QUERY, "texts": TEXTS}
        answer = httpx.post(urls["ranker"] + "/rerank", json=body, timeout=60).json()
    expected = encoder.predict([(QUERY, text) for text in TEXTS])
    assert [one["index"] for one in answer] == sorted(range(3), key=lambda i: -expected[i])
