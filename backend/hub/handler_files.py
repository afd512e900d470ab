"""Custom handlers of the Hub's inference toolkit: `handler.py` with a class `EndpointHandler`.

Its source is only parsed here, never run, to know before a download what it imports.
"""

import ast
import importlib.util
import sys
from collections.abc import Collection, Iterator, Mapping

from backend.domain.model import ModelFile
from backend.errors.model import CorruptModel, ModelNotSupported
from backend.hub.file_selection import FileSelection, formats
from backend.hub.weight_files import Weights
from backend.hub.weight_headers import Reader

HANDLER = "handler.py"
_CLASS = "EndpointHandler"
_LONGEST = 200_000
_ANOTHER = "Choose another model."


def handler_selection(listing: Mapping[str, ModelFile]) -> FileSelection:
    """All files, since the code may read any of them."""
    files = sorted(listing.values(), key=lambda file: file.path)
    weights = [file for file in files if formats([file.path])]
    return FileSelection(
        weights=Weights(files=weights, modules=[], renamed={}, converted={}), files=files
    )


async def missing_imports(reader: Reader, listing: Mapping[str, ModelFile]) -> list[str]:
    """Modules that handler.py imports, and that neither the repository nor this installation has.

    Raises CorruptModel if it is not Python, ModelNotSupported without an EndpointHandler.
    """
    size = listing[HANDLER].bytes
    if not 0 < size <= _LONGEST:
        raise CorruptModel(f"{HANDLER} has {size:,} bytes; at most {_LONGEST:,} are read.")
    source = await reader.part(HANDLER, 0, size - 1)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CorruptModel(f"{HANDLER} is not valid Python.") from None
    if not any(isinstance(node, ast.ClassDef) and node.name == _CLASS for node in tree.body):
        raise ModelNotSupported(f"{HANDLER} has no class {_CLASS}.", instead=_ANOTHER)
    return sorted({name for name in _imported(tree) if not _is_there(name, listing)})


def _imported(tree: ast.Module) -> Iterator[str]:
    """Top-level packages of the imports at the start of the module."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def _is_there(name: str, paths: Collection[str]) -> bool:
    if name in sys.stdlib_module_names or f"{name}.py" in paths:
        return True
    if any(path.startswith(f"{name}/") for path in paths):
        return True
    return importlib.util.find_spec(name) is not None
