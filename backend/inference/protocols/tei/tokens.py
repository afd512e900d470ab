"""`POST /tokenize` and `/decode`: texts to tokens, and back."""

from itertools import accumulate
from typing import Annotated, Any, cast

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import Tokenizing
from backend.inference.adapters.items import text_item
from backend.inference.config import MAX_CHARACTERS, MAX_ITEMS
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.openai.texts import texts_of
from backend.inference.protocols.tei.schemas import TAG, read, refuse_empty
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks.base import RequestModel, ResponseModel

TokenId = Annotated[int, Field(ge=0, lt=2**31)]
TokenIds = Annotated[list[TokenId], Field(max_length=1_000_000)]


class TokenizeRequest(RequestModel):
    """Texts to tokenize."""

    inputs: str | Annotated[list[str], Field(max_length=MAX_ITEMS)] = Field(
        description="A text, or a list of texts."
    )
    add_special_tokens: bool = Field(default=True, description="Add the model's special tokens.")
    prompt_name: str | None = Field(
        default=None, max_length=200, description="Name of a prompt of the model."
    )


class SimpleToken(ResponseModel):
    """One token. `start` and `stop` are byte offsets in the text; null for special tokens."""

    id: int
    text: str
    special: bool
    start: int | None
    stop: int | None


class DecodeRequest(RequestModel):
    """Token ids to decode."""

    ids: TokenIds | Annotated[list[TokenIds], Field(max_length=MAX_ITEMS)] = Field(
        description="Token ids of a text, or a list of them."
    )
    skip_special_tokens: bool = Field(default=True, description="Leave special tokens out.")


def _tokenize(served: Served) -> Route:
    adapter = cast("Tokenizing", served.engine.adapter)

    async def tokenize(request: Request) -> Response:
        body = await read(request, TokenizeRequest)
        refuse_empty("inputs", body.inputs)

        def work() -> list[list[dict[str, object]]]:
            prompt = adapter.prompt(body.prompt_name)
            texts = [prompt + text_item(text, MAX_CHARACTERS) for text in texts_of(body.inputs)]
            return [tokens_of(adapter.tokenizer, text, body.add_special_tokens) for text in texts]

        return json_response(await unless_gone(request, served.engine.tokenizing(work)))

    return tokenize


def tokens_of(tokenizer: Any, text: str, add_special_tokens: bool) -> list[dict[str, object]]:
    """The tokens of a text, as TEI returns them.

    Tokenizers without a Rust backend know no offsets: `start` and `stop` are null.
    """
    made = tokenizer(
        text, add_special_tokens=add_special_tokens, return_special_tokens_mask=True,
        return_offsets_mapping=tokenizer.is_fast, truncation=False, verbose=False,
    )  # fmt: skip
    ids = made["input_ids"]
    names = tokenizer.convert_ids_to_tokens(ids)
    places: list[tuple[int, int] | None] = made.get("offset_mapping") or [None] * len(ids)
    # Offsets of tokenizers are in characters, those of TEI in bytes.
    before = [0, *accumulate(len(character.encode()) for character in text)]
    return [
        {"id": token, "text": name, "special": True, "start": None, "stop": None}
        if special or place is None
        else {
            "id": token, "text": text[slice(*place)], "special": False,
            "start": before[place[0]], "stop": before[place[1]],
        }
        for token, name, special, place in zip(
            ids, names, made["special_tokens_mask"], places, strict=True
        )
    ]  # fmt: skip


def _decode(served: Served) -> Route:
    adapter = cast("Tokenizing", served.engine.adapter)

    async def decode(request: Request) -> Response:
        body = await read(request, DecodeRequest)
        refuse_empty("ids", body.ids)

        def work() -> list[str]:
            tokenizer = adapter.tokenizer
            size = len(tokenizer)
            rows = cast(
                "list[list[int]]", body.ids if isinstance(body.ids[0], list) else [body.ids]
            )
            if any(token >= size for row in rows for token in row):
                raise InvalidInput(f"ids: this model has {size:,} token ids, 0 to {size - 1:,}.")
            return [
                tokenizer.decode(row, skip_special_tokens=body.skip_special_tokens) for row in rows
            ]

        return json_response(await unless_gone(request, served.engine.tokenizing(work)))

    return decode


TOKENIZE = ProtocolRoute(
    path="/tokenize",
    tag=TAG,
    summary="Tokenize",
    make=_tokenize,
    request=TokenizeRequest,
    response=list[list[SimpleToken]],
    example={"inputs": ["Today is a sunny day."]},
)
DECODE = ProtocolRoute(
    path="/decode",
    tag=TAG,
    summary="Decode token ids",
    make=_decode,
    request=DecodeRequest,
    response=list[str],
    example={"ids": [[5, 6, 7]], "skip_special_tokens": True},
)
