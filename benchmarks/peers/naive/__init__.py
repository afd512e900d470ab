"""The server that tutorials teach: FastAPI around the library, one call per request, float32."""

import json
from pathlib import Path

from backend.transport.http_connection import post
from benchmarks.peers.base import Peer, server_file


def _generate(prompt: str, count: int, model: Path) -> bytes:
    del model
    return post("/generate", json.dumps({"inputs": prompt, "new_tokens": count}).encode())


PEER = Peer(
    name="naive",
    kinds=("embeddings", "generation"),
    command=server_file("naive"),
    generate=_generate,
)
