"""Files of language adapters: `adapter.LANGUAGE.safetensors`, as MMS names them."""

import re

LANGUAGE = r"[a-z]{2,3}(?:-[a-z0-9_]{1,30}){0,3}"
_FILE = re.compile(rf"adapter\.({LANGUAGE})\.safetensors")


def adapter_file(language: str) -> str:
    """Name of the file with the adapter of a language."""
    return f"adapter.{language}.safetensors"


def language_of(path: str) -> str | None:
    """The language of an adapter file; None for other files."""
    match = _FILE.fullmatch(path)
    return match[1] if match else None
