"""Zero-shot image tasks, depth estimation and image features on real servers."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
import transformers
from huggingface_hub import InferenceClient
from PIL import Image

from backend.errors.inference import ClientGone
from backend.inference.adapters.vision.depth_estimation import resized, to_grayscale
from backend.inference.loading import load
from backend.tasks import TASKS
from tests.fakes import launch, model_servers
from tests.fakes.images import IMAGE, OTHER, opened, packed, pipeline
from tests.tasks import matrix

LABELS = ["a bird", "a disc", "a film"]


@pytest.mark.parametrize(
    "name", ["zero-shot-image-classification", "zero-shot-image-classification/siglip"]
)
def test_zero_shot_classification_matches_pipeline(
    name: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    made = pipeline("zero-shot-image-classification", models[name])
    for template in ("This is a photo of {}.", "{}"):
        found = predict(
            name, packed(IMAGE), candidate_labels=LABELS, hypothesis_template=template
        ).json()
        expected = made(opened(IMAGE), candidate_labels=LABELS, hypothesis_template=template)
        assert [one["label"] for one in found] == [one["label"] for one in expected]
        scores = [one["score"] for one in expected]
        assert [one["score"] for one in found] == pytest.approx(scores, abs=1e-4)


def test_template_without_placeholder_and_long_label_are_rejected(
    predict: model_servers.Predict,
) -> None:
    name = "zero-shot-image-classification"
    without_placeholder = predict(
        name, packed(IMAGE), candidate_labels=LABELS, hypothesis_template="a photo"
    )
    assert without_placeholder.status_code == 422
    odd = predict(name, packed(IMAGE), candidate_labels=["a"], hypothesis_template="{0.x} {}")
    assert odd.json()[0]["score"] == 1.0
    long = predict(name, packed(IMAGE), candidate_labels=["z" * 50])
    assert long.json()["code"] == "input-too-long"
    assert long.json()["detail"].endswith("tokens; this model takes at most 40.")
    for labels in ([], [""], "a, b", None):
        assert predict(name, packed(IMAGE), candidate_labels=labels).status_code == 422


@pytest.mark.parametrize("task", ["zero-shot-image-classification", "zero-shot-object-detection"])
def test_image_and_labels_are_accepted_in_every_client_format(
    task: str, predict: model_servers.Predict, urls: dict[str, str]
) -> None:
    image, labels = packed(IMAGE), LABELS[:2]
    plain = predict(task, image, candidate_labels=labels).json()
    assert plain
    assert predict(task, {"image": image}, candidate_labels=labels).json() == plain
    assert predict(task, {"image": image, "candidate_labels": labels}).json() == plain
    two = predict(task, [{"image": packed(OTHER)}, image], candidate_labels=labels).json()
    singles = [predict(task, packed(OTHER), candidate_labels=labels).json(), plain]
    assert matrix.differences(two, singles, near=1e-5) == []
    bad = predict(task, [image, {"image": image, "words": 1}], candidate_labels=labels)
    assert bad.json()["errors"][0]["pointer"] == "#/inputs/1"
    url = urls[task] + "/predict"
    unknown = httpx.post(url, json={"inputs": {"image": image, "lables": labels}})
    assert unknown.status_code == 422
    assert "lables" in unknown.json()["detail"]


@pytest.mark.parametrize(
    "name", ["zero-shot-object-detection", "zero-shot-object-detection/grounding-dino"]
)
def test_zero_shot_detection_matches_pipeline(
    name: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    made = pipeline("zero-shot-object-detection", models[name])
    expected = made(opened(IMAGE), candidate_labels=LABELS, threshold=0.2)
    found = predict(name, packed(IMAGE), candidate_labels=LABELS, threshold=0.2).json()
    assert len(found) == len(expected) > 1
    # Equal scores may stand in another order.
    key: Any = lambda one: (round(one["score"], 3), one["label"], sorted(one["box"].items()))  # noqa: E731
    for ours, theirs in zip(sorted(found, key=key), sorted(expected, key=key), strict=True):
        assert ours["label"] == theirs["label"]
        assert ours["box"] == theirs["box"]
        assert ours["score"] == pytest.approx(theirs["score"], abs=1e-4)
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    top = predict(name, packed(IMAGE), candidate_labels=LABELS, threshold=0.2, top_k=1).json()
    assert top == found[:1]
    assert predict(name, packed(IMAGE), candidate_labels=LABELS, threshold=1.0).json() == []


def test_depth_is_png_with_value_range(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    found = predict("depth-estimation", packed(IMAGE)).json()
    expected = pipeline("depth-estimation", models["depth-estimation"])(opened(IMAGE))
    image = Image.open(io.BytesIO(base64.b64decode(found["depth"])))
    assert image.format == "PNG"
    assert image.size == (found["width"], found["height"]) == (64, 64)
    grey = np.asarray(image, dtype=np.float64)
    depth = found["min"] + grey / 65_535 * (found["max"] - found["min"])
    assert np.abs(depth - expected["predicted_depth"].numpy()).max() < 1e-4
    both = predict("depth-estimation", [packed(OTHER), packed(IMAGE)]).json()
    assert matrix.differences(both[1], found, near=1e-5) == []


def test_constant_or_thin_depth_map_is_valid_image() -> None:
    flat = to_grayscale(np.full((2, 3), 4.5, dtype=np.float32))
    assert (flat["min"], flat["max"], flat["width"], flat["height"]) == (4.5, 4.5, 3, 2)
    assert resized(torch.arange(4.0), (1, 4)).shape == (1, 4)
    assert torch.allclose(resized(torch.ones(2, 2), (4, 6)), torch.ones(4, 6))


def states(kind: str, folder: Path, **more: Any) -> Any:
    model = getattr(transformers, kind).from_pretrained(folder, **more).eval()
    processor: Any = transformers.AutoImageProcessor.from_pretrained(folder)
    run = getattr(model, "get_image_features", model)
    with torch.inference_mode():
        return run(**processor(images=opened(IMAGE), return_tensors="pt"))


def test_image_features_are_one_embedding_or_hidden_states(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    name = "image-feature-extraction"
    model = states("ViTModel", models[name], add_pooling_layer=False)
    embedding = predict(name, packed(IMAGE)).json()
    assert embedding == pytest.approx(model.last_hidden_state[0, 0].tolist(), abs=1e-4)
    all_states = np.array(predict(name, packed(IMAGE), pool=False).json())
    assert np.abs(all_states - model.last_hidden_state[0].numpy()).max() < 1e-4
    unit = np.array(predict(name, packed(IMAGE), normalize=True).json())
    assert unit == pytest.approx(np.array(embedding) / np.linalg.norm(embedding), abs=1e-4)
    assert np.array(predict(name, [packed(IMAGE)] * 2).json()).shape == (2, 32)


@pytest.mark.parametrize(("variant", "kind"), [("clip", "CLIPModel"), ("resnet", "ResNetModel")])
def test_trained_pooler_computes_embedding(
    variant: str, kind: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    name = f"image-feature-extraction/{variant}"
    expected = states(kind, models[name]).pooler_output[0].flatten()
    assert predict(name, packed(IMAGE)).json() == pytest.approx(
        expected.tolist(), rel=1e-4, abs=1e-4
    )


@pytest.mark.parametrize(
    "name",
    [
        "zero-shot-image-classification", "zero-shot-object-detection",
        "zero-shot-object-detection/grounding-dino", "image-feature-extraction", "object-detection",
    ],
)  # fmt: skip
def test_batch_matches_single_requests(name: str, models: dict[str, Path]) -> None:
    task = TASKS[name.partition("/")[0]]
    adapter = load(launch.spec(task.name, models[name]))
    given = (
        {"candidate_labels": LABELS} if "candidate_labels" in task.parameters.model_fields else {}
    )
    parameters = task.parameters.model_validate(given)
    group = [adapter.encode(image, parameters) for image in (IMAGE, OTHER)]
    assert group[0].key == group[1].key
    together = [
        adapter.decode(raw, one, parameters)
        for raw, one in zip(adapter.forward(group), group, strict=True)
    ]
    for one, batched in zip(group, together, strict=True):
        alone = adapter.decode(adapter.forward([one])[0], one, parameters)
        assert rounded(batched) == rounded(alone)


def rounded(output: Any) -> Any:
    """Scores to three places; the order of a sum differs between groups."""
    if isinstance(output, np.ndarray):
        return np.round(output, 3).tolist()
    return [{**one, "score": round(one["score"], 3)} for one in output]


def test_detection_stops_on_disconnect(models: dict[str, Path]) -> None:
    name = "zero-shot-object-detection"
    adapter = load(launch.spec(name, models[f"{name}/grounding-dino"]))
    parameters = TASKS[name].parameters.model_validate({"candidate_labels": LABELS})
    disconnected = iter([False, True])
    prepared = replace(adapter.encode(IMAGE, parameters), stop=lambda: next(disconnected))
    with pytest.raises(ClientGone):
        adapter.forward([prepared])


def test_huggingface_client_classifies_by_labels(urls: dict[str, str]) -> None:
    client = InferenceClient(model=urls["zero-shot-image-classification"] + "/predict")
    found = client.zero_shot_image_classification(IMAGE, candidate_labels=LABELS)
    assert {one.label for one in found} == set(LABELS)
    assert sum(one.score for one in found) == pytest.approx(1, abs=1e-4)
