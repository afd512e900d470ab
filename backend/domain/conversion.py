"""Messages of the conversion worker: its job on stdin, its lines on stdout."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value

# In the metadata of a converted file: names of tensors that it has under another name, as JSON.
SHARED = "slipway.shared"


class ConversionJob(Value):
    """Pickle files to convert to safetensors."""

    source: str = Field(description="Folder with the pickle files.")
    output: str = Field(description="Empty folder for the safetensors files.")
    files: dict[str, str] = Field(
        description="Path of each safetensors file, by the path of its pickle file."
    )
    runs_code: bool = Field(description="Load also what the restricted unpickler refuses.")
    memory_bytes: int = Field(description="Limit of the worker's private memory.")


class ConversionLine(Value):
    """One line from the worker; `done` or `failed` is the last."""

    kind: Literal["progress", "done", "failed"]
    message: str = ""
    fraction: float | None = None
    seal: list[str] = Field(default=[], description="What seals the worker, on every line.")
    tensors: int = Field(default=0, description="Tensors converted and compared so far.")
    code: str | None = Field(default=None, description="Code of the error, if it failed.")
    facts: dict[str, str] = Field(default={}, description="Values of that error.")
