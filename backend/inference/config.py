"""Configuration of this process: command line, spec file, and fixed limits."""

import argparse
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.domain.server import ServerSpec

MB = 1024 * 1024
# Limits on the size of a request body; its cost depends on the decoded size.
MAX_BODY_BYTES = {"json": 16 * MB, "image": 64 * MB, "audio": 128 * MB, "video": 256 * MB}
MAX_ITEMS = 1000
MAX_CHARACTERS = 1_000_000
MAX_SPEECH_CHARACTERS = 5_000
# Per input, for tasks that read a text again with each of several others.
MAX_READ_CHARACTERS = 10_000_000
MAX_PIXELS = 50_000_000
# Per question or conversation.
MAX_IMAGES = 16
# Super-resolution models run at the full size of the image.
MAX_ENLARGED_PIXELS = 1 << 19
# Total of all masks of an image; each is a PNG of the image's size.
MAX_MASK_PIXELS = 4_000_000_000
MAX_AUDIO_SECONDS = 600
MAX_VIDEO_SECONDS = 600
# Total of all frames that are read; total including the skipped frames between them.
MAX_VIDEO_PIXELS = 200_000_000
MAX_DECODED_PIXELS = 2_000_000_000
# Default of max_new_tokens, reduced to what fits.
DEFAULT_NEW_TOKENS = 100
# Default of max_new_tokens in a conversation, which normally ends with EOS.
DEFAULT_CHAT_TOKENS = 1024
# Tokens of all beams or returned sequences of an input together; each has its own key-value cache.
MAX_PARALLEL_TOKENS = 65_536
# Seconds for requests in flight after SIGTERM; shorter than the keeper waits before SIGKILL.
TERM_GRACE_SECONDS = 8.0
# Seconds for which a server whose successor has the port still answers on the connections it has,
# each of which it closes with a response: a client that is busy never meets a closed connection.
HAND_OVER_SECONDS = 2.0
# Seconds to read the rest of a rejected body, so that the client receives the response.
LINGER_SECONDS = 3.0


@dataclass(frozen=True)
class Arguments:
    """Command line of `python -m backend.inference`."""

    run_dir: Path
    fd: int


def use_own_folder(run_dir: Path) -> None:
    """Let Python and libraries write temporary files to a folder in that of the server.

    It is removed with it, also if the server is killed.
    """
    folder = run_dir / "own"
    folder.mkdir(exist_ok=True)
    os.environ["HF_MODULES_CACHE"] = str(folder / "modules")
    os.environ["HOME"] = str(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def take_environment(env: Mapping[str, str]) -> None:
    """Replace the environment of this process, as exec would."""
    os.environ.clear()
    os.environ.update(env)


def arguments(argv: list[str] | None = None) -> Arguments:
    """Parse the command line; exits with status 2 and a message if it is invalid."""
    parser = argparse.ArgumentParser(prog="python -m backend.inference")
    parser.add_argument("--run-dir", type=Path, required=True, help="folder with spec.json")
    parser.add_argument("--fd", type=int, required=True, help="listening socket, inherited")
    found = parser.parse_args(argv)
    return Arguments(run_dir=found.run_dir, fd=found.fd)


def read_spec(run_dir: Path) -> ServerSpec:
    """Read the spec that the runtime wrote."""
    return ServerSpec.model_validate_json((run_dir / "spec.json").read_bytes())
