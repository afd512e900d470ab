"""Build the wizard with Node if its sources have changed since the last build."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from .phases import SetupFailed, phase, run
from .places import Places
from .venv import remove

LOWEST_NODE = (20, 19)
SOURCES = ("package.json", "package-lock.json", "vite.config.js", "index.html", "tsconfig*.json")
FOLDERS = ("frontend", "public")
NOT_SOURCES = {"node_modules", "dist", "test-results", "e2e"}


def ensure(places: Places, *, dev: bool) -> None:
    if not (places.root / "package-lock.json").exists():
        return
    stamp = places.work / "wizard.json"
    sources, packages = fingerprints(places.root)
    known = read(stamp)
    built = (places.dist / "index.html").exists() and known.get("sources") == sources
    installed = (places.root / "node_modules").is_dir() and known.get("packages") == packages
    if built and (installed or not dev):
        return
    missing = node_missing()
    if missing:
        without_node(missing)
        return
    if not installed:
        install(places)
        write(stamp, {"packages": packages, "sources": known.get("sources") if built else None})
    if not built:
        build(places)
        write(stamp, {"packages": packages, "sources": sources})


def install(places: Places) -> None:
    remove(places.root / "node_modules")
    with phase("wizard", "npm ci", grows=places.root / "node_modules") as line:
        run(["npm", "ci", "--no-audit", "--no-fund"], places.log, places.root)
        line.text = "packages from package-lock.json"


def build(places: Places) -> None:
    remove(places.dist)
    with phase("wizard", "npm run build", grows=places.dist) as line:
        run(["npm", "run", "build"], places.log, places.root)
        line.text = "built into dist/"


def without_node(missing: str) -> None:
    """Skip the wizard, since the API works without it; in CI raise `SetupFailed`."""
    if os.environ.get("CI") == "true":
        raise SetupFailed(f"the wizard cannot be built: {missing}")
    with phase("wizard", "looking for Node") as line:
        line.text = "skipped"
    print(
        f"            {missing}. The API works without it. For the wizard, install\n"
        "            Node 20.19 or newer (nodejs.org, `apt install nodejs npm` or\n"
        "            `brew install node`) and run the same command again."
    )


def node_missing() -> str | None:
    """Reason why the wizard cannot be built on this machine, or None."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "Node.js with npm was not found"
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    found = parse_version(done.stdout)
    if found is None or found < LOWEST_NODE:
        return f"Node {done.stdout.strip() or '(unknown version)'} is older than 20.19"
    return None


def parse_version(text: str) -> tuple[int, int] | None:
    """Major and minor version: (20, 20) for `v20.20.2`."""
    found = re.match(r"v(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def fingerprints(root: Path) -> tuple[str, str]:
    """SHA-256 of all sources and of package-lock.json.

    Contents rather than modification times, which a checkout changes.
    """
    everything = hashlib.sha256()
    for file in sorted(source_files(root)):
        everything.update(f"{file.relative_to(root)}\0".encode())
        everything.update(file.read_bytes())
    packages = hashlib.sha256((root / "package-lock.json").read_bytes())
    return everything.hexdigest(), packages.hexdigest()


def source_files(root: Path) -> set[Path]:
    found = {file for pattern in SOURCES for file in root.glob(pattern)}
    for folder in FOLDERS:
        for parent, below, names in os.walk(root / folder):
            below[:] = [name for name in below if name not in NOT_SOURCES]
            found |= {Path(parent) / name for name in names}
    return found


def read(stamp: Path) -> dict[str, str | None]:
    try:
        known = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def write(stamp: Path, known: dict[str, str | None]) -> None:
    stamp.write_text(json.dumps(known))
