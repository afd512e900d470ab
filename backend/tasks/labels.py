"""Candidate labels of zero-shot tasks, and the template of their hypotheses."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _differ(labels: list[str]) -> list[str]:
    """Reject duplicates, since the response identifies labels by their text."""
    if len(set(labels)) < len(labels):
        raise ValueError("a label is there twice")
    return labels


def _has_one_gap(template: str) -> str:
    """Require exactly one `{}`; with more, a short request could create a text of any length."""
    if template.count("{}") != 1:
        raise ValueError("`{}` must be there once")
    return template


Labels = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1000)]],
    Field(min_length=1, max_length=1000),
    AfterValidator(_differ),
]
Template = Annotated[str, Field(max_length=1000, pattern=r"\{\}"), AfterValidator(_has_one_gap)]
