"""Run the phases of the setup in order."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import command, packages, stamp, torch, venv, wizard
from .phases import SetupFailed, human_size, phase
from .places import Places

ROOM_BYTES = 3_000_000_000
CLEANED = (".venv", ".setup", "dist", "node_modules")
CACHES = (".pytest_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis", "build")


def main(arguments: argparse.Namespace) -> int:
    places = Places(Path(__file__).resolve().parents[2])
    if arguments.clean:
        return clean(places)
    try:
        with alone(places):
            set_up(places, arguments)
    except SetupFailed as error:
        print(f"\nSetup failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSetup was interrupted. Run the same command again to resume.", file=sys.stderr)
        return 130
    return 0


def set_up(places: Places, arguments: argparse.Namespace) -> None:
    started = time.monotonic()
    if not venv_is_current(places, arguments):
        print("Installing what is missing (log: .setup/setup.log)")
        warn_if_disk_is_low(places.root)
        prepare_venv(places, arguments)
        print(f"  setup completed in {time.monotonic() - started:.0f} s")
    command.write(places)
    packages.write_dotenv(places)
    if not arguments.no_wizard:
        wizard.ensure(places, dev=arguments.dev)


def venv_is_current(places: Places, arguments: argparse.Namespace) -> bool:
    known = stamp.read(places)
    installed = venv.probe(places.python) if known else None
    if installed is None or venv.why_rebuild(places, installed):
        return False
    return stamp.is_current(known, places, installed, arguments.torch, dev=arguments.dev)


def prepare_venv(places: Places, arguments: argparse.Namespace) -> None:
    had_dev = bool(stamp.read(places).get("dev"))
    installed = venv.ensure(places)
    planned = torch.plan(places, arguments.torch, installed)
    if torch.needs_new_venv(planned, installed, torch.pinned(places.constraints)):
        with phase(".venv", "removing") as line:
            venv.remove(places.venv)
            line.text = f"removed: TORCH={arguments.torch} requires another build of torch"
        venv.ensure(places)
    places.stamp.unlink(missing_ok=True)
    torch.install(places, planned)
    packages.install(places, dev=arguments.dev or had_dev)
    installed = venv.probe(places.python)
    if installed is None:
        raise SetupFailed(f"{places.python} no longer runs. See {places.log}.")
    stamp.write(places, installed, dev=arguments.dev or had_dev)


def warn_if_disk_is_low(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < ROOM_BYTES:
        print(disk_warning(free))


def disk_warning(free: int) -> str:
    return (
        f"  disk      only {human_size(free)} free; the setup requires about 1.5 GB, models not "
        "included.\n            If it fails, free some space and run the same command again."
    )


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold an exclusive lock: `make run` and `make test` may run at the same time."""
    places.work.mkdir(exist_ok=True)
    with (places.work / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another setup is running in this folder; waiting for it ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        os.set_inheritable(file.fileno(), True)  # pip keeps the lock if the setup is killed
        yield


def clean(places: Places) -> int:
    for name in (*CLEANED, *CACHES):
        folder = places.root / name
        if folder.exists() or folder.is_symlink():
            venv.remove(folder)
            print(f"  removed   {name}")
    print("  kept      .env, models, logs and the database")
    return 0
