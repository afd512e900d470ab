"""Select the language adapters that a request names: a repository may have a thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.domain.model import ModelFile
from backend.errors.model import UnsupportedOption
from backend.hub.file_selection import FileSelection
from backend.tasks.language_adapters import language_of

_SHOWN = 20


def with_languages(
    choice: FileSelection, listing: Mapping[str, ModelFile], wanted: Sequence[str]
) -> FileSelection:
    """The selection with the adapters of these languages. Raises UnsupportedOption without one."""
    if not wanted:
        return choice
    found = {language: listing[path] for path in listing if (language := language_of(path))}
    missing = [language for language in wanted if language not in found]
    if not found:
        detail = "The repository has no language adapters (adapter.LANGUAGE.safetensors)."
        raise UnsupportedOption(detail, instead="Leave languages out.")
    if missing:
        detail = f"The repository has no adapter for {', '.join(missing)}."
        names = sorted(found)
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        instead = f"It has adapters for {', '.join(names[:_SHOWN])}{more}."
        raise UnsupportedOption(detail, instead=instead)
    files = {file.path: file for file in (*choice.files, *(found[one] for one in wanted))}
    return replace(choice, files=sorted(files.values(), key=lambda file: file.path))
