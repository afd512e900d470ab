"""What is checked for each model: agreement, batching, streams and memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from backend.tasks import TASKS
from backend.transport.http_connection import post
from benchmarks.client import run_for
from benchmarks.gpu.agreement import Agreement, agreement
from benchmarks.gpu.device import memory_bytes
from tests.fakes.control_plane import HTTP, Plane

INPUTS, TOKENS = 16, 24
MANY = 16
LEAST_SAME, MOST_ERROR = 1.0, 0.02
# Random weights have almost equal logits, so that greedy tokens differ sooner than in a real model.
LEAST_WORDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Row:
    """Figures of one model on the device; rates in requests per second, memory in bytes."""

    model: str
    device: str
    dtype: str
    agreement: Agreement
    one: float
    many: float
    cpu_one: float
    streamed: int | None
    memory: int | None
    estimate: int | None
    errors: int

    @property
    def problems(self) -> list[str]:
        """What is wrong; empty if all is well."""
        least = LEAST_WORDS if self.streamed is not None else LEAST_SAME
        return [
            text
            for is_wrong, text in (
                (self.agreement.same < least, f"only {self.agreement.same:.2f} are the same"),
                (self.agreement.score_error > MOST_ERROR, "scores differ"),
                (self.errors > 0, f"{self.errors} requests failed"),
                (self.streamed == 0, "no token was streamed"),
                (self.many < self.one, "many requests at a time are slower than one"),
            )
            if is_wrong
        ]


@dataclass(frozen=True)
class Deployed:
    """A running deployment of a model."""

    plane: Plane
    value: dict[str, Any]

    def answers(self, bodies: list[tuple[bytes, str]]) -> list[Any]:
        """Responses to all requests, one after the other."""
        return [
            HTTP.post(
                self.value["endpoint"], content=body, headers={"content-type": kind}
            ).raise_for_status().json()
            for body, kind in bodies
        ]  # fmt: skip

    def rate(self, body: bytes, kind: str, concurrency: int, seconds: float) -> tuple[float, int]:
        """Successful requests per second, and failed ones."""
        request = post("/predict", body, kind)
        run_for(self.value["port"], request, concurrency, seconds / 4)
        load = run_for(self.value["port"], request, concurrency, seconds)
        return load.rate, load.errors

    def streamed(self, body: bytes) -> int:
        """Number of tokens that arrive as a stream."""
        content = json.dumps(json.loads(body) | {"stream": True})
        url, headers = self.value["endpoint"], {"content-type": "application/json"}
        with HTTP.stream("POST", url, content=content, headers=headers) as response:
            lines = [line for line in response.iter_lines() if line.startswith("data:")]
        return sum('"token"' in line for line in lines)

    def delete(self) -> None:
        """Delete it; its server ends."""
        HTTP.delete(f"{self.plane.url}/api/v1/deployments/{self.value['id']}")


def check(plane: Plane, model: str, source: str, task: str, device: str, seconds: float) -> Row:
    """Serve a model on the CPU in float32 and on the device, and compare."""
    bodies = [requests_of(task, seed) for seed in range(INPUTS)]
    usual = _deployed(plane, model, source, task, {"device": "cpu", "dtype": "float32"})
    expected = usual.answers(bodies)
    cpu_one, _ = usual.rate(*bodies[0], 1, seconds / 2)
    usual.delete()
    own = _deployed(plane, model, source, task, {"device": device})
    found = own.answers(bodies)
    one, failed = own.rate(*bodies[0], 1, seconds)
    many, failed_too = own.rate(*bodies[0], MANY, seconds)
    is_text = task == "text-generation"
    row = Row(
        model=model, device=own.value["receipt"]["device"], dtype=own.value["receipt"]["dtype"],
        agreement=agreement(task, expected, found), one=one, many=many, cpu_one=cpu_one,
        streamed=own.streamed(bodies[0][0]) if is_text else None,
        memory=memory_bytes(plane.server_pids()), errors=failed + failed_too,
        estimate=(own.value.get("memory") or {}).get("estimated_bytes"),
    )  # fmt: skip
    own.delete()
    return row


def requests_of(task: str, seed: int) -> tuple[bytes, str]:
    """Body and content type of a sample; texts are generated greedily."""
    sample = TASKS[task].sample(seed)
    if task != "text-generation":
        return sample.body, sample.content_type
    parameters = {"max_new_tokens": TOKENS, "do_sample": False}
    body = json.loads(sample.body) | {"parameters": parameters}
    return json.dumps(body).encode(), sample.content_type


def _deployed(
    plane: Plane, model: str, source: str, task: str, hardware: dict[str, Any]
) -> Deployed:
    accepted = plane.deploy(
        model, source=source, task=task, name=f"{model}-{hardware['device'].replace(':', '-')}",
        hardware=hardware,
    )  # fmt: skip
    running = plane.wait(accepted["id"], "running", "failed")
    if running["state"] != "running":
        raise RuntimeError(f"{model}: {running['problem']}")
    return Deployed(plane, running)
