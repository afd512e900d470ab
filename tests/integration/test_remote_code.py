"""Code of a repository runs only with consent, and reaches nothing but the model's own files."""

import json
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from backend.sandbox import seal
from tests.fakes.attempts import ATTEMPTS, attempt
from tests.fakes.control_plane import HTTP, Plane, running_plane, until
from tests.fakes.hub import FakeHub
from tests.fakes.models import text_classification

CODE = """
from transformers import BertConfig, BertForSequenceClassification

for name, expression in {attempts!r}.items():
    print("attempt", name, int(eval(expression)), flush=True)


class OwnConfig(BertConfig):
    model_type = "own"


class OwnClassifier(BertForSequenceClassification):
    config_class = OwnConfig
"""


@pytest.fixture(scope="module")
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory, listener: int) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("plane")
    secret = folder / "secret"
    secret.write_text("secret")
    values = {
        "secret": str(secret), "folder": str(folder), "port": listener, "pid": os.getpid(),
        "elsewhere": str(folder / "elsewhere"),
    }  # fmt: skip
    attempts = {name: attempt(text.format(**values)) for name, text in ATTEMPTS.items()}
    attempts["allowed"] = attempt("__import__('tempfile').mkdtemp()")
    model = text_classification(folder / "models" / "acme" / "own")
    config = json.loads((model / "config.json").read_text())
    config |= {
        "model_type": "own", "architectures": ["OwnClassifier"],
        "auto_map": {
            "AutoConfig": "modeling_own.OwnConfig",
            "AutoModelForSequenceClassification": "modeling_own.OwnClassifier",
        },
    }  # fmt: skip
    (model / "config.json").write_text(json.dumps(config))
    (model / "modeling_own.py").write_text(CODE.format(attempts=attempts))
    with FakeHub(folder / "models") as hub, running_plane(folder, HF_ENDPOINT=hub.url) as started:
        yield started


def test_code_needs_consent(plane: Plane) -> None:
    body: dict[str, Any] = {"model_id": "acme/own"}
    found = HTTP.post(f"{plane.url}/api/v1/preflight", json=body).json()
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert blocked["problem_code"] == "remote-code"
    allowed = HTTP.post(
        f"{plane.url}/api/v1/preflight", json=body | {"allow": {"remote_code": True}}
    )
    assert allowed.json()["verdict"] == "warn"


@pytest.mark.skipif(
    not {"files", "system calls"} <= set(seal.kinds()), reason="this kernel has no Landlock"
)
def test_code_of_a_repository_reaches_nothing_and_serves(plane: Plane) -> None:
    plane.deploy("acme/own", name="own", source="hub", allow={"remote_code": True})
    running = plane.wait("own", "running", "failed")
    assert running["state"] == "running", running["problem"]
    response = HTTP.post(running["endpoint"], json={"inputs": "a wonderful day"})
    assert [one["label"] for one in response.json()[0]]
    found = outcomes(plane, "own")
    assert {name for name, succeeded in found.items() if succeeded} == {"allowed"}
    assert found.keys() == {*ATTEMPTS, "allowed"}
    # The sealed server still obeys: it is drained and ends.
    plane.verb("own", "pause")
    assert plane.wait("own", "paused")["endpoint"]
    HTTP.delete(f"{plane.url}/api/v1/deployments/own")


def outcomes(plane: Plane, name: str) -> dict[str, bool]:
    """The lines of the server's log that the code wrote."""

    def read() -> dict[str, bool] | None:
        text = HTTP.get(f"{plane.url}/api/v1/deployments/{name}/logs").text
        lines = [
            line.split("attempt ", 1)[1].split()[:2]
            for line in text.splitlines()
            if "attempt " in line
        ]
        return {word: outcome.startswith("1") for word, outcome in lines} or None

    return until(read, "the log of the server")
