"""The Hub token entered in the wizard: one file, mode 0600, never displayed again.

It has priority over HUGGINGFACE_TOKEN, because it is newer; an empty token removes the file.
"""

import os
from pathlib import Path

from backend.errors.request import InvalidRequest

_LONGEST = 512


class TokenFile:
    """Owns the file `hub-token`; `fallback` is the token from the environment."""

    def __init__(self, path: Path, fallback: str | None = None) -> None:
        self._path = path
        self._fallback = fallback

    def read(self) -> str | None:
        """The token in effect, or None."""
        try:
            typed = self._path.read_text().strip()
        except OSError:
            typed = ""
        return typed or self._fallback

    def write(self, token: str) -> None:
        """Store a token, or remove it if empty. Raises InvalidRequest; never includes the value."""
        token = token.strip()
        if not token:
            self._path.unlink(missing_ok=True)
            return
        _check(token)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def _check(token: str) -> None:
    # It becomes a header value, which may contain only visible ASCII.
    if len(token) > _LONGEST or not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidRequest("The token does not have the format of a Hub token.")
