"""Messages of the export worker: its job on stdin, its lines on stdout; names of its files."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.server import ServerSpec

GRAPH_FILE = "openvino_model.xml"


class ExportJob(Value):
    """A model to export as a graph, to an empty folder."""

    spec: ServerSpec = Field(description="The server, whose adapter shows how the model is called.")
    output: str = Field(description="Folder for the files.")


class ExportLine(Value):
    """One line from the worker. `done` or `failed` is the last one.

    `failed`: the model cannot be exported, for the reason in `message`, now or later.
    """

    kind: Literal["progress", "done", "failed"]
    message: str = ""


class ExportFailed(Exception):
    """Why there is no graph of a model, as the end of a sentence."""
