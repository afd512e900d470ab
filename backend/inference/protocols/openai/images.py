"""`POST /v1/images/generations` and `/v1/images/edits`: OpenAI's image APIs; images in base64."""

import base64
import re
import time
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import InvalidInput, OptionNotSupported
from backend.errors.request import UnsupportedMediaType
from backend.inference.config import MAX_BODY_BYTES
from backend.inference.forms import FORM, read_form
from backend.inference.protocols.base import ProtocolRoute, Route, Served, validated
from backend.inference.protocols.openai.schemas import OpenAIRequest, read, warned
from backend.inference.request_parsing import content_type_of, read_body
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks import image_to_image, text_to_image
from backend.tasks.base import ResponseModel

_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_STEP, _SMALLEST, _LARGEST = 8, 64, 4096
_MOST_IMAGES = 10
Photo = Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]
Size = Annotated[
    str | None,
    Field(default=None, max_length=20, description="`WIDTHxHEIGHT` in pixels, or `auto`."),
]


class _Common(OpenAIRequest):
    """Fields of both requests."""

    prompt: str = Field(min_length=1, max_length=10_000, description="What the image shows.")
    n: int | None = Field(default=None, ge=1, le=_MOST_IMAGES, description="Number of images.")
    size: Size = None
    response_format: Literal["b64_json", "url"] | None = Field(
        default=None, description="Only `b64_json`."
    )
    output_format: Literal["png", "jpeg", "webp"] | None = Field(
        default=None, description="Only `png`."
    )
    stream: bool | None = Field(default=None, description="Must be false.")
    seed: int | None = Field(
        default=None, ge=0, le=2**32 - 1, description="Makes the first image reproducible."
    )


class GenerationRequest(_Common):
    """A description of images."""


class EditRequest(_Common):
    """The fields of a form with an image. A mask is sent to /predict, as `mask_image`."""

    model_config = ConfigDict(strict=False)

    image: Photo = Field(description="PNG, JPEG or WebP.", min_length=1)


class Image(ResponseModel):
    """A PNG in base64."""

    b64_json: str


class Images(ResponseModel):
    """The images, with the time in seconds since 1970."""

    created: int
    data: list[Image]
    output_format: Literal["png"] = "png"


def size_of(text: str | None) -> tuple[int, int] | None:
    """Width and height; None for the model's own. Raises InvalidInput."""
    if text in {None, "auto"}:
        return None
    found = _SIZE.fullmatch(text or "")
    sides = (int(found[1]), int(found[2])) if found else (0, 0)
    if any(side % _STEP or not _SMALLEST <= side <= _LARGEST for side in sides):
        bounds = f"multiples of {_STEP} from {_SMALLEST} to {_LARGEST}"
        raise InvalidInput(f"size must be like '512x512', with {bounds}.")
    return sides


def _check(body: _Common) -> None:
    if body.response_format == "url":
        raise OptionNotSupported(
            "response_format is only 'b64_json': images are not stored.", option="response_format"
        )
    if body.output_format not in {None, "png"}:
        raise OptionNotSupported("output_format is only 'png'.", option="output_format")
    if body.stream:
        raise OptionNotSupported("Streaming of images is not supported here.", option="stream")


async def _answer(
    request: Request, served: Served, items: list[object], parameters: Any, body: _Common
) -> Response:
    work = served.engine.predict(items, parameters)
    outcome = await unless_gone(request, work)
    request.state.timings = outcome.timings
    images = [Image(b64_json=base64.b64encode(file.body).decode()) for file in outcome.outputs]
    made = Images(created=int(time.time()), data=images)
    return warned(json_response(made.model_dump()), body)


def _generate(served: Served) -> Route:
    async def generate(request: Request) -> Response:
        body = await read(request, GenerationRequest)
        _check(body)
        width, height = size_of(body.size) or (None, None)
        parameters = text_to_image.Parameters(width=width, height=height, seed=body.seed)
        items: list[object] = [body.prompt] * (body.n or 1)
        return await _answer(request, served, items, parameters, body)

    return generate


def _edit(served: Served) -> Route:
    async def edit(request: Request) -> Response:
        raw = await read_body(request, MAX_BODY_BYTES["image"])
        if content_type_of(request) != FORM:
            raise UnsupportedMediaType("Send `multipart/form-data` with an `image`.")
        form = await read_form(request, raw)
        fields: dict[str, object] = {name: values[-1] for name, values in form.fields.items()}
        body = validated(EditRequest, {**fields, "image": form.file})
        _check(body)
        size = size_of(body.size)
        target = image_to_image.TargetSize(width=size[0], height=size[1]) if size else None
        parameters = image_to_image.Parameters(
            prompt=body.prompt, target_size=target, seed=body.seed
        )
        return await _answer(request, served, [body.image] * (body.n or 1), parameters, body)

    return edit


GENERATIONS = ProtocolRoute(
    path="/v1/images/generations",
    tag="OpenAI",
    summary="Generate images",
    make=_generate,
    request=GenerationRequest,
    response=Images,
    example={"prompt": "A lighthouse at sunset.", "size": "256x256"},
)
EDITS = ProtocolRoute(
    path="/v1/images/edits",
    tag="OpenAI",
    summary="Change an image",
    make=_edit,
    request=EditRequest,
    content_type=FORM,
    response=Images,
)
