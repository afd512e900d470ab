"""A model that cannot be deployed fails quickly with a specific code and a remedy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane, until
from tests.fakes.hub import FakeHub, Fault
from tests.fakes.models import big_llama, text_classification, unsafe_pickle

# What a person may wait for a refusal, by the deployment's own clock.
QUICK_SECONDS = 5.0


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    """A Hub with one good model and several that can't be had."""
    folder = tmp_path_factory.mktemp("models")
    good = text_classification(folder / "good")
    with FakeHub() as served:
        served.add("tiny/good", good)
        served.add("tiny/gated", good, gated="auto")
        served.add("tiny/damaged", good)
        served.fault(Fault("wrong", "*tiny/damaged*model.safetensors"))
        served.add("tiny/pickle", unsafe_pickle(folder / "pickle"))
        converted = served.add("tiny/converted", unsafe_pickle(folder / "pickle2"))
        converted.commit_folder(good, "refs/pr/1")
        served.add("tiny/large", big_llama(folder / "large", 30_000_000))
        yield served


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory, hub: FakeHub) -> Iterator[Plane]:
    """A control plane with little room, so that refusals are cheap."""
    folder = tmp_path_factory.mktemp("plane")
    with stub_plane(folder, HF_ENDPOINT=hub.url, MAX_MODEL_SIZE_GB="0.02") as started:
        yield started


def failed(plane: Plane, model_id: str, **more: Any) -> dict[str, Any]:
    """The problem that the deployment ends with."""
    made = plane.deploy(model_id, source="hub", **more)
    until(lambda: plane.get(made["id"])["state"] == "failed", "the failure")
    shown = plane.get(made["id"])
    assert shown["progress"]["elapsed_seconds"] < QUICK_SECONDS
    assert plane.events(made["id"])[-1]["details"]["problem"] == shown["problem"]
    return shown["problem"]


@pytest.mark.parametrize(
    ("model_id", "code", "step"),
    [
        ("tiny/missing", "model-not-found", "validate"),
        ("tiny/gated", "model-gated", "validate"),
        ("tiny/pickle", "unsafe-format", "validate"),
        ("tiny/large", "model-too-large", "validate"),
        ("tiny/damaged", "corrupt-file", "download"),
    ],
)
def test_unavailable_model_fails_with_specific_code(
    plane: Plane, model_id: str, code: str, step: str
) -> None:
    problem = failed(plane, model_id)
    assert (problem["code"], problem["step"]) == (code, step)
    assert problem["remedy"]
    assert "{" not in problem["remedy"]


def test_safetensors_revision_of_pickle_model_is_offered_and_works(plane: Plane) -> None:
    problem = failed(plane, "tiny/converted", name="converted")
    assert "argparse.Namespace" in problem["detail"]
    assert "refs/pr/1" in problem["remedy"]
    response = plane.verb("converted", "retry", revision="refs/pr/1")
    assert response.status_code == 202, response.text
    assert plane.wait("converted", "running")["version"] == 2


def test_preflight_reports_same_problem_without_starting(plane: Plane) -> None:
    body = {"model_id": "tiny/pickle"}
    verdict = HTTP.post(f"{plane.url}/api/v1/preflight", json=body).json()
    assert verdict["verdict"] == "block"
    [blocked] = [item for item in verdict["items"] if item["verdict"] == "block"]
    assert (blocked["problem_code"], bool(blocked["remedy"])) == ("unsafe-format", True)
    fine = HTTP.post(
        f"{plane.url}/api/v1/preflight", json={"model_id": "tiny/good"}, timeout=30
    ).json()
    assert fine["verdict"] == "ok", fine


def test_gated_model_can_be_deployed_with_token(plane: Plane, hub: FakeHub) -> None:
    hub.repos["tiny/gated"].readers.add("hf_" + "r" * 20)
    put = HTTP.put(
        f"{plane.url}/api/v1/system/hub-token", json={"token": "hf_" + "r" * 20}, timeout=30
    )
    assert put.json()["has_token"] is True
    assert "hf_" not in put.text
    plane.deploy("tiny/gated", source="hub", name="opened")
    plane.wait("opened", "running")
    removed = HTTP.put(f"{plane.url}/api/v1/system/hub-token", json={"token": None})
    assert removed.json()["has_token"] is False


def test_port_in_use_is_reported(plane: Plane) -> None:
    plane.deploy("tiny/good", source="hub", name="first")
    port = plane.wait("first", "running")["port"]
    assert failed(plane, "tiny/good", name="second", serving={"port": port})["code"] == "port-taken"


def test_unreachable_hub_is_reported_and_starters_stay(tmp_path: Path) -> None:
    with stub_plane(tmp_path / "plane") as alone:
        gone = HTTP.get(f"{alone.url}/api/v1/models?source=hub&search=bert")
        assert (gone.status_code, gone.json()["code"]) == (503, "hub-unreachable")
        starters = HTTP.get(f"{alone.url}/api/v1/models?source=starter").json()
        assert {card["id"] for card in starters["items"]} >= {"sentiment", "digits"}
        assert failed(alone, "some/model")["code"] == "hub-unreachable"
