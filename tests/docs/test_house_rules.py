"""The rules of this house are switched on in the tools, for every folder."""

import ast
import json
import sys
import tomllib
from pathlib import Path

from scripts import check_sizes

ROOT = Path(__file__).resolve().parents[2]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
NOT_STRICT = {"inference", "starters"}


def backend_folders() -> set[str]:
    return {file.parent.name for file in (ROOT / "backend").glob("*/__init__.py")}


def test_pyright_is_strict_in_every_backend_folder():
    entries = [entry for entry in TOOLS["pyright"]["strict"] if entry.startswith("backend/")]
    strict = {entry.removeprefix("backend/") for entry in entries}
    assert backend_folders() - NOT_STRICT == strict - {"*.py"}


def test_few_linter_rules_are_ignored():
    assert len(TOOLS["ruff"]["lint"]["ignore"]) < 10


def test_file_size_exceptions_are_limited():
    assert len(check_sizes.EXCEPTIONS) <= 5
    assert check_sizes.too_long() + check_sizes.long_hooks() == []


def test_frontend_import_cycles_are_errors_including_type_imports():
    rules = json.loads((ROOT / "biome.json").read_text())["linter"]["rules"]
    assert rules["suspicious"]["noImportCycles"] == {
        "level": "error", "options": {"ignoreTypes": False},
    }  # fmt: skip


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


def test_setup_uses_standard_library_only():
    assert standard_library_only(ROOT / "scripts" / "_setup") == {}
    assert top_modules(ROOT / "scripts" / "setup.py") <= {
        "__future__", "_setup", "argparse", "os", "shutil", "subprocess", "sys",
    }  # fmt: skip


BINDS = {"bind", "listen", "create_server", "start_server", "hold", "ServerSpec", "serving"}
PORTS = range(1024, 65536)


def _binding(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that may hold a port which it binds, or a setting that names one."""
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
    words = [word for word in call.keywords if word.arg and "PORT" in word.arg]
    if name in BINDS:
        words += [word for word in call.keywords if word.arg == "port"]
    return [*(call.args if name in BINDS else []), *(word.value for word in words)]


def fixed_ports(source: str) -> list[int]:
    """Ports that are written down where one is bound or set."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    parts = [part for call in calls for given in _binding(call) for part in ast.walk(given)]
    values = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    return [int(value) for value in values if value.isdecimal() and int(value) in PORTS]


def test_no_test_binds_fixed_port():
    files = [file for file in (ROOT / "tests").rglob("*.py") if "clients" not in file.parts]
    found = {file.name: fixed_ports(file.read_text()) for file in files}
    assert {name: ports for name, ports in found.items() if ports} == {}


def test_fixed_port_is_detected():
    assert fixed_ports('sock.bind(("127.0.0.1", 8100))') == [8100]
    assert fixed_ports('Plane(BACKEND_PORT="8000")') == [8000]
    assert fixed_ports('runtime.hold("dep", "127.0.0.1", port or 8100 + count, problem)') == [8100]
    assert fixed_ports('sock.bind(("127.0.0.1", 0))') == []
