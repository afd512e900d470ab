"""Parser of form bodies (`multipart/form-data`, RFC 7578) with one file and other fields."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from backend.errors.problem import FieldError
from backend.errors.request import InvalidRequest, InvalidSyntax

FORM = "multipart/form-data"
_MOST_FIELDS = 50
_LONGEST_FIELD = 100_000


@dataclass(frozen=True, kw_only=True)
class Form:
    """The file of a form, and its other fields as text; a field may be repeated."""

    file: bytes
    fields: dict[str, list[str]]


async def read_form(request: Request, body: bytes) -> Form:
    """Parse a form body.

    Raises InvalidSyntax (400) if it is malformed, and InvalidRequest (422) unless it contains
    exactly one file.
    """

    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, once(), max_files=2, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise InvalidSyntax("The form could not be parsed.") from None
    try:
        return await _taken_apart(form)
    finally:
        await form.close()


async def _taken_apart(form: FormData) -> Form:
    files = [value for value in form.getlist("file") if not isinstance(value, str)]
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files += [] if name == "file" else [value]
        else:
            fields.setdefault(name, []).append(value)
    if len(files) != 1 or "file" in fields:
        found = "is missing or not a file" if len(files) < 2 else "occurs twice; send one file"
        raise InvalidRequest(
            f"`file` {found}.", errors=(FieldError(pointer="#/file", detail=found),)
        )
    return Form(file=await files[0].read(), fields=fields)


def as_json(values: list[str]) -> object:
    """The value of a field: parsed as JSON if possible, else text; a list if repeated."""
    if len(values) > 1:
        return [as_json([value]) for value in values]
    try:
        return json.loads(values[0])
    except ValueError:
        return values[0]
