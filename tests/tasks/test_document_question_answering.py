"""document-question-answering on real servers: LayoutLM (extractive) and Donut (generative)."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from huggingface_hub import InferenceClient
from PIL import Image

from backend.inference.adapters.text.spans import Window, best_spans
from backend.inference.adapters.tokenization import Encoded
from backend.inference.loading import load
from backend.tasks.document_question_answering import Parameters
from backend.tasks.samples import png
from tests.fakes import launch, model_servers

TASK = "document-question-answering"
QUESTION = "where was the museum"
WORDS = ["Maria", "found", "the", "museum", "in", "Kyoto", "wonderful", "on", "day", "seven"]
LONG = [word for i in range(12) for word in (*WORDS, str(i))]


def boxes_of(words: list[str]) -> list[Any]:
    return [[word, [i % 90 * 10, 10, i % 90 * 10 + 9, 30]] for i, word in enumerate(words)]


def item(seed: int = 1, words: list[str] | None = None) -> dict[str, Any]:
    image = base64.b64encode(png(seed)).decode()
    given = {"word_boxes": boxes_of(words)} if words else {}
    return {"image": image, "question": QUESTION, **given}


@pytest.mark.parametrize("words", [WORDS, LONG], ids=["short", "long"])
def test_layoutlm_answers_match_pipeline(
    words: list[str], predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    model = transformers.LayoutLMForQuestionAnswering.from_pretrained(models[TASK])
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[TASK])
    pipe = transformers.pipeline(TASK, model=model, tokenizer=tokenizer)
    pipeline_inputs = {"image": None, "question": QUESTION, "word_boxes": boxes_of(words)}
    [theirs] = pipe([pipeline_inputs], doc_stride=16)[0]
    [ours] = predict(TASK, item(words=words), doc_stride=16).json()
    assert ours.pop("score") == pytest.approx(theirs.pop("score"), abs=1e-4)
    assert ours == theirs


def test_layoutlm_v3_also_reads_image(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    folder = models[TASK + "/v3"]
    model = transformers.LayoutLMv3ForQuestionAnswering.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    images: Any = transformers.AutoImageProcessor.from_pretrained(folder, apply_ocr=False)
    words, boxes = WORDS, [box for _, box in boxes_of(WORDS)]
    made = tokenizer([QUESTION], [words], boxes=[boxes], return_tensors="pt")
    image_inputs = images(images=Image.open(io.BytesIO(png(1))).convert("RGB"), return_tensors="pt")
    with torch.inference_mode():
        out = model(**made, **image_inputs)
    parts, count = made.sequence_ids(0), made["input_ids"].shape[1]
    places = [
        (word, word + 1) if part == 1 else (0, 0)
        for word, part in zip(made.word_ids(0), parts, strict=True)
    ]
    ids = made["input_ids"][0].tolist()
    row = Encoded(ids=ids, types=None, special=[], parts=parts, offsets=places)
    window = Window(
        row=row, part=1, null=0, starts=out.start_logits[0, :count].numpy(),
        ends=out.end_logits[0, :count].numpy(),
    )  # fmt: skip
    [best] = best_spans([window], 15, 1, words=False)
    [answer] = predict(TASK + "/v3", item(1, WORDS)).json()
    assert answer["score"] == pytest.approx(best.score, abs=1e-4)
    assert (answer["start"], answer["end"]) == (best.start, best.end - 1)
    assert answer["answer"] == " ".join(WORDS[best.start : best.end])
    assert predict(TASK + "/v3", item(2, WORDS)).json()[0]["score"] != answer["score"]


def test_donut_answer_matches_model_generate(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    folder = models[TASK + "/donut"]
    model: Any = transformers.VisionEncoderDecoderModel.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    images: Any = transformers.AutoImageProcessor.from_pretrained(folder)
    text = f"<s_docvqa><s_question>{QUESTION}</s_question><s_answer>"
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    for seed in (1, 2):
        image_inputs = images(images=Image.open(io.BytesIO(png(seed))), return_tensors="pt")
        with torch.inference_mode():
            made = model.generate(**image_inputs, decoder_input_ids=ids, max_new_tokens=8)
        expected = tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)
        expected = expected.partition("</s_answer>")[0].rstrip("\ufffd").strip()
        [answer] = predict(TASK + "/donut", item(seed), max_new_tokens=8).json()
        assert answer["answer"] == expected
        assert 0 < answer["score"] < 1
        assert answer["start"] is None


def test_parameters_and_huggingface_client(
    urls: dict[str, str], predict: model_servers.Predict
) -> None:
    three = predict(TASK, item(words=WORDS), top_k=3).json()
    assert [a["score"] for a in three] == sorted((a["score"] for a in three), reverse=True)
    assert len({(a["start"], a["end"]) for a in three}) == 3
    short = predict(TASK, item(words=WORDS), top_k=5, max_answer_len=1).json()
    assert all(a["start"] == a["end"] for a in short)
    empty = predict(TASK, item(words=WORDS), top_k=1000, handle_impossible_answer=True).json()
    assert "" in {a["answer"] for a in empty}
    client = InferenceClient(model=urls[TASK] + "/predict", timeout=60)
    answers = client.document_question_answering(png(1), QUESTION, word_boxes=boxes_of(WORDS))
    assert answers[0].answer == three[0]["answer"]
    both = predict(TASK, [item(words=WORDS), item(words=LONG)]).json()
    assert both == [three[:1], predict(TASK, item(words=LONG)).json()]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (item(), "word_boxes is missing"),
        (item() | {"word_boxes": [["word", [0, 0, 10]]]}, "word_boxes[0]"),
        (item() | {"word_boxes": [["word", [0, 0, 10, 2000]]]}, "from 0 to 1000"),
        (item() | {"word_boxes": [["word", [20, 0, 10, 20]]]}, "right < left"),
        (item(words=WORDS) | {"question": "museum " * 70}, "leaves no room"),
        (item(words=WORDS) | {"question": "  "}, "question is empty"),
        (item(words=WORDS) | {"page": 1}, "page"),
    ],
)
def test_bad_input_returns_422_with_reason(
    given: dict[str, Any], reason: str, predict: model_servers.Predict
) -> None:
    response = predict(TASK, given)
    assert response.status_code == 422
    assert reason in response.json()["detail"]


def test_number_of_windows_is_limited(predict: model_servers.Predict) -> None:
    response = predict(TASK, item(words=LONG * 10), max_seq_len=32, doc_stride=20)
    assert response.status_code == 422
    assert "windows; the limit is 500" in response.json()["detail"]


def test_batch_matches_single_requests(models: dict[str, Path]) -> None:
    for variant in ("", "/v3", "/donut"):
        adapter = load(launch.spec(TASK, models[TASK + variant]))
        parameters = Parameters(max_new_tokens=5)
        group = [adapter.encode(item(seed, WORDS), parameters) for seed in (1, 2)]
        raws = [adapter.forward(group), [adapter.forward([one])[0] for one in group]]
        together, alone = (
            [adapter.decode(raw, one, parameters) for raw, one in zip(made, group, strict=True)]
            for made in raws
        )
        for one, other in zip(together, alone, strict=True):
            assert one[0].pop("score") == pytest.approx(other[0].pop("score"), rel=1e-3)
        assert together == alone
