"""Strict JSON parser (RFC 8259): UTF-8, finite numbers, no repeated keys, limited depth.

Both processes parse request bodies with it. Python's parser accepts `NaN`, `1e400`, lone surrogates
and repeated keys, each of which would cause an internal error later.
"""

import json
import math
import re
from typing import cast

from backend.errors.request import InvalidRequest, InvalidSyntax

MAX_DEPTH = 32
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(body: bytes) -> object:
    """Parse `body`. Raises InvalidSyntax (400), or InvalidRequest (422) if nested too deeply."""
    try:
        # RFC 8259 §8.1 allows a parser to ignore a byte order mark, which Windows tools write.
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidSyntax("The body is not UTF-8.") from None
    if not text or text.isspace():
        raise InvalidSyntax("The body is empty.")
    try:
        value = cast("object", _DECODER.decode(text))
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidSyntax(f"The body is not valid JSON: {error.msg} at {where}.") from None
    except ValueError as error:
        # Python's limit of 4300 digits for an integer.
        raise InvalidSyntax("A number in the body has too many digits.") from error
    has_surrogates = _SURROGATE.search(body) is not None
    # The text cannot be nested deeper than it has brackets.
    if has_surrogates or body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _check(value, has_surrogates=has_surrogates)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidSyntax("An object in the body has a duplicate key.")
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise InvalidSyntax("A number in the body is too large.")
    return number


def _no_constant(name: str) -> object:
    raise InvalidSyntax(f"{name} is not valid JSON.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant
)


def _too_deep() -> InvalidRequest:
    return InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _check(value: object, *, has_surrogates: bool) -> None:
    """Check level by level, without recursion, so that depth cannot overflow the stack."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH + 1):
        if has_surrogates:
            _check_text(level)
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise _too_deep()


def _children(item: object) -> list[object]:
    if isinstance(item, dict):
        entries = cast("dict[str, object]", item)
        return [*entries.values(), *entries.keys()]
    if isinstance(item, list):
        return cast("list[object]", item)
    return []


def _check_text(level: list[object]) -> None:
    for item in level:
        if isinstance(item, str):
            try:
                item.encode()
            except UnicodeEncodeError:
                raise InvalidSyntax("A string in the body has an unpaired surrogate.") from None
