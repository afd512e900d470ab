"""The contracts of import-linter name what may be imported: anything new is refused."""

import tomllib
from functools import cache
from pathlib import Path

import grimp
import pytest

from scripts.import_contracts import AllowOnly

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {
    one["importers"][0]: one for one in OPTIONS["contracts"] if one["type"] == "allow_only"
}


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("backend", include_external_packages=True)


def refused(contract: str, *added_imports: tuple[str, str]) -> list[tuple[str, str]]:
    """What the contract refuses when these imports are added."""
    changed = graph() if not added_imports else grimp.build_graph("backend", cache_dir=None)
    if added_imports:
        for importer, imported in added_imports:
            changed.add_import(importer=importer, imported=imported)
    made = AllowOnly("planted", {}, CONTRACTS[contract])
    return made.check(changed, verbose=False).metadata["refused"]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_code_satisfies_import_contracts(contract: str) -> None:
    assert refused(contract) == []


@pytest.mark.parametrize(
    ("contract", "importer", "imported"),
    [
        ("backend.keeper", "backend.keeper.ports", "backend.domain.ids"),
        ("backend.keeper", "backend.keeper.ports", "pydantic"),
        ("backend.keeper", "backend.keeper.new_file", "backend.new_package.thing"),
        ("backend.inference", "backend.inference.app", "backend.config"),
        ("backend.inference", "backend.inference.new.file", "backend.new_package"),
        ("backend.inference", "backend.inference.app", "new_library"),
        ("backend", "backend.pipeline.run", "backend.inference.app"),
        ("backend", "backend.new_package.thing", "torch"),
        ("backend", "backend.api.health", "numpy"),
    ],
)
def test_unlisted_import_is_rejected(contract: str, importer: str, imported: str) -> None:
    assert refused(contract, (importer, imported)) == [(importer, imported)]


def test_standard_library_and_own_modules_are_allowed() -> None:
    added_imports = [
        ("backend.keeper.ports", "json"),
        ("backend.keeper.ports", "backend.keeper.child"),
    ]
    assert refused("backend.keeper", *added_imports) == []
