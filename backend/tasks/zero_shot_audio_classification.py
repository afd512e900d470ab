"""zero-shot-audio-classification: scores for candidate labels of an audio file."""

import base64

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.files import AudioInputs
from backend.tasks.labels import Labels, Template
from backend.tasks.samples import json_sample, wav


class Parameters(RequestModel):
    """Candidate labels, and the template of their sentences."""

    candidate_labels: Labels = Field(description="Candidate labels.")
    hypothesis_template: Template = Field(
        default="This is an audio file of {}.",
        description="Template of the compared sentence; `{}` is replaced with the label.",
    )


class Request(RequestModel):
    """Audio in base64 and candidate labels."""

    inputs: AudioInputs
    parameters: Parameters = Field(description="`candidate_labels` is required.")


def sample(seed: int) -> Sample:
    """One second of two tones as WAV, and three labels."""
    return json_sample(
        {
            "inputs": base64.b64encode(wav(seed)).decode(),
            "parameters": {"candidate_labels": ["two tones", "a dog", "rain"]},
        }
    )


TASK = Task(
    name="zero-shot-audio-classification",
    title="Zero-shot audio classification",
    summary="Classifies audio with labels that you provide.",
    modality="audio",
    input="json",
    kinds=("ClapModel",),
    parameters=Parameters,
    request=Request,
    response=list[Label] | list[list[Label]],
    sample=sample,
)
