"""Data of `/info`: model, limits, versions and an example request."""

import base64
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from backend.domain.server import ServerSpec
from backend.inference.config import (
    MAX_AUDIO_SECONDS,
    MAX_BODY_BYTES,
    MAX_CHARACTERS,
    MAX_ITEMS,
    MAX_PIXELS,
    MAX_VIDEO_PIXELS,
    MAX_VIDEO_SECONDS,
)
from backend.inference.engine import Engine
from backend.tasks import TASKS

LARGEST_SAMPLE = 200_000
_PACKAGES = ("slipway-serve", "torch", "transformers", "tokenizers", "xllamacpp")


def info(spec: ServerSpec, engine: Engine) -> dict[str, Any]:
    """The response of `/info` except the example, whose URL depends on the client."""
    task = TASKS[spec.task]
    return {
        "deployment_id": spec.deployment_id,
        "name": spec.name,
        "version": spec.version,
        "generation": spec.generation,
        # Required by the Hub's clients.
        "model_id": spec.model_id,
        "sha": spec.commit,
        "parameters": spec.parameters,
        "task": task.name,
        "title": task.title,
        "modality": task.modality,
        "input": task.input,
        "output": task.output,
        "can_stream": task.can_stream,
        "engine": spec.engine,
        "device": spec.device,
        "dtype": spec.dtype,
        "threads": spec.threads,
        "limits": limits(spec),
        "model": engine.adapter.facts(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))}
        | {"python": platform.python_version()},
    }


def limits(spec: ServerSpec) -> dict[str, object]:
    """Limits of a request."""
    kind = TASKS[spec.task].carries
    media = {
        "json": {"max_characters": MAX_CHARACTERS},
        "image": {"max_pixels": MAX_PIXELS},
        "audio": {"max_seconds": MAX_AUDIO_SECONDS},
        "video": {"max_seconds": MAX_VIDEO_SECONDS, "max_pixels": MAX_VIDEO_PIXELS},
    }
    return {
        "max_inputs": MAX_ITEMS,
        "max_body_bytes": MAX_BODY_BYTES[kind],
        "max_queue": spec.max_queue,
        "timeout_seconds": spec.inference_timeout_seconds,
        **media[kind],
    }


def example(spec: ServerSpec, url: str) -> dict[str, object]:
    """A complete example request to `url`; media is in `body_base64`."""
    sample = TASKS[spec.task].sample(0)
    url = f"{url}/predict"
    shown: dict[str, object] = {
        "method": "POST", "path": "/predict", "content_type": sample.content_type,
    }  # fmt: skip
    if sample.content_type == "application/json":
        text = json.dumps(sample.shown)
        quoted = text.replace("'", "'\\''")
        curl = f"curl {url} -H 'Content-Type: application/json' -d '{quoted}'"
        return shown | {"body": sample.shown, "curl": curl}
    curl = f"curl {url} -H 'Content-Type: {sample.content_type}' --data-binary @FILE"
    body = _own_sample(spec, sample.content_type) or sample.body
    return shown | {"body_base64": base64.b64encode(body).decode(), "curl": curl}


def _own_sample(spec: ServerSpec, content_type: str) -> bytes | None:
    """The sample file of the model, as in the starters; more realistic than a generated one."""
    name = {"image/png": "sample.png", "audio/wav": "sample.wav"}.get(content_type)
    path = Path(spec.model_dir) / name if name else None
    if path is None or not path.is_file() or path.stat().st_size > LARGEST_SAMPLE:
        return None
    return path.read_bytes()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
