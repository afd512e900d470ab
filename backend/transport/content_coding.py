"""Decode compressed request bodies (RFC 9110 §8.4): gzip and deflate.

The limit is the decoded size, and at most that is held in memory: a small body that would exceed
it is rejected while it is decompressed.
"""

import zlib
from typing import Any

from backend.errors.request import InvalidSyntax, PayloadTooLarge, UnsupportedMediaType

ACCEPTED = ("gzip", "deflate", "identity")
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_HEAD_BYTES = 2


class ContentDecoder:
    """Decodes one body piece by piece, up to `limit` bytes."""

    def __init__(self, encoding: str, limit: int) -> None:
        """Raises UnsupportedMediaType for a coding other than gzip and deflate, or several."""
        name = encoding.strip().lower().removeprefix("x-")
        if name not in ACCEPTED:
            raise UnsupportedMediaType(
                f"Content-Encoding {encoding[:50]!r} is not supported (gzip, deflate, identity)."
            )
        self._name = name
        self._limit = limit
        self._left = limit
        self._head = b""
        self._has_begun = False
        self._inflate: Any = zlib.decompressobj(_GZIP) if name == "gzip" else None

    def feed(self, piece: bytes) -> bytes:
        """The decoded bytes of the next piece. Raises PayloadTooLarge and InvalidSyntax (400)."""
        if self._name == "identity":
            return self._counted(piece)
        if self._inflate is None:
            self._head, piece = b"", self._head + piece
            if len(piece) < _HEAD_BYTES:
                self._head = piece
                return b""
            self._inflate = zlib.decompressobj(_ZLIB if _has_zlib_header(piece) else _RAW)
        decoded: list[bytes] = []
        while piece:
            decoded.append(self._counted(self._step(piece)))
            piece = self._inflate.unconsumed_tail
            if self._inflate.eof and self._name == "gzip":
                # A gzip body may consist of several members.
                piece = self._inflate.unused_data
                self._inflate = zlib.decompressobj(_GZIP) if piece else self._inflate
        return b"".join(decoded)

    def finish(self) -> None:
        """Call it at the end of the body. Raises InvalidSyntax if the data is incomplete."""
        if self._name == "identity" or not (self._head or self._has_begun):
            return
        if self._inflate is None or not self._inflate.eof:
            raise InvalidSyntax("The compressed body is incomplete.")

    def _step(self, piece: bytes) -> bytes:
        self._has_begun = True
        try:
            return self._inflate.decompress(piece, self._left + 1)
        except zlib.error:
            raise InvalidSyntax("The body does not match its Content-Encoding.") from None

    def _counted(self, decoded: bytes) -> bytes:
        self._left -= len(decoded)
        if self._left < 0:
            raise PayloadTooLarge(f"The body is larger than {self._limit:,} bytes.")
        return decoded


def _has_zlib_header(body: bytes) -> bool:
    """Some clients send deflate without this header (RFC 1950 §2.2: method 8, multiple of 31)."""
    return body[0] & 0x0F == 8 and int.from_bytes(body[:_HEAD_BYTES]) % 31 == 0
