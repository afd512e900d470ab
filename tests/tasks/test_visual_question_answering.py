"""visual-question-answering on real servers: scores match the models, both client formats."""

import base64
import io
import math
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
import transformers
from huggingface_hub import InferenceClient
from PIL import Image

from backend.inference.loading import load
from backend.tasks.samples import png
from backend.tasks.visual_question_answering import Parameters
from tests.fakes import launch, model_servers

TASK = "visual-question-answering"
BLIP = "visual-question-answering/blip"


def item(seed: int, question: str = "was the museum boring") -> dict[str, str]:
    return {"image": base64.b64encode(png(seed)).decode(), "question": question}


def read(folder: Path, seed: int, question: str = "was the museum boring") -> dict[str, Any]:
    image = Image.open(io.BytesIO(png(seed))).convert("RGB")
    images = transformers.AutoImageProcessor.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return {**images(image, return_tensors="pt"), **tokenizer(question, return_tensors="pt")}


def answers_match(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> bool:
    """ViLT reads image patches in random order, which changes the last digits of scores."""
    assert [a["score"] for a in left] == pytest.approx([a["score"] for a in right], abs=1e-4)
    return [a["answer"] for a in left] == [a["answer"] for a in right]


def test_classification_answers_match_model_scores(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    model = transformers.ViltForQuestionAnswering.from_pretrained(models[TASK])
    model.eval()
    with torch.inference_mode():
        scores = torch.sigmoid(model(**read(models[TASK], 1)).logits[0]).tolist()
    answers = predict(TASK, item(1)).json()
    expected = sorted(zip(scores, ["yes", "no", "two", "red"], strict=True), reverse=True)
    assert answers_match(answers, [{"answer": name, "score": score} for score, name in expected])
    assert answers_match(predict(TASK, item(1), top_k=2).json(), answers[:2])


def test_generated_answers_match_model_tokens_and_probability(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    model: Any = transformers.BlipForQuestionAnswering.from_pretrained(models[BLIP])
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[BLIP])
    with torch.inference_mode():
        made = model.generate(
            **read(models[BLIP], 1), max_new_tokens=4, do_sample=False, output_logits=True,
            return_dict_in_generate=True,
        )  # fmt: skip
    tokens = made.sequences[0, 1:].tolist()
    chances = [
        float(torch.log_softmax(step[0], -1)[token])
        for step, token in zip(made.logits, tokens, strict=True)
    ]
    [answer] = predict(BLIP, item(1), max_new_tokens=4).json()
    assert answer["answer"] == tokenizer.decode(tokens, skip_special_tokens=True).strip()
    assert answer["score"] == pytest.approx(math.exp(sum(chances)), rel=1e-3)


def test_both_client_formats_and_batch_return_same_answers(
    urls: dict[str, str], predict: model_servers.Predict
) -> None:
    url = urls[TASK] + "/predict"
    single = predict(TASK, item(2)).json()
    client = InferenceClient(model=url, timeout=60)
    [answer] = client.visual_question_answering(png(2), item(2)["question"], top_k=1)
    assert answers_match([{"answer": answer.answer, "score": answer.score}], single[:1])
    image = item(2)["image"]
    root = {"inputs": image, "question": item(2)["question"], "image": image}
    assert answers_match(httpx.post(url, json=root, timeout=60).json(), single)
    first, second = predict(TASK, [item(2), item(1)]).json()
    assert answers_match(first, single)
    assert answers_match(second, predict(TASK, item(1)).json())


def test_bad_question_returns_422_with_reason(predict: model_servers.Predict) -> None:
    long = predict(TASK, item(1, "boring " * 80))
    assert long.json()["detail"] == "82 tokens; this model takes at most 64."
    assert (
        "not fetched" in predict(TASK, item(1) | {"image": "https://a.org/b.png"}).json()["detail"]
    )
    missing = predict(TASK, [item(1), {"image": item(1)["image"]}])
    assert missing.status_code == 422
    assert missing.json()["detail"].startswith("inputs[1]: question")


def test_batch_matches_single_requests(models: dict[str, Path]) -> None:
    for name in (TASK, BLIP):
        adapter = load(launch.spec(TASK, models[name]))
        parameters = Parameters(max_new_tokens=5)
        group = [adapter.encode(item(seed), parameters) for seed in (1, 2, 3)]
        together, alone = adapter.forward(group), [adapter.forward([one])[0] for one in group]
        for first, second, one in zip(together, alone, group, strict=True):
            answers = [adapter.decode(raw, one, parameters) for raw in (first, second)]
            assert [a["answer"] for a in answers[0]] == [a["answer"] for a in answers[1]]
            scores = [[a["score"] for a in answer] for answer in answers]
            assert scores[0] == pytest.approx(scores[1], rel=1e-3)
