"""image-text-to-text: text about images, from a single question or a conversation."""

import base64
from functools import partial
from typing import Literal

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.files import IMAGE
from backend.tasks.generation import Generated, Generation, generation_body
from backend.tasks.generation_fields import EncoderFields
from backend.tasks.image_to_text import unfit
from backend.tasks.samples import json_sample, png, sentence


class Parameters(EncoderFields, Generation):
    """Generation parameters."""


class Address(RequestModel):
    """An image in the format of OpenAI's API."""

    url: str = Field(description="A `data:` URL; other URLs are not fetched.")
    detail: Literal["auto", "low", "high"] | None = Field(default=None, description="Not used.")


class Part(RequestModel):
    """A part of a message: `text`, or an image in `image_url` or `image`."""

    type: Literal["text", "image_url", "image"] = Field(description="Which field it has.")
    text: str | None = Field(default=None, description="Text of the message.")
    image_url: Address | None = Field(default=None, description="An image.")
    image: str | None = Field(default=None, description=IMAGE)


class Message(RequestModel):
    """One message of a conversation."""

    role: str = Field(min_length=1, max_length=64, description="`system`, `user` or `assistant`.")
    content: str | list[Part] = Field(description="Content of the message.")


class ImageAndText(RequestModel):
    """One question about one or more images."""

    image: str | list[str] | None = Field(default=None, description=f"{IMAGE}; or a list.")
    text: str = Field(min_length=1, description="Question or prompt.")


class Request(RequestModel):
    """A question about an image, several questions, or the messages of a conversation."""

    inputs: ImageAndText | list[ImageAndText] | list[Message] = Field(
        description="An image with a text, a list of them, or chat messages."
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")
    stream: bool = Field(
        default=False, description="Stream the response token by token as server-sent events."
    )


def sample(seed: int) -> Sample:
    """A small image and a question."""
    image = base64.b64encode(png(seed)).decode()
    text = sentence(seed, "What would {who} say of this?")
    return json_sample(
        {
            "inputs": {"image": f"data:image/png;base64,{image}", "text": text},
            "parameters": {"max_new_tokens": 16},
        }
    )


TASK = Task(
    name="image-text-to-text",
    title="Image and text to text",
    summary="Answers questions about images.",
    modality="multimodal",
    input="json",
    kinds=("AutoModelForImageTextToText",),
    parameters=Parameters,
    request=Request,
    response=list[Generated] | list[list[Generated]],
    sample=sample,
    unfit=unfit,
    can_stream=True,
    reshape=partial(generation_body, Parameters),
)
