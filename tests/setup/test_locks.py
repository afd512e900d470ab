"""The locks: whole, with hashes, without a host, without torch."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.render.requirements import pinned_versions

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("pip.txt", "run.txt", "dev.txt")
# What tests of clients install for themselves.
OTHERS = [f"../{file.relative_to(ROOT)}" for file in ROOT.glob("tests/clients/*/requirements.txt")]
NPM_LOCKS = ("package-lock.json", "tests/clients/huggingface-js/package-lock.json")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def text_of(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text()


@pytest.mark.parametrize("lock", [*LOCKS, *OTHERS])
def test_lock_has_no_host_and_no_option(lock):
    lines = [line for line in text_of(lock).splitlines() if not line.startswith("#")]
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


@pytest.mark.parametrize("lock", [*LOCKS, *OTHERS])
def test_lock_has_no_torch_and_no_cuda_packages(lock):
    unwanted = ("torch", "torchvision", "torchaudio", "timm", "triton")
    names = pinned_versions(ROOT / "requirements" / lock)
    assert [n for n in names if n in unwanted or n.startswith(("nvidia", "cuda"))] == []


@pytest.mark.parametrize("lock", [*LOCKS, *OTHERS])
def test_every_lock_entry_has_hashes(lock):
    entries = re.split(r"\n(?=[a-z0-9])", text_of(lock))
    pinned = [entry for entry in entries if "==" in entry.splitlines()[0]]
    assert len(pinned) == len(pinned_versions(ROOT / "requirements" / lock))
    assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []


def is_satisfied(wanted: Requirement, pins: dict[str, str]) -> bool:
    version = pins.get(canonicalize_name(wanted.name))
    return version is not None and wanted.specifier.contains(version)


def test_run_lock_satisfies_every_direct_dependency():
    pins = pinned_versions(ROOT / "requirements" / "run.txt")
    pins |= pinned_versions(ROOT / "requirements" / "constraints.txt")
    wanted = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    assert [str(one) for one in wanted if not is_satisfied(one, pins)] == []


def test_dev_lock_satisfies_dev_group_and_matches_run_lock():
    run = pinned_versions(ROOT / "requirements" / "run.txt")
    dev = pinned_versions(ROOT / "requirements" / "dev.txt")
    wanted = [Requirement(text) for text in PROJECT["dependency-groups"]["dev"]]
    assert [str(one) for one in wanted if not is_satisfied(one, dev)] == []
    assert {name: dev[name] for name in dev.keys() & run.keys()} == {
        name: run[name] for name in dev.keys() & run.keys()
    }


@pytest.mark.parametrize("lock", NPM_LOCKS)
def test_npm_lock_has_no_host_and_every_platform(lock):
    """`npm install` drops what a registry lacks, and `npm ci` then refuses the lock everywhere."""
    text = (ROOT / lock).read_text()
    packages = json.loads(text)["packages"]
    wanted = {name for entry in packages.values() for name in entry.get("optionalDependencies", {})}
    assert sorted(name for name in wanted if f"node_modules/{name}" not in packages) == []
    assert '"resolved": "http' not in text
    assert [path for path, entry in packages.items() if path and "integrity" not in entry] == []
