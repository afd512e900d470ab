"""Custom handlers (handler.py) run with consent only, sealed, as the Hub's toolkit calls them."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.sandbox import seal
from backend.tasks.samples import png
from tests.fakes.attempts import ATTEMPTS, attempt
from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub
from tests.fakes.models import text_classification

CONSENT: dict[str, Any] = {"allow": {"remote_code": True}}
# Weights in a format of its own, a helper module beside it, and a result of numpy.
OWN = """
import json
from pathlib import Path

import numpy as np
from helper import loud
from PIL import Image

for name, expression in {attempts!r}.items():
    print("attempt", name, int(eval(expression)), flush=True)


class EndpointHandler:
    def __init__(self, path=""):
        self.words = json.loads((Path(path) / "words.weights").read_text())

    def __call__(self, data):
        inputs = data.pop("inputs")
        if isinstance(inputs, Image.Image):
            return {{"size": inputs.size}}
        if inputs == "picture":
            return Image.new("RGB", (3, 2))
        if inputs == "object":
            return object()
        if inputs == "fail":
            raise RuntimeError("the model is broken")
        counts = np.array([inputs.count(word) for word in self.words], dtype=np.float32)
        return [{{"label": loud(word), "score": score, "rest": data}}
                for word, score in zip(self.words, counts)]
"""
USUAL = """
class EndpointHandler:
    def __init__(self, path=""):
        from transformers import pipeline
        self.pipeline = pipeline("text-classification", model=path)

    def __call__(self, data):
        return [{"own": True, **one} for one in self.pipeline(data["inputs"])]
"""
REJECTED = {
    "needs_more": ("model-not-supported", "handler.py imports no_such_library"),
    "no_class": ("model-not-supported", "no class EndpointHandler"),
    "no_python": ("corrupt-model", "not valid Python"),
    "no_task": ("unknown-task", "does not determine the task"),
}


def write(folder: Path, code: str, tag: str | None = "text-classification") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "handler.py").write_text(code)
    (folder / "hub.json").write_text(json.dumps({"pipeline_tag": tag} if tag else {}))


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("plane")
    secret, root = folder / "secret", folder / "models" / "acme"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        values = {
            "secret": str(secret), "folder": str(folder), "port": listener.getsockname()[1],
            "pid": os.getpid(), "elsewhere": str(folder / "elsewhere"),
        }  # fmt: skip
        attempts = {name: attempt(text.format(**values)) for name, text in ATTEMPTS.items()}
        write(root / "own", OWN.format(attempts=attempts))
        (root / "own" / "helper.py").write_text("def loud(word):\n    return word.upper()\n")
        (root / "own" / "words.weights").write_text('["good", "bad"]')
        text_classification(root / "usual")
        write(root / "usual", USUAL)
        write(root / "needs_more", "import no_such_library\n" + USUAL)
        write(root / "no_class", "import json\n")
        write(root / "no_python", "class EndpointHandler(:\n")
        write(root / "no_task", USUAL, tag=None)
        with FakeHub(folder / "models") as hub, running_plane(folder, HF_ENDPOINT=hub.url) as one:
            yield one


@pytest.fixture(scope="module")
def own(plane: Plane) -> dict[str, Any]:
    plane.deploy("acme/own", name="own", source="hub", **CONSENT)
    running = plane.wait("own", "running", "failed")
    assert running["state"] == "running", running["problem"]
    return running


def test_handler_needs_consent(plane: Plane) -> None:
    found = plane.preflight("acme/own")
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert blocked["problem_code"] == "remote-code"
    allowed = plane.preflight("acme/own", **CONSENT)
    assert allowed["verdict"] == "warn"
    items = {item["code"]: item for item in allowed["items"]}
    assert items["engine"]["detail"] == "handler.py of the repository"
    assert "read by handler.py" in items["format"]["detail"]


def test_body_is_passed_whole_and_result_is_returned(own: dict[str, Any]) -> None:
    body = {"inputs": "good good bad", "own": 1, "parameters": {"top_k": 2}}
    rest = {"own": 1, "parameters": {"top_k": 2}}
    response = HTTP.post(own["endpoint"], json=body)
    assert response.json() == [
        {"label": "GOOD", "score": 2.0, "rest": rest}, {"label": "BAD", "score": 1.0, "rest": rest},
    ]  # fmt: skip
    image = HTTP.post(own["endpoint"], content=png(1), headers={"Content-Type": "image/png"})
    assert image.json() == {"size": [64, 64]}
    made = HTTP.post(own["endpoint"], json={"inputs": "picture"})
    assert made.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("inputs", "status", "reason"),
    [
        (7, 422, "AttributeError"),
        ("fail", 424, "RuntimeError: the model is broken"),
        ("object", 424, "not JSON"),
    ],
)
def test_errors_of_the_code_are_reported(
    inputs: object, status: int, reason: str, own: dict[str, Any]
) -> None:
    response = HTTP.post(own["endpoint"], json={"inputs": inputs})
    assert response.status_code == status, response.text
    assert reason in response.json()["detail"]
    assert HTTP.post(own["endpoint"], json={"inputs": "good"}).status_code == 200


@pytest.mark.skipif(
    not {"files", "system calls"} <= set(seal.kinds()), reason="this kernel has no Landlock"
)
def test_handler_reaches_nothing(plane: Plane, own: dict[str, Any]) -> None:
    logs = HTTP.get(f"{plane.url}/api/v1/deployments/{own['name']}/logs").text
    attempted = logs.replace("\\n", "\n").split("attempt ")[1:]
    outcomes = dict(line.split()[:2] for line in attempted)
    assert set(outcomes) == set(ATTEMPTS)
    assert {name for name, outcome in outcomes.items() if outcome.startswith("1")} == set()


def test_library_class_is_preferred_and_the_handler_can_be_requested(plane: Plane) -> None:
    items = {item["code"]: item for item in plane.preflight("acme/usual")["items"]}
    assert items["engine"]["detail"] == "PyTorch"
    assert "which is not used" in items["code"]["detail"]
    hardware = {"engine": "handler"}
    plane.deploy("acme/usual", name="usual", source="hub", hardware=hardware, **CONSENT)
    running = plane.wait("usual", "running", "failed")
    assert running["state"] == "running", running["problem"]
    [found] = HTTP.post(running["endpoint"], json={"inputs": "a film"}).json()
    assert found["own"] is True


@pytest.mark.parametrize("shape", REJECTED)
def test_unusable_handler_is_rejected_before_the_download(shape: str, plane: Plane) -> None:
    code, reason = REJECTED[shape]
    found = plane.preflight(f"acme/{shape}", **CONSENT)
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert (blocked["problem_code"], bool(blocked["remedy"])) == (code, True)
    assert reason in blocked["detail"]
    plane.deploy(f"acme/{shape}", name=shape.replace("_", "-"), source="hub", **CONSENT)
    failed = plane.wait(shape.replace("_", "-"), "running", "failed")
    assert (failed["problem"]["step"], failed["problem"]["code"]) == ("validate", code)
