"""translation: translates a text."""

from functools import partial

from pydantic import Field

from backend.tasks import seq2seq
from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.generation import generation_body
from backend.tasks.samples import json_sample, sentence


class Parameters(seq2seq.Parameters):
    """Languages, tokenization and generation parameters."""

    src_lang: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="Source language, by the model's name for it; unset: the model's default.",
    )
    tgt_lang: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="Target language; required by multilingual models.",
    )


class Request(RequestModel):
    """Texts to translate."""

    inputs: str | list[str] = Field(
        description="A text, or a list of them.", examples=["My name is Sarah."]
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Translated(ResponseModel):
    """One translation."""

    translation_text: str


def sample(seed: int) -> Sample:
    """A sentence."""
    return json_sample(
        {
            "inputs": sentence(seed),
            "parameters": {"generate_parameters": {"max_new_tokens": 24}},
        }
    )


TASK = Task(
    name="translation",
    title="Translation",
    summary="Translates text.",
    modality="nlp",
    input="json",
    kinds=seq2seq.KINDS,
    parameters=Parameters,
    request=Request,
    response=list[Translated] | list[list[Translated]],
    sample=sample,
    client_method="translation",
    always_listed=True,
    makes_list=seq2seq.several,
    reshape=partial(generation_body, Parameters),
    unfit=seq2seq.unfit,
)
