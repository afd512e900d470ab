"""Validate names from a repository, and map model ids to directory names."""

import re

from backend.domain.text import model_id
from backend.errors.model import UnsafeRepository, UnsupportedFormat

COMMIT = re.compile(r"[0-9a-f]{40}")
_RESERVED = re.compile(r"[\x00-\x1f\x7f\\:]")


def is_commit(text: str) -> bool:
    """Whether this is a full commit hash, which is immutable."""
    return COMMIT.fullmatch(text) is not None


def check_id(text: str) -> None:
    """Raises UnsupportedFormat for a directory whose name cannot be a model id."""
    try:
        model_id(text)
    except ValueError as error:
        reason = f"The folder name {text!r} cannot be a model id: it {error}."
        kind = "Folder name not allowed"
        raise UnsupportedFormat(
            reason, kind=kind, reason=reason, instead="Rename the folder."
        ) from None


def repo_folder(model: str) -> str:
    """The directory of a model in the Hub cache: `models--owner--name`."""
    return "models--" + model.replace("/", "--")


def is_safe(path: str) -> bool:
    """Whether a repository's file name stays inside a directory, on any operating system."""
    parts = path.split("/")
    return (
        0 < len(path) <= 1024
        and not _RESERVED.search(path)
        and all(part not in {"", ".", ".."} for part in parts)
        and all(len(part.encode(errors="replace")) <= 255 for part in parts)
    )


def check_paths(paths: list[str]) -> None:
    """Raises UnsafeRepository if any name is unsafe, also that of a file that is not selected."""
    for path in paths:
        if not is_safe(path):
            raise UnsafeRepository(f"The repository has a file named {path[:80]!r}.")
