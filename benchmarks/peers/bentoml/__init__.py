"""BentoML with adaptive batches of up to 32."""

import json
from pathlib import Path

from backend.transport.http_connection import post
from benchmarks.peers.base import HERE, Launch, Peer


def _command(launch: Launch) -> list[str | Path]:
    return [
        "env", f"BENCH_MODEL={launch.model}", launch.python, "-m", "bentoml", "serve",
        "server:Embeddings", "--working-dir", HERE / "bentoml", "--host", "127.0.0.1",
        "--port", str(launch.port),
    ]  # fmt: skip


PEER = Peer(
    name="bentoml",
    kinds=("embeddings",),
    packages=("bentoml>=1.4.39",),
    command=_command,
    embed=lambda text: post("/encode", json.dumps({"texts": [text]}).encode()),
)
