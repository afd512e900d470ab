"""Failed commands are reported; low disk space gives a warning; .env is written once."""

import sys

import pytest

from scripts._setup import packages
from scripts._setup.main import disk_warning
from scripts._setup.phases import SetupFailed, folder_size, human_size, phase, run
from scripts._setup.places import Places


def test_failed_command_is_reported_with_last_lines(tmp_path):
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(7)"]
    with pytest.raises(SetupFailed) as caught:
        run(command, tmp_path / "log", tmp_path)
    message = str(caught.value)
    assert "exit status 7" in message
    assert "the reason" in message
    assert f"{sys.executable} -c" in message
    assert str(tmp_path / "log") in message
    assert "the reason" in (tmp_path / "log").read_text()


def test_missing_command_gives_plain_message(tmp_path):
    with pytest.raises(SetupFailed, match="could not run `no-such-tool"):
        run(["no-such-tool", "ci"], tmp_path / "log", tmp_path)


def test_pip_ignores_environment_variables(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PIP_USER", "1")
    code = "import os; print(os.environ.get('PYTHONPATH'), os.environ['PIP_USER'])"
    assert run([sys.executable, "-c", code], tmp_path / "log", tmp_path) == "None 0\n"


def test_phase_reports_size_and_seconds(tmp_path, capsys):
    with phase("packages", "installing", grows=tmp_path) as line:
        (tmp_path / "file").write_bytes(b"x" * 5_000_000)
        line.text = "57 from run.txt"
    words = capsys.readouterr().out.split()
    assert words[:6] == ["packages", "57", "from", "run.txt", "5", "MB"]
    assert words[-1] == "s"


def test_failed_phase_prints_no_line(tmp_path, capsys):
    with pytest.raises(SetupFailed), phase("torch", "installing", grows=tmp_path):
        raise SetupFailed("no")
    assert capsys.readouterr().out == ""


def test_human_readable_sizes(tmp_path):
    assert [human_size(n) for n in (9, 2_000, 3_400_000, 1_400_000_000)] == [
        "9 B",
        "2 kB",
        "3 MB",
        "1.4 GB",
    ]
    assert folder_size(tmp_path / "missing") == 0


def test_disk_warning_states_free_and_needed_space():
    assert "only 900 MB free" in disk_warning(900_000_000)
    assert "1.5 GB" in disk_warning(900_000_000)


def test_dotenv_is_copied_once_with_owner_only_permissions(tmp_path):
    places = Places(tmp_path)
    (tmp_path / ".env.example").write_text("BACKEND_PORT=8000\n")
    packages.write_dotenv(places)
    assert (tmp_path / ".env").read_text() == "BACKEND_PORT=8000\n"
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_existing_dotenv_is_not_changed(tmp_path):
    (tmp_path / ".env.example").write_text("BACKEND_PORT=8000\n")
    (tmp_path / ".env").write_text("BACKEND_PORT=8001\n")
    packages.write_dotenv(Places(tmp_path))
    assert (tmp_path / ".env").read_text() == "BACKEND_PORT=8001\n"
