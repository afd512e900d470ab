"""Environments of peers: one per peer in the cache, in which torch and transformers are ours.

A file of paths (`.pth`) in each makes the packages of .venv visible below those of the peer, so
that all contenders run the same versions. pip installs into the peer's environment only; .venv is
never changed.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from benchmarks.peers.base import Peer
from benchmarks.processes import ROOT

INSTALL_SECONDS = 900
INSTALLED = "installed.txt"


class Unavailable(Exception):
    """The peer cannot run here; the message is the reason."""


def python_of(peer: Peer, cache: Path) -> Path:
    """Return the peer's interpreter; installs its packages once. Raises Unavailable."""
    if not peer.packages:
        return Path(sys.executable)
    folder = cache / "peers" / peer.name
    python = folder / "bin" / "python"
    wanted = "\n".join(peer.packages)
    stamp = folder / INSTALLED
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"  installing {peer.name} in {folder}", flush=True)
    venv.create(folder, clear=True, with_pip=False)
    inside = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    (inside / "packages_of_slipway.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    _install(peer, python)
    stamp.write_text(wanted)
    return python


def _install(peer: Peer, python: Path) -> None:
    command = [
        sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet",
        "--only-binary", ":all:", "-c", str(ROOT / "requirements" / "constraints.txt"),
        *peer.packages,
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        message = f"pip took more than {INSTALL_SECONDS} s"
        raise Unavailable(message) from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise Unavailable("; ".join(lines[-2:]) or f"pip failed with status {done.returncode}")
