"""A contract for import-linter that names what may be imported, so that a new package is refused.

In pyproject.toml: `type = "allow_only"`, `importers` (packages; all below them counts), `outside`
(packages below an importer that the contract is not about) and `allowed` (packages of ours and of
others). The standard library, imports among the importers, and the
root package itself (its version) are always allowed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def is_below(module: str, packages: Iterable[str]) -> bool:
    """Whether the module is one of these packages or in one."""
    return any(module == name or module.startswith(f"{name}.") for name in packages)


def _names(field: object) -> set[str]:
    """The names of a field, which holds a list of them once the contract is made."""
    return {str(name) for name in cast("list[str] | None", field) or ()}


class AllowOnly(Contract):
    """Everything that `importers` import is on the list `allowed`."""

    type_name = "allow_only"

    importers = fields.ListField(subfield=fields.StringField())
    outside = fields.ListField(subfield=fields.StringField(), required=False)
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare every direct import; what is allowed answers for its own imports."""
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
        """One line for each import that is not on the list."""
        for module, imported in check.metadata["refused"]:
            output.print_error(f"{module} may not import {imported}")
