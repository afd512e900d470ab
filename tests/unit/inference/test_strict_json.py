"""What the strict parser takes and refuses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.strict_json import parse
from backend.errors.base import PlatformError

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)


@given(PLAIN)
def test_plain_values_are_parsed(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_give_value_or_catalogue_error(body: bytes) -> None:
    status = 200
    try:
        parse(body)
    except PlatformError as error:
        status = error.status
    assert status in {200, 400, 422}


@pytest.mark.parametrize(
    "body",
    [
        "NaN",
        "-Infinity",
        "[1e400]",
        '{"a":1,"a":2}',
        '"\\ud800"',
        '{"\\udfff":1}',
        '["\\uDABC"]',
        "",
        " ",
        "1 2",
        "\ufeff\ufeff{}",
        "9" * 5000,
        "{'a':1}",
        '{"a":1,}',
    ],
)
def test_invalid_json_returns_400(body: str) -> None:
    with pytest.raises(PlatformError) as caught:
        parse(body.encode())
    assert caught.value.code == "invalid-syntax"


def test_nesting_is_limited_to_32_levels() -> None:
    assert parse(b"[" * 32 + b"]" * 32)
    for depth in (34, 2_000, 100_000):
        with pytest.raises(PlatformError) as caught:
            parse(b"[" * depth + b"]" * depth)
        assert caught.value.status == 422


def test_complete_surrogate_pair_is_text() -> None:
    assert parse(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_byte_order_mark_is_ignored() -> None:
    assert parse(b"\xef\xbb\xbf" + b'{"inputs": "a"}') == {"inputs": "a"}
