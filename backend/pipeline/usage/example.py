"""A request as data; each module beside this one writes it in one language."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from backend.domain.model import ModelFacts
from backend.tasks import Sample, Task

# Base64 text longer than this is a file; the sentences of samples are shorter.
SHORTEST_FILE = 400


@dataclass(frozen=True)
class FileRef:
    """A file in the user's working directory: `name` on disk, `variable` in a program."""

    name: str
    variable: str


@dataclass(frozen=True, kw_only=True)
class Example:
    """Either `file` is the request body, or `body`, with a FileRef in place of a file's base64.

    `key`: whether an API key is required.
    """

    task: Task
    model: ModelFacts
    endpoint: str
    content_type: str
    key: bool
    file: FileRef | None = None
    body: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def saves(self) -> str | None:
        """File name for a response that is not JSON, else None."""
        return {"audio": "answer.wav", "image": "answer.png"}.get(self.task.output)

    def files(self) -> list[FileRef]:
        """Files inside the body, in order, each once."""
        found: list[FileRef] = []
        walk(self.body, lambda ref: found.append(ref) if ref not in found else None)
        return found


def example_of(task: Task, model: ModelFacts, sample: Sample, endpoint: str, key: bool) -> Example:
    """Build the example from a sample of the task."""
    if task.input == "json":
        body = _with_refs(sample.shown, {})
        return Example(
            task=task, model=model, endpoint=endpoint, content_type="application/json", key=key,
            body=cast("dict[str, object]", body),
        )  # fmt: skip
    name, variable = _NAMES[task.input]
    return Example(
        task=task, model=model, endpoint=endpoint, content_type=sample.content_type, key=key,
        file=FileRef(name, variable),
    )  # fmt: skip


_NAMES = {
    "image": ("photo.png", "photo"),
    "audio": ("sound.wav", "sound"),
    "video": ("clip.gif", "clip"),
}
_KINDS = ((b"\x89PNG", "image"), (b"RIFF", "audio"), (b"GIF8", "video"))


def walk(value: object, visit: Callable[[FileRef], object]) -> None:
    """Call `visit` for each FileRef in a body."""
    if isinstance(value, FileRef):
        visit(value)
    elif isinstance(value, dict):
        for child in cast("dict[str, object]", value).values():
            walk(child, visit)
    elif isinstance(value, list):
        for child in cast("list[object]", value):
            walk(child, visit)


def _with_refs(value: object, known: dict[str, FileRef]) -> object:
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {name: _with_refs(child, known) for name, child in items}
    if isinstance(value, list):
        return [_with_refs(child, known) for child in cast("list[object]", value)]
    if isinstance(value, str) and len(value) > SHORTEST_FILE and (kind := _kind(value)):
        return known.setdefault(value, _named(kind, len(known)))
    return value


def _kind(text: str) -> str | None:
    """The media type of base64 text, or None if it is not a known file."""
    try:
        head = base64.b64decode(text.rpartition("base64,")[2][:16], validate=True)
    except binascii.Error:
        return None
    return next((kind for magic, kind in _KINDS if head.startswith(magic)), None)


def _named(kind: str, before: int) -> FileRef:
    name, variable = _NAMES[kind]
    if not before:
        return FileRef(name, variable)
    stem, _, ending = name.rpartition(".")
    return FileRef(f"{stem}-{before + 1}.{ending}", f"{variable}_{before + 1}")
