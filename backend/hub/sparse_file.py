"""A file of which only some ranges are known, for parsers that read it like any file."""

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class MissingRange(Exception):
    """Bytes `first` to `last`, both included, are needed and not known."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"bytes {first} to {last}")
        self.first = first
        self.last = last


@dataclass
class SparseBytes:
    """Known ranges of a file of `size` bytes."""

    size: int
    parts: dict[int, bytes] = field(default_factory=dict[int, bytes])

    @property
    def known(self) -> int:
        """Number of known bytes."""
        return sum(len(part) for part in self.parts.values())

    def read(self, first: int, length: int) -> bytes:
        """The bytes from `first`, fewer at the end of the file. Raises MissingRange."""
        length = min(length, self.size - first)
        if length <= 0:
            return b""
        for start, part in self.parts.items():
            if start <= first and first + length <= start + len(part):
                return part[first - start : first - start + length]
        raise MissingRange(first, first + length - 1)


class SparseFile(io.RawIOBase):
    """The ranges as a file. Reading other bytes raises MissingRange."""

    def __init__(self, content: SparseBytes) -> None:
        super().__init__()
        self._content = content
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position. Raises ValueError before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._content.size}
        position = base[whence] + offset
        if position < 0:
            message = "a position before the start of the file"
            raise ValueError(message)
        self._position = position
        return position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read into a buffer."""
        view = memoryview(buffer).cast("B")
        found = self._content.read(self._position, len(view))
        view[: len(found)] = found
        self._position += len(found)
        return len(found)
