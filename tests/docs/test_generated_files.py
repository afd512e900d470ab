"""Generated files are what `make generate` would write now."""

from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from backend.config import Settings
from scripts import generate
from scripts.render import settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", generate.GENERATED)
def test_generated_file_is_current(name):
    assert not generate.outdated(name), f"{name} is out of date: type `make generate`"


def settings_from(env_file: Path | None) -> Settings:
    chosen: dict[str, Any] = {"_env_file": env_file}  # pydantic-settings' own, no field of ours
    return Settings(**chosen)


def test_env_example_sets_every_setting_to_default(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    assert settings_from(ROOT / ".env.example") == settings_from(None)


def test_env_example_lists_every_setting():
    text = (ROOT / ".env.example").read_text()
    missing = [n for n in Settings.model_fields if f"\n{n.upper()}=" not in text]
    assert [n for n in missing if f"\n# {n.upper()}=" not in text] == []
    assert set(dotenv_values(ROOT / ".env.example")) <= {n.upper() for n in Settings.model_fields}


def test_every_setting_has_section_and_description():
    found = {
        name: (section, field) for section, fields in settings.sections() for name, field in fields
    }
    assert list(found) == list(Settings.model_fields)
    assert [n for n, (section, field) in found.items() if not (section and field.description)] == []
