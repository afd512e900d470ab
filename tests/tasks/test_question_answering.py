"""question-answering on a real server: spans, windows, parameters and errors."""

import itertools
import math
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from huggingface_hub import InferenceClient

from tests.fakes import model_servers

TASK = "question-answering"
QUESTION = "who found it?"
CONTEXT = "Maria moved to Lisbon.  Ahmed thought that the museum in Kyoto was boring on day 42 !"
LONG = " ".join(f"on day {i} maria found the film {i * 7}." for i in range(40))


def item(context: str = CONTEXT, question: str = QUESTION) -> dict[str, str]:
    return {"question": question, "context": context}


def all_spans(folder: Path, made: Any, longest: int) -> dict[tuple[int, int], float]:
    """The probability of every span of tokens, by characters; one pass for each window."""
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    found: dict[tuple[int, int], float] = {}
    for row in range(len(made["input_ids"])):
        ids = torch.tensor([made["input_ids"][row]])
        with torch.inference_mode():
            out = model(input_ids=ids, token_type_ids=torch.tensor([made["token_type_ids"][row]]))
        starts, ends = out.start_logits[0].tolist(), out.end_logits[0].tolist()
        text = [i for i, part in enumerate(made.sequence_ids(row)) if part == 1]
        sums = [sum(math.exp(logits[i]) for i in [0, *text]) for logits in (starts, ends)]
        for i, j in itertools.product(text, text):
            if i <= j < i + longest:
                chance = math.exp(starts[i]) / sums[0] * math.exp(ends[j]) / sums[1]
                place = (made["offset_mapping"][row][i][0], made["offset_mapping"][row][j][1])
                found[place] = max(chance, found.get(place, 0))
    return found


@pytest.mark.parametrize(("context", "longest"), [(CONTEXT, 15), (CONTEXT, 3), (LONG, 15)])
def test_best_spans_match_exhaustive_search(
    context: str, longest: int, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[TASK])
    made = tokenizer(
        [QUESTION], [context], truncation="only_second", max_length=64, stride=24,
        return_overflowing_tokens=True, return_offsets_mapping=True,
    )  # fmt: skip
    assert (len(made["input_ids"]) > 3) == (context == LONG)
    expected = all_spans(models[TASK], made, longest)
    best = sorted(expected.items(), key=lambda entry: -entry[1])[:20]
    answers = predict(
        TASK, item(context), top_k=20, max_answer_len=longest, align_to_words=False, doc_stride=24
    ).json()
    assert [a["score"] for a in answers] == pytest.approx([score for _, score in best], abs=1e-4)
    for answer in answers:
        assert context[answer["start"] : answer["end"]] == answer["answer"]
        place = (answer["start"], answer["end"])
        assert answer["score"] == pytest.approx(expected[place], abs=1e-4)


def test_answer_is_aligned_to_words_by_default(predict: model_servers.Predict) -> None:
    words = set(CONTEXT.replace(".", " . ").split())
    aligned = predict(TASK, item(), top_k=30).json()
    assert all(set(a["answer"].replace(".", " . ").split()) <= words for a in aligned)
    places = [(a["start"], a["end"]) for a in aligned]
    assert len(places) == len(set(places))
    tokens = predict(TASK, item(), top_k=30, align_to_words=False).json()
    assert any(not set(a["answer"].replace(".", " . ").split()) <= words for a in tokens)


def test_one_answer_is_object_and_several_are_list(predict: model_servers.Predict) -> None:
    one = predict(TASK, item()).json()
    assert set(one) == {"score", "start", "end", "answer"}
    assert predict(TASK, item(), top_k=2).json()[0] == one
    other = item("the film was wonderful")
    assert predict(TASK, [item(), other]).json() == [one, predict(TASK, other).json()]


def test_impossible_answer_can_be_returned(predict: model_servers.Predict) -> None:
    without = predict(TASK, item(), top_k=1000).json()
    answers = predict(TASK, item(), top_k=1000, handle_impossible_answer=True).json()
    [empty] = [a for a in answers if not a["answer"]]
    assert (empty["start"], empty["end"]) == (0, 0)
    assert 0 < empty["score"] < 1
    assert [a for a in answers if a["answer"]] == without[: len(answers) - 1]
    scores = [a["score"] for a in answers]
    assert scores == sorted(scores, reverse=True)


def test_long_question_is_truncated_only_on_request(
    predict: model_servers.Predict,
) -> None:
    long = "the film " * 40
    refused = predict(TASK, item(question=long))
    assert refused.status_code == 422
    assert refused.json()["code"] == "input-too-long"
    assert "83 tokens" in refused.json()["detail"]
    cut = predict(TASK, item(question=long), max_question_len=4).json()
    assert cut == predict(TASK, item(question="the film the film")).json()


def test_invalid_windows_are_rejected_with_their_sizes(predict: model_servers.Predict) -> None:
    for parameters, words in (
        ({"max_seq_len": 65}, "at most 64"),
        ({"doc_stride": 60}, "doc_stride is 60"),
        ({"max_answer_len": 0}, "max_answer_len"),
        ({"topk": 3}, "'topk'"),
    ):
        response = predict(TASK, item(LONG), **parameters)
        assert response.status_code == 422
        assert words in response.json()["detail"]
    many = predict(TASK, item("the film was boring. " * 3000), doc_stride=45, max_seq_len=60)
    assert many.json()["code"] == "input-too-long"
    assert "windows" in many.json()["detail"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("who?", "question, context"),
        ({"question": "who?"}, "context"),
        (item() | {"contexts": "b"}, "contexts"),
        (item("   "), "no tokens"),
        (item(""), "context"),
    ],
)
def test_bad_item_is_reported_with_index_and_field(
    bad: object, words: str, predict: model_servers.Predict
) -> None:
    response = predict(TASK, [item(), bad])
    assert response.status_code == 422
    assert response.json()["detail"].startswith("inputs[1]: ")
    assert words in response.json()["detail"]


def test_huggingface_client_gets_one_or_several_answers(urls: dict[str, str]) -> None:
    client = InferenceClient(model=urls[TASK] + "/predict", timeout=30)
    one = client.question_answering(QUESTION, CONTEXT)
    several = client.question_answering(QUESTION, CONTEXT, top_k=3, max_answer_len=5)
    assert not isinstance(one, list)
    assert CONTEXT[one.start : one.end] == one.answer
    assert isinstance(several, list)
    assert len(several) == 3
