"""The example with huggingface_hub's InferenceClient, for tasks it has a method for."""

from collections.abc import Callable
from typing import Any, cast

from backend.pipeline.usage.example import Example, FileRef
from backend.pipeline.usage.python import literal

Fields = dict[str, Any]


def inference_client(example: Example) -> str | None:
    """A Python script; None if the client has no method for the task."""
    method = example.task.client_method
    if method is None:
        return None
    key = ', token=os.environ["API_KEY"]' if example.key else ""
    head = "import os\n\n" if example.key else ""
    call = f"client.{method}({', '.join(_arguments(example))})"
    end = f"print({call})\n"
    if example.saves == "answer.png":
        end = f'{call}.save("answer.png")\n'
    elif example.saves:
        end = f'with open("{example.saves}", "wb") as file:\n    file.write({call})\n'
    return (
        f"{head}from huggingface_hub import InferenceClient\n\n"
        f'client = InferenceClient(model="{example.endpoint}"{key})\n{end}'
    )


def _arguments(example: Example) -> list[str]:
    if example.file:
        return [literal(example.file.name)]
    body = example.body
    inputs = body.get("inputs")
    more = cast("Fields", body.get("parameters") or {})
    if example.task.parameters_at_root:
        more = {name: value for name, value in body.items() if name != "inputs"}
    if example.task.name in _OURS:
        more = {}
    named = _NAMES_OF.get(example.task.name, _as_they_are)(inputs)
    return [*_positional(inputs), *_keywords({**named, **more})]


def _positional(inputs: object) -> list[str]:
    return [] if isinstance(inputs, dict) else [literal(_path(inputs))]


def _keywords(values: Fields) -> list[str]:
    return [f"{name}={literal(_path(value))}" for name, value in values.items()]


def _path(value: object) -> object:
    """A file as its path, because the client reads files itself."""
    return value.name if isinstance(value, FileRef) else value


def _as_they_are(inputs: object) -> Fields:
    return cast("Fields", inputs) if isinstance(inputs, dict) else {}


def _similarity(inputs: object) -> Fields:
    fields = _as_they_are(inputs)
    return {"sentence": fields["source_sentence"], "other_sentences": fields["sentences"]}


# Parameters of these samples are Slipway's own; the client's method neither has nor needs them.
_OURS = frozenset({"text-to-speech", "document-question-answering"})
# Tasks for which the client's argument names differ from the fields of the request.
_NAMES_OF: dict[str, Callable[[object], Fields]] = {"sentence-similarity": _similarity}
