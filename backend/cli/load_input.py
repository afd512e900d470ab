"""The file of a load test: request bodies in JSON, or an image, a sound or a video."""

import base64
import json
import mimetypes
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from backend.domain.load_test import LoadTestRequest
from backend.errors.cli import UnusableFile

_JSON = frozenset({".json", ".jsonl", ".ndjson"})


def load_request(concurrency: int, seconds: int, path: Path | None) -> LoadTestRequest:
    """The request with what is in the file. Raises UnusableFile."""
    fields: dict[str, Any] = {"concurrency": concurrency, "seconds": seconds}
    if path is not None:
        fields |= _input(path)
    try:
        return LoadTestRequest.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnusableFile(f"{path}: {place}: {first['msg']}.") from error


def _input(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusableFile(f"{path} could not be read: {error.strerror}.") from error
    if path.suffix.lower() in _JSON:
        return {"inputs": _bodies(path, content)}
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith(("image/", "audio/", "video/")):
        raise UnusableFile(f"{path}: the extension names no JSON, image, audio or video file.")
    encoded = base64.b64encode(content).decode()
    return {"file": {"content_type": kind, "content": encoded}}


def _bodies(path: Path, content: bytes) -> list[Any]:
    """One request body, a list of them, or one in each line."""
    try:
        if path.suffix.lower() != ".json":
            return [json.loads(line) for line in content.splitlines() if line.strip()]
        parsed: Any = json.loads(content)
    except ValueError as error:
        raise UnusableFile(f"{path} is not valid JSON: {error}.") from error
    return cast("list[Any]", parsed) if isinstance(parsed, list) else [parsed]
