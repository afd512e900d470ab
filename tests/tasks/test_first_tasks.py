"""The seven tasks on real servers: wire format, numbers, batches and refusals."""

import base64
import io
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
import transformers
from huggingface_hub import InferenceClient
from PIL import Image

from backend.tasks import TASKS
from backend.tasks.samples import png, wav
from tests.fakes import model_servers
from tests.tasks import matrix

TEXT = "Maria found the museum in Kyoto wonderful on day 7."
OTHER = "the film was boring"


def direct(kind: str, folder: Path, text: str) -> torch.Tensor:
    """Logits or states of the model, without us."""
    model = getattr(transformers, kind).from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        return model(**tokenizer(text, return_tensors="pt"))[0][0]


def test_text_classification_is_nested_and_matches_model_scores(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    results = predict("text-classification", TEXT).json()
    logits = direct("AutoModelForSequenceClassification", models["text-classification"], TEXT)
    expected = sorted(torch.softmax(logits, -1).tolist(), reverse=True)
    assert len(results) == 1
    assert [entry["score"] for entry in results[0]] == pytest.approx(expected, abs=1e-4)
    assert {entry["label"] for entry in results[0]} == {"NEGATIVE", "NEUTRAL", "POSITIVE"}
    assert len(predict("text-classification", TEXT, top_k=1).json()[0]) == 1


@pytest.mark.parametrize(
    "task", ["text-classification", "token-classification", "feature-extraction"]
)
def test_batch_returns_one_result_per_item(task: str, predict: model_servers.Predict) -> None:
    both = predict(task, [TEXT, OTHER]).json()
    first, second = predict(task, TEXT).json(), predict(task, OTHER).json()
    if TASKS[task].always_listed:
        first, second = first[0], second[0]
    assert matrix.differences(both, [first, second], near=1e-5) == []


def test_token_classification_returns_character_offsets(predict: model_servers.Predict) -> None:
    for strategy in ("none", "simple", "first", "average", "max"):
        entities = predict(
            "token-classification", TEXT, aggregation_strategy=strategy, ignore_labels=[]
        ).json()
        assert entities
        for entity in entities:
            part = TEXT[entity["start"] : entity["end"]].lower()
            assert part == entity["word"].replace("##", "") or strategy != "none"
            assert 0 < entity["score"] <= 1
    assert {e["entity_group"] for e in predict("token-classification", TEXT).json()} <= {
        "PER",
        "LOC",
    }


def test_aggregation_returns_one_label_per_word_by_default(predict: model_servers.Predict) -> None:
    words = predict(
        "token-classification", "zq xw", aggregation_strategy="first", ignore_labels=[]
    ).json()
    assert all(not entity["word"].startswith("##") for entity in words)


def test_entity_text_is_taken_from_input(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    texts = [
        "Maria lives in Ωmega",
        "zqives in ☃ snow",
        "☃☃ ☃",
        "the wonderful film in Kyoto!",
        TEXT,
    ]
    pipeline = transformers.pipeline(
        "token-classification", str(models["token-classification"]), ignore_labels=[]
    )
    for text in texts:
        for strategy in ("none", "simple", "first"):
            ours = predict(
                "token-classification", text, aggregation_strategy=strategy, ignore_labels=[]
            ).json()
            theirs = pipeline(text, aggregation_strategy=strategy)
            assert [(e["start"], e["end"]) for e in ours] == [
                (e["start"], e["end"]) for e in theirs
            ]
            for one, other in zip(ours, theirs, strict=True):
                assert "[UNK]" not in one["word"]
                part = text[one["start"] : one["end"]]
                assert one["word"] in {other["word"], part}
                if strategy != "none":
                    assert not one["word"].startswith("##")


def test_return_all_scores_selects_number_of_labels(predict: model_servers.Predict) -> None:
    task, text = "text-classification", "the film was boring"
    [every] = predict(task, text).json()
    assert len(every) > 1
    assert predict(task, text, return_all_scores=True).json() == [every]
    assert predict(task, text, return_all_scores=False).json() == [every[:1]]
    assert predict(task, text, return_all_scores=True, top_k=1).json() == [every[:1]]


def test_long_text_is_rejected_unless_truncated_or_windowed(
    predict: model_servers.Predict,
) -> None:
    long = "the film was boring " * 40
    for task in ("text-classification", "token-classification", "feature-extraction"):
        refused = predict(task, long)
        assert refused.status_code == 422
        problem = refused.json()
        assert problem["code"] == "input-too-long"
        assert problem["detail"] == "162 tokens; this model takes at most 64."
        assert problem["error_type"] == "validation"
    assert predict("text-classification", long, truncation=True).status_code == 200
    refused = predict("text-classification", long, max_length=16)
    assert refused.json()["detail"] == "162 tokens; max_length is 16."
    cut = predict("text-classification", long, truncation=True, max_length=16).json()
    short = " ".join(long.split()[:14])  # and two special tokens
    assert cut == predict("text-classification", short).json()
    entities = predict("token-classification", long, stride=8, ignore_labels=[]).json()
    assert entities[-1]["end"] > 700


def test_embeddings_are_pooled_and_normalized_and_accept_root_parameters(
    urls: dict[str, str], models: dict[str, Path]
) -> None:
    url = urls["feature-extraction"] + "/predict"
    embeddings = httpx.post(url, json={"inputs": TEXT}).json()
    expected = direct("AutoModel", models["feature-extraction"], TEXT).mean(0)
    assert np.array(embeddings).shape == (1, 32)
    assert embeddings[0] == pytest.approx((expected / expected.norm()).tolist(), abs=1e-4)
    plain = httpx.post(url, json={"inputs": TEXT, "normalize": False, "dimensions": 4}).json()
    assert plain[0] == pytest.approx(expected[:4].tolist(), abs=1e-4)
    prompted = httpx.post(url, json={"inputs": OTHER, "prompt_name": "query"}).json()
    assert prompted == httpx.post(url, json={"inputs": "film : " + OTHER}).json()
    assert httpx.post(url, json={"inputs": OTHER, "prompt_name": "nobody"}).status_code == 422


def test_fill_mask_returns_one_list_per_mask(predict: model_servers.Predict) -> None:
    one = predict("fill-mask", "the [MASK] was boring", top_k=3).json()
    assert len(one) == 3
    assert set(one[0]) == {"score", "token", "token_str", "sequence"}
    two = predict("fill-mask", "the <mask> was <mask>", top_k=2).json()
    assert [len(gap) for gap in two] == [2, 2]
    [aimed] = predict("fill-mask", "the [MASK] was boring", targets=["museum"]).json()
    assert aimed["sequence"] == "the museum was boring"
    assert predict("fill-mask", "no gap here").status_code == 422


def test_image_can_be_raw_bytes_base64_or_data_url(
    urls: dict[str, str], predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    image = png(4)
    packed = base64.b64encode(image).decode()
    raw = httpx.post(urls["image-classification"] + "/predict", content=image)
    assert raw.status_code == 200
    assert raw.json() == predict("image-classification", packed).json()
    assert raw.json() == predict("image-classification", f"data:image/png;base64,{packed}").json()
    both = predict("image-classification", [packed, packed]).json()
    assert matrix.differences(both, [raw.json()] * 2, near=1e-5) == []
    jpeg = io.BytesIO()
    Image.open(io.BytesIO(image)).save(jpeg, "JPEG")
    assert base64.b64encode(jpeg.getvalue()).startswith(b"/9j/")
    assert (
        predict("image-classification", base64.b64encode(jpeg.getvalue()).decode()).status_code
        == 200
    )
    processor = transformers.AutoImageProcessor.from_pretrained(models["image-classification"])
    model = transformers.AutoModelForImageClassification.from_pretrained(
        models["image-classification"]
    )
    with torch.inference_mode():
        logits = model(
            **processor(Image.open(io.BytesIO(image)).convert("RGB"), return_tensors="pt")
        ).logits[0]
    scores = sorted(torch.softmax(logits, -1).tolist(), reverse=True)
    assert [entry["score"] for entry in raw.json()] == pytest.approx(scores, abs=1e-4)


def test_audio_is_classified_with_query_parameters(urls: dict[str, str]) -> None:
    url = urls["audio-classification"] + "/predict"
    full = httpx.post(url, content=wav(4), headers={"content-type": "audio/x-wav"}).json()
    assert len(full) == 3
    assert httpx.post(url + "?top_k=1", content=wav(4)).json() == full[:1]
    assert httpx.post(url + "?top_k=0", content=wav(4)).status_code == 422


def test_huggingface_client_parses_every_task(urls: dict[str, str]) -> None:
    def client(task: str) -> InferenceClient:
        return InferenceClient(model=urls[task] + "/predict", timeout=30)

    assert len(client("text-classification").text_classification(TEXT)) == 3
    assert client("token-classification").token_classification(TEXT, ignore_labels=[])[0].start == 0
    assert client("feature-extraction").feature_extraction(TEXT).shape == (1, 32)
    assert len(client("fill-mask").fill_mask("the [MASK] was boring", top_k=3)) == 3
    # Kept in a variable: the client closes its connections when it is collected.
    stories = client("text-generation")
    assert stories.text_generation("Once", max_new_tokens=4)
    details = stories.text_generation("Once", max_new_tokens=4, details=True)
    assert details.details is not None
    assert details.details.generated_tokens == 4
    pieces = list(stories.text_generation("Once", max_new_tokens=4, stream=True))
    assert "".join(pieces) == details.generated_text
    assert len(client("image-classification").image_classification(png(1))) == 3
    assert len(client("image-classification").image_classification(png(1), top_k=2)) == 2
    assert len(client("audio-classification").audio_classification(wav(1))) == 3
