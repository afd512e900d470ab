"""llama.cpp's own server, from the package xllamacpp, with the same weights as a GGUF file."""

import json
import subprocess
import sys
from pathlib import Path

from backend.transport.http_connection import post
from benchmarks.peers.base import HERE, Launch, Peer
from benchmarks.processes import ROOT, environment

GGUF = "bf16.gguf"


def _command(launch: Launch) -> list[str | Path]:
    file = launch.model.parent / f"{launch.model.name}-{GGUF}"
    if not file.exists():
        subprocess.run(
            [sys.executable, "-m", "benchmarks.peers.llama_cpp.convert", launch.model, file],
            cwd=ROOT, env=environment(), check=True, timeout=300,
        )  # fmt: skip
    return [launch.python, HERE / "llama_cpp" / "server.py", file, str(launch.port)]


def _generate(prompt: str, count: int, model: Path) -> bytes:
    del model
    body = {
        "prompt": prompt, "n_predict": count, "stream": True, "temperature": 0,
        "ignore_eos": True, "cache_prompt": False,
    }  # fmt: skip
    return post("/completion", json.dumps(body).encode())


PEER = Peer(
    name="llama_cpp",
    kinds=("generation",),
    packages=("xllamacpp",),
    command=_command,
    generate=_generate,
)
