"""`transformers serve` with continuous batching, over OpenAI's completions as a stream."""

import json
from pathlib import Path

from backend.transport.http_connection import post
from benchmarks.peers.base import Launch, Peer


def _command(launch: Launch) -> list[str | Path]:
    return [
        launch.python, "-c", "from transformers.cli.transformers import main; main()",
        "serve", launch.model,
        "--host", "127.0.0.1", "--port", str(launch.port), "--device", "cpu",
        "--continuous-batching", "--cb-num-blocks", "256", "--cb-max-batch-tokens", "512",
    ]  # fmt: skip


def _generate(prompt: str, count: int, model: Path) -> bytes:
    body = {
        "model": str(model), "messages": [{"role": "user", "content": prompt}], "stream": True,
        "max_tokens": count, "temperature": 0,
    }  # fmt: skip
    return post("/v1/chat/completions", json.dumps(body).encode())


PEER = Peer(
    name="transformers_serve",
    kinds=("generation",),
    packages=("transformers[serving]",),
    command=_command,
    generate=_generate,
)
