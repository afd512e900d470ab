"""table-question-answering: selects the cells of a table that answer a question."""

from typing import Literal

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.samples import json_sample, sentence, stream_of

Cell = str | int | float | None


class TableQuestion(RequestModel):
    """A table by columns and a question about it; `question` is an alias of `query`."""

    query: str | None = Field(
        default=None, min_length=1, max_length=100_000, description="Question."
    )
    question: str | None = Field(
        default=None, min_length=1, max_length=100_000, description="The same."
    )
    table: dict[str, list[Cell]] = Field(
        min_length=1, description="Columns by name, all of one length."
    )


class Parameters(RequestModel):
    """Tokenization of the table."""

    truncation: bool = Field(
        default=False, description="Remove the last rows of a table that is too long."
    )
    sequential: bool = Field(
        default=False, description="Accepted without effect: each question is processed separately."
    )
    padding: Literal["do_not_pad", "longest", "max_length"] | None = Field(
        default=None, description="Accepted without effect."
    )


class Request(RequestModel):
    """Questions about tables."""

    inputs: TableQuestion | list[TableQuestion] = Field(
        description="A question with its table, or a list of them.",
        examples=[{"query": "How old is Olga?", "table": {"name": ["Olga"], "age": ["41"]}}],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Answered(ResponseModel):
    """The answer; `aggregator` is the operation to apply to the cells."""

    answer: str
    coordinates: list[tuple[int, int]] = Field(description="Row and column of each cell.")
    cells: list[str]
    aggregator: str | None = None


def sample(seed: int) -> Sample:
    """A table of names and places, and a question about it."""
    rows = [sentence(seed + i, "{who}|{what}|{where}").split("|") for i in range(3)]
    people, things, places = (list(column) for column in zip(*rows, strict=True))
    days = [str(day) for day in stream_of(seed, 3)]
    table = {"Name": people, "Visited": things, "Place": places, "Day": days}
    return json_sample({"inputs": {"query": "Who came on the first day?", "table": table}})


TASK = Task(
    name="table-question-answering",
    title="Table question answering",
    summary="Answers questions from the cells of a table.",
    modality="nlp",
    input="json",
    kinds=("AutoModelForTableQuestionAnswering",),
    parameters=Parameters,
    request=Request,
    response=Answered | list[Answered],
    sample=sample,
    client_method="table_question_answering",
)
