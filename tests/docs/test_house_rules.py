"""The rules of this house are switched on in the tools, for every folder."""

import ast
import sys
import tomllib
from pathlib import Path

from scripts import check_sizes

ROOT = Path(__file__).resolve().parents[2]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
NOT_STRICT = {"inference", "starters"}


def backend_folders() -> set[str]:
    return {file.parent.name for file in (ROOT / "backend").glob("*/__init__.py")}


def test_types_are_strict_in_every_folder_of_the_control_plane():
    strict = {entry.removeprefix("backend/") for entry in TOOLS["pyright"]["strict"]}
    assert backend_folders() - NOT_STRICT == strict - {"*.py"}


def test_the_control_plane_is_kept_from_the_model_server_in_every_folder():
    contract = next(
        c for c in TOOLS["importlinter"]["contracts"] if "never imports it" in c["name"]
    )
    kept = {module.removeprefix("backend.") for module in contract["source_modules"]}
    assert backend_folders() - NOT_STRICT - {"keeper"} <= kept


def test_few_rules_of_the_linter_are_ignored():
    assert len(TOOLS["ruff"]["lint"]["ignore"]) < 10


def test_few_files_are_longer_than_allowed():
    assert len(check_sizes.EXCEPTIONS) <= 5
    assert check_sizes.too_long() + check_sizes.long_hooks() == []


def top_modules(file: Path) -> set[str]:
    """Modules that `file` imports, by their first name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found


def standard_library_only(folder: Path, *allowed: str) -> dict[str, set[str]]:
    known = sys.stdlib_module_names | set(allowed)
    used = {file.name: top_modules(file) - known for file in folder.rglob("*.py")}
    return {name: modules for name, modules in used.items() if modules}


def test_the_set_up_needs_the_standard_library_only():
    assert standard_library_only(ROOT / "scripts" / "_setup") == {}
    assert top_modules(ROOT / "scripts" / "setup.py") <= {
        "__future__", "_setup", "argparse", "os", "shutil", "subprocess", "sys",
    }  # fmt: skip


def test_the_keeper_needs_the_standard_library_only():
    used = standard_library_only(ROOT / "backend" / "keeper", "backend")
    assert used == {}
