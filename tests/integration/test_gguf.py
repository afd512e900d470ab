"""Repositories with GGUF files through a whole control plane: what is chosen, said and served.

llama.cpp is not installed here: it comes from the package registry, as for a user.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from tests.fakes.control_plane import HTTP, Plane, running_plane, until
from tests.fakes.hub import FakeHub

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "once upon a time the"
HELLO: Any = [{"role": "user", "content": "hi"}]
REJECTED = {
    "encoder": ("model-not-supported", "computes embeddings"),
    "lora": ("model-not-supported", "its general.type is 'adapter'"),
    "unknown": ("model-not-supported", "no architecture 'llama99'"),
    "cut_header": ("corrupt-model", "truncated"), "cut_tensors": ("corrupt-model", "truncated"),
    "html": ("corrupt-model", "does not start as one"), "old": ("model-not-supported", "version 1"),
    "big_endian": ("model-not-supported", "big-endian"),
    "bomb": ("corrupt-model", "too many entries"),
    "missing_part": ("unsupported-format", "parts of it are missing"),
    "renamed_part": ("missing-files", "is split into 3 files; 1 are there"),
    "other_quantization": ("model-not-supported", "eetq"),
    "only_mmproj": ("unsupported-format", "No GGUF file is a whole model"),
}  # fmt: skip


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("gguf")
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.gguf_models", str(root)]
    subprocess.run(build, cwd=ROOT, check=True)
    return root


@pytest.fixture(scope="module")
def hub(repositories: Path) -> Iterator[FakeHub]:
    with FakeHub(repositories) as running:
        yield running


@pytest.fixture(scope="module")
def plane(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("plane")
    with running_plane(folder, HF_ENDPOINT=hub.url) as started:
        yield started


def expected(repositories: Path, prompt: str, count: int) -> str:
    """What transformers generates."""
    folder = repositories / "torch"
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer(prompt, return_tensors="pt")
    with torch.no_grad():
        made = model.generate(**tokens, max_new_tokens=count, do_sample=False)[0]
    return tokenizer.decode(made[tokens["input_ids"].shape[1] :], skip_special_tokens=True)


def deployed(plane: Plane, shape: str, name: str, **more: Any) -> dict[str, Any]:
    """A running deployment that preflight accepted."""
    found = plane.preflight(f"acme/{shape}", **more)
    assert [item for item in found["items"] if item["verdict"] == "block"] == []
    plane.deploy(f"acme/{shape}", name=name, source="hub", **more)
    running = plane.wait(name, "running", "failed")
    assert running["state"] == "running", running["problem"]
    return running | {"items": {item["code"]: item for item in found["items"]}}


def sockets(plane: Plane) -> set[Path]:
    """Of the servers of llama.cpp."""
    return set(plane.folder.glob("storage/run/srv_*/own/llama-*/server.sock"))


def generated(running: dict[str, Any], prompt: Any = PROMPT, **parameters: Any) -> Any:
    body = {"inputs": prompt, "parameters": {"max_new_tokens": 24, **parameters}}
    response = HTTP.post(running["endpoint"], json=body)
    assert response.status_code == 200, response.text
    return response.json()[0]


@pytest.fixture(scope="module")
def tiny(plane: Plane) -> dict[str, Any]:
    """In full precision, to compare it with transformers."""
    return deployed(plane, "tiny-GGUF", "tiny", hardware={"quantization": "F32"})


@pytest.mark.slow
def test_full_precision_answers_as_transformers_does(
    tiny: dict[str, Any], repositories: Path, hub: FakeHub
) -> None:
    assert "tiny-F32.gguf, in F32" in tiny["items"]["engine"]["detail"]
    assert "Q8_0, Q4_0" in tiny["items"]["engine"]["detail"].replace("Q4_0, Q8_0", "Q8_0, Q4_0")
    assert "gguf" in tiny["items"]["libraries"]["detail"]
    assert tiny["receipt"] | {"engine": "llama.cpp", "dtype": "F32"} == tiny["receipt"]
    assert tiny["model"]["task"] == "text-generation"
    text = expected(repositories, PROMPT, 24)
    assert generated(tiny)["generated_text"] == text
    assert generated(tiny, return_full_text=True)["generated_text"] == PROMPT + text
    sizes = {"tiny-Q8_0.gguf": 0, "tiny-Q4_0.gguf": 0}
    whole = (repositories / "acme" / "tiny-GGUF" / "tiny-F32.gguf").stat().st_size
    assert {name: hub.sent(name) for name in sizes} == sizes, "only the chosen file is read"
    assert hub.sent("tiny-F32.gguf") < 6 * whole
    details = generated(tiny, details=True)["details"]
    assert (details["finish_reason"], details["generated_tokens"]) == ("length", 24)
    assert "".join(token["text"] for token in details["tokens"]) == text
    assert all(token["logprob"] < 0 for token in details["tokens"])


@pytest.mark.slow
def test_stream_stop_and_sampling(tiny: dict[str, Any], repositories: Path) -> None:
    text = expected(repositories, PROMPT, 24)
    body = {"inputs": PROMPT, "stream": True, "parameters": {"max_new_tokens": 24}}
    response = HTTP.post(tiny["endpoint"], json=body)
    lines = [line.removeprefix("data:") for line in response.text.splitlines() if line]
    events = [json.loads(line) for line in lines]
    assert "".join(event["token"]["text"] for event in events) == text
    assert [event["generated_text"] for event in events] == [None] * 23 + [text]
    stop = text[5:8]
    stopped = generated(tiny, stop=[stop], details=True)
    assert stopped["generated_text"] == text[: text.index(stop)]
    assert stopped["details"]["finish_reason"] == "stop_sequence"
    ended = generated(tiny, stop_strings=stop)
    assert ended["generated_text"] == text[: text.index(stop) + 3]
    drawn = [generated(tiny, temperature=2.0, seed=3)["generated_text"] for _ in range(2)]
    assert drawn[0] == drawn[1] != text
    several = HTTP.post(
        tiny["endpoint"],
        json={"inputs": PROMPT, "parameters": {"do_sample": True, "num_return_sequences": 3}},
    ).json()
    assert len(several) == 3
    first = generated(tiny, max_new_tokens=1, details=True)["details"]["tokens"][0]
    biased = generated(tiny, max_new_tokens=1, sequence_bias=[[[first["id"]], -1000.0]])
    assert biased["generated_text"] != first["text"]


@pytest.mark.slow
def test_conversations_use_the_template_of_the_file(
    tiny: dict[str, Any], repositories: Path
) -> None:
    text = expected(repositories, "user: hi\nassistant: ", 16)
    assert generated(tiny, HELLO, max_new_tokens=16)["generated_text"] == text
    chat = f"{tiny['endpoint'].removesuffix('/predict')}/v1/chat/completions"
    body = {"messages": HELLO, "max_tokens": 16, "temperature": 0}
    made = HTTP.post(chat, json=body).json()
    assert made["choices"][0]["message"]["content"] == text
    assert made["choices"][0]["finish_reason"] == "length"
    assert made["usage"]["completion_tokens"] == 16
    lines = HTTP.post(chat, json=body | {"stream": True}).text.split("\n\n")
    chunks = [
        json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")
    ]
    deltas = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks]
    assert "".join(deltas) == text
    refused = HTTP.post(tiny["endpoint"], json={"inputs": [{"role": "tool", "content": "x"}]})
    assert refused.status_code == 422
    assert "No tools." in refused.json()["detail"]


@pytest.mark.slow
def test_requests_are_processed_together(tiny: dict[str, Any]) -> None:
    def ask(number: int) -> str:
        return generated(tiny, f"{PROMPT} {number}")["generated_text"]

    alone = [ask(number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == alone
    info = HTTP.get(tiny["endpoint"].removesuffix("/predict") + "/info").json()
    assert info["model"]["parallel_requests"] == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"num_beams": 2}, "num_beams"),
        ({"no_repeat_ngram_size": 2}, "no_repeat_ngram_size"),
        ({"bad_words_ids": [[1, 2]]}, "single tokens"),
        ({"suppress_tokens": [100_000]}, "token ids"),
        ({"max_new_tokens": 300}, "at most 256 together"),
    ],
)
def test_what_llama_cpp_lacks_is_rejected(
    parameters: dict[str, Any], reason: str, tiny: dict[str, Any]
) -> None:
    body = {"inputs": PROMPT, "parameters": parameters}
    response = HTTP.post(tiny["endpoint"], json=body)
    assert response.status_code == 422, response.text
    assert reason in response.json()["detail"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "request_", "file"),
    [
        ("tiny-GGUF", {}, "tiny-Q8_0.gguf"),
        ("split", {}, "Q8_0/tiny-Q8_0-00001-of-00003.gguf"),
        ("plain", {}, "ggml-model.gguf"),
        ("both", {"hardware": {"engine": "llama.cpp"}}, "both-Q8_0.gguf"),
    ],
)
def test_layouts_are_served(
    shape: str, request_: dict[str, Any], file: str, plane: Plane, repositories: Path
) -> None:
    before = sockets(plane)
    running = deployed(plane, shape, f"layout-{shape.lower()}", **request_)
    assert f"loads {file}," in running["items"]["engine"]["detail"]
    info = HTTP.get(running["endpoint"].removesuffix("/predict") + "/info").json()
    assert (info["engine"], info["model"]["file"]) == ("llama.cpp", file)
    assert info["model"]["has_chat_template"] == (shape != "plain")
    text = expected(repositories, PROMPT, 1)
    assert generated(running, max_new_tokens=1)["generated_text"] == text
    [socket] = sockets(plane) - before
    assert socket.parent.stat().st_mode & 0o077 == 0, "no other user may reach it"
    HTTP.delete(f"{plane.url}/api/v1/deployments/{running['name']}")
    until(lambda: not socket.parent.exists(), "its folder to be removed")


def test_gguf_files_are_offered_for_a_quantization_that_cannot_be_loaded(plane: Plane) -> None:
    found = plane.preflight("acme/other_quantization")
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert "acme/tiny, its base model" in blocked["remedy"]
    assert "acme/tiny-GGUF, which has it in GGUF files" in blocked["remedy"]


def test_torch_stays_the_usual_engine(plane: Plane) -> None:
    items = {item["code"]: item for item in plane.preflight("acme/both")["items"]}
    assert items["engine"]["detail"] == "PyTorch"


@pytest.mark.parametrize("shape", REJECTED)
def test_unusable_files_are_rejected_before_the_download(
    shape: str, plane: Plane, hub: FakeHub
) -> None:
    code, reason = REJECTED[shape]
    response = HTTP.post(f"{plane.url}/api/v1/preflight", json={"model_id": f"acme/{shape}"})
    [blocked] = [item for item in response.json()["items"] if item["verdict"] == "block"]
    assert blocked["problem_code"] == code
    assert reason in blocked["detail"]
    assert blocked["remedy"]
    plane.deploy(f"acme/{shape}", name=shape.replace("_", "-"), source="hub")
    failed = plane.wait(shape.replace("_", "-"), "running", "failed")
    assert (failed["problem"]["step"], failed["problem"]["code"]) == ("validate", code)
    assert failed["problem"]["detail"] == blocked["detail"]


@pytest.mark.parametrize(
    ("shape", "hardware", "reason"),
    [
        ("tiny-GGUF", {"quantization": "Q5_K_M"}, "no GGUF file in Q5_K_M"),
        ("tiny-GGUF", {"dtype": "float16"}, "precision of a GGUF file"),
        ("tiny-GGUF", {"engine": "torch"}, "runs on llama.cpp only"),
        ("both", {"quantization": "Q8_0"}, "chooses a GGUF file"),
    ],
)
def test_impossible_hardware_is_rejected(
    shape: str, hardware: dict[str, Any], reason: str, plane: Plane
) -> None:
    found = plane.preflight(f"acme/{shape}", hardware=hardware)
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert blocked["problem_code"] == "unsupported-option"
    assert reason in blocked["detail"]


def test_model_page_lists_the_quantizations(plane: Plane) -> None:
    detail = HTTP.get(f"{plane.url}/api/v1/models/hub/acme/tiny-GGUF").json()
    names = [one["quantization"] for one in detail["gguf"]["variants"]]
    assert names == ["Q4_0", "Q8_0", "F32"]
