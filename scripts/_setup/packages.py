"""Install all packages except torch from the lock files with hashes; create .env."""

from __future__ import annotations

import re
from pathlib import Path

from .phases import SetupFailed, phase
from .places import Places
from .torch import pip_install


def install(places: Places, *, dev: bool) -> None:
    locks = [
        places.requirements / name for name in (("run.txt", "dev.txt") if dev else ("run.txt",))
    ]
    with phase("packages", "installing from the lock files", grows=places.venv) as line:
        words: list[str | Path] = ["--quiet", "--require-hashes"]
        for lock in locks:
            words += ["-r", lock]
        pip_install(places, words)
        count = len({name for lock in locks for name in locked_names(lock)})
        line.text = f"{count} from {' and '.join(lock.name for lock in locks)}"


def locked_names(lock: Path) -> list[str]:
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock.read_text(), re.MULTILINE)


def write_dotenv(places: Places) -> None:
    """Copy .env.example to .env; an existing .env is never changed."""
    target, example = places.root / ".env", places.root / ".env.example"
    if target.exists() or not example.exists():
        return
    with phase(".env", "writing") as line:
        try:
            target.touch(mode=0o600, exist_ok=False)  # may contain tokens later
            target.write_text(example.read_text())
        except OSError as error:
            raise SetupFailed(f"{target} could not be written: {error}") from error
        line.text = "copied from .env.example"
