"""What the documents name exists: settings, files, make's words, versions."""

import re
import tomllib
from pathlib import Path

import pytest

from backend.config import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Names in capitals that are not settings of the control plane.
NOT_SETTINGS = {
    "Q4_K_M", "Q8_0",  # quantizations of GGUF files
    "SLIPWAY_API_KEY", "SLIPWAY_URL",  # read by the command line
    "FIND_LINKS", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "PIP_FIND_LINKS", "PIP_INDEX_URL",
    "NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "SSL_CERT_FILE", "OMP_NUM_THREADS",
}  # fmt: skip


def named(pattern: str) -> dict[str, str]:
    """Everything that matches, with the document that has it."""
    return {
        found: document.relative_to(ROOT).as_posix()
        for document in DOCUMENTS
        for found in re.findall(pattern, document.read_text(), re.MULTILINE)
    }


def constants() -> set[str]:
    """Names in capitals that our own code has."""
    files = (ROOT / "backend").rglob("*.py")
    return {
        name
        for file in files
        for name in re.findall(r"^([A-Z][A-Z0-9_]+)\b.*=", file.read_text(), re.MULTILINE)
    }


def test_every_documented_setting_exists():
    settings = {name.upper() for name in Settings.model_fields} | NOT_SETTINGS | constants()
    found = named(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`")
    found |= named(r"^(?:export )?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)=")
    assert {name: where for name, where in found.items() if name not in settings} == {}


def test_every_documented_make_target_exists():
    words = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    found = named(r"(?:^|`)make ([a-z0-9-]+)")
    assert {word: where for word, where in found.items() if word not in words} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.relative_to(ROOT).as_posix())
def test_every_relative_link_resolves(document):
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_path_in_tour_exists():
    tour = ROOT / "docs" / "tour.md"
    folders = "backend|frontend|tests|scripts|docs|training|requirements"
    paths = re.findall(rf"`((?:{folders})/[^`\s*]*)`", tour.read_text())
    assert paths
    assert [path for path in paths if not (ROOT / path.partition(":")[0]).exists()] == []


def test_every_direct_dependency_is_documented():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "docs" / "technology.md").read_text().lower()
    names = [re.split(r"[\[<>=]", one)[0] for one in project["dependencies"]]
    assert [name for name in names if name.lower() not in text] == []


def test_newest_changelog_entry_is_current_version():
    changelog = ROOT / "CHANGELOG.md"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"^## \[?v?(\d+\.\d+\.\d+)", changelog.read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == version
