"""Compressed bodies: every way in which clients send them, and the ways to attack with them."""

import gzip
import tracemalloc
import zlib

import pytest

from backend.errors.request import InvalidSyntax, PayloadTooLarge, UnsupportedMediaType
from backend.transport.content_coding import ContentDecoder

TEXT = b'{"inputs": "What a wonderful film"}' * 50
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(TEXT) + RAW.flush()


def decoded(encoding: str, body: bytes, piece: int = 7, limit: int = 10**6) -> bytes:
    decoder = ContentDecoder(encoding, limit)
    parts = [decoder.feed(body[i : i + piece]) for i in range(0, len(body), piece)]
    decoder.finish()
    return b"".join(parts)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("X-Gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", DEFLATED),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 10**6])
def test_body_is_decoded_for_any_chunking(encoding: str, body: bytes, piece: int) -> None:
    assert decoded(encoding, body, piece) == TEXT


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)[:-9]),
        ("gzip", b"no gzip at all"),
        ("gzip", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)[:30] + b"xxxxx" + gzip.compress(TEXT)[35:]),
        ("deflate", zlib.compress(TEXT)[:-5]),
    ],
)
def test_broken_body_is_bad_syntax(encoding: str, body: bytes) -> None:
    with pytest.raises(InvalidSyntax):
        decoded(encoding, body)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 500, ""])
def test_unsupported_encoding_is_rejected_with_supported_ones(encoding: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="gzip, deflate, identity"):
        ContentDecoder(encoding, 100)


def test_decompression_bomb_is_rejected_before_inflation() -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    tracemalloc.start()
    with pytest.raises(PayloadTooLarge):
        decoded("gzip", bomb, piece=len(bomb), limit=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_body_of_exactly_the_limit_is_allowed() -> None:
    assert len(decoded("gzip", gzip.compress(bytes(1000)), limit=1000)) == 1000
    with pytest.raises(PayloadTooLarge):
        decoded("gzip", gzip.compress(bytes(1001)), limit=1000)
