"""When the wizard is built, and the message if Node is missing."""

from pathlib import Path

import pytest

from scripts._setup import wizard
from scripts._setup.phases import SetupFailed
from scripts._setup.places import Places

FAKE_NPM = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$1" in
  ci) mkdir -p node_modules ;;
  run) mkdir -p dist && cp frontend/main.ts dist/index.html ;;
esac
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    here = Places(tmp_path / "project")
    (here.root / "frontend").mkdir(parents=True)
    here.work.mkdir()
    (here.root / "package.json").write_text("{}")
    (here.root / "package-lock.json").write_text("{}")
    (here.root / "frontend" / "main.ts").write_text("one")
    return here


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Fake node and npm on PATH; returns the npm commands since the last call."""
    tools, log = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir()
    tool(tools / "npm", FAKE_NPM)
    tool(tools / "node", "#!/bin/sh\necho v20.19.0\n")
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(log))

    def new_calls() -> list[str]:
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line.split()[0] if line.startswith("ci") else line for line in lines]

    return new_calls


def tool(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def test_wizard_is_built_once(places, calls):
    wizard.ensure(places, dev=False)
    assert calls() == ["ci", "run build"]
    wizard.ensure(places, dev=False)
    assert calls() == []


def test_changed_source_is_built_without_reinstall(places, calls):
    wizard.ensure(places, dev=False)
    calls()
    (places.root / "frontend" / "main.ts").write_text("two")
    wizard.ensure(places, dev=False)
    assert calls() == ["run build"]
    assert (places.dist / "index.html").read_text() == "two"


def test_changed_lock_installs_and_builds(places, calls):
    wizard.ensure(places, dev=False)
    calls()
    (places.root / "package-lock.json").write_text('{"name": "x"}')
    wizard.ensure(places, dev=False)
    assert calls() == ["ci", "run build"]


def test_removed_dist_is_rebuilt(places, calls):
    wizard.ensure(places, dev=False)
    calls()
    (places.dist / "index.html").unlink()
    wizard.ensure(places, dev=False)
    assert calls() == ["run build"]


def test_built_wizard_needs_node_modules_for_tests_only(places, calls):
    wizard.ensure(places, dev=False)
    calls()
    (places.root / "node_modules").rmdir()
    wizard.ensure(places, dev=False)
    assert calls() == []
    wizard.ensure(places, dev=True)
    assert calls() == ["ci"]


def test_node_is_not_required_without_wizard_sources(places, calls):
    (places.root / "package-lock.json").unlink()
    wizard.ensure(places, dev=False)
    assert calls() == []


def test_old_node_is_reported_and_api_works(places, calls, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)
    tool(tmp_path / "tools" / "node", "#!/bin/sh\necho v18.1.0\n")
    wizard.ensure(places, dev=False)
    output = capsys.readouterr().out
    assert "Node v18.1.0 is older than 20.19" in output
    assert "The API works without it" in output
    assert calls() == []


def test_missing_node_fails_in_ci(places, calls, tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    tool(tmp_path / "tools" / "node", "#!/bin/sh\necho v18.1.0\n")
    with pytest.raises(SetupFailed, match="older than"):
        wizard.ensure(places, dev=False)
