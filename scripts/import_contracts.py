"""A contract for import-linter with an allow list, so that imports of new packages are rejected.

In pyproject.toml: `type = "allow_only"`, `importers` (packages with their subpackages), `outside`
(subpackages of an importer to which the contract does not apply) and `allowed` (our packages and
third-party packages). The standard library, imports among the importers, and the root package
itself (its version) are always allowed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def is_below(module: str, packages: Iterable[str]) -> bool:
    """Return whether the module is one of these packages or inside one."""
    return any(module == name or module.startswith(f"{name}.") for name in packages)


def _names(field: object) -> set[str]:
    """Names in a field; import-linter replaces the field by a list when it creates the contract."""
    return {str(name) for name in cast("list[str] | None", field) or ()}


class AllowOnly(Contract):
    """The `importers` import only packages on the list `allowed`."""

    type_name = "allow_only"

    importers = fields.ListField(subfield=fields.StringField())
    outside = fields.ListField(subfield=fields.StringField(), required=False)
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Check direct imports only; imports of the allowed packages are not followed."""
        del verbose
        importers, outside = _names(self.importers), _names(self.outside)
        allowed = _names(self.allowed) | sys.stdlib_module_names
        refused: list[tuple[str, str]] = []
        for module in sorted(graph.modules):
            if not is_below(module, importers) or is_below(module, outside):
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                is_own = is_below(imported, importers) and not is_below(imported, outside)
                is_root = imported == module.partition(".")[0]
                if not (is_own or is_root or is_below(imported, allowed)):
                    refused.append((module, imported))
        return ContractCheck(kept=not refused, metadata={"refused": refused})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line per import that is not allowed."""
        for module, imported in check.metadata["refused"]:
            output.print_error(f"{module} may not import {imported}")
