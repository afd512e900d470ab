"""Validators of names and ids; each raises ValueError with the reason."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
# The Hub's rule: at most 96 characters, at most one slash, no `--`, `..` or `.git` ending.
MODEL_ID = re.compile(r"[A-Za-z0-9](?:[\w.-]*[\w])?(?:/[A-Za-z0-9](?:[\w.-]*[\w])?)?", re.ASCII)
REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def plain(text: str) -> str:
    """Reject control characters, lone surrogates and bidirectional overrides."""
    for character in text:
        if character in BIDI or unicodedata.category(character) in {"Cc", "Cs"}:
            message = "has control characters"
            raise ValueError(message)
    return text


def deployment_name(text: str) -> str:
    """Lower-case letters, digits, dot, dash and underscore; not the format of a generated id."""
    if not NAME.fullmatch(text):
        message = "must be 1 to 63 of a-z, 0-9, '.', '_', '-', with a letter or digit at both ends"
        raise ValueError(message)
    if text.startswith("dep_"):
        message = "must not begin with 'dep_'"
        raise ValueError(message)
    return text


def model_id(text: str) -> str:
    """The Hub's rule for repository ids, also applied to starters and local folders."""
    refused = "--" in text or ".." in text or text.endswith(".git")
    if len(text) > 96 or refused or not MODEL_ID.fullmatch(text):
        message = "must be `name` or `owner/name` of letters, digits, '-', '_' and '.'"
        raise ValueError(message)
    return text


def revision(text: str) -> str:
    """A branch, tag, `refs/pr/N` or commit."""
    if ".." in text or "//" in text or not REVISION.fullmatch(text):
        message = "must be a branch, tag or commit"
        raise ValueError(message)
    return text


PlainText = Annotated[str, AfterValidator(plain)]
DeploymentName = Annotated[str, AfterValidator(deployment_name)]
ModelId = Annotated[str, AfterValidator(model_id)]
Revision = Annotated[str, AfterValidator(revision)]
