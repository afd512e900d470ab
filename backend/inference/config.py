"""What this process is told: two arguments and a spec file; and its fixed limits."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from backend.domain.server import ServerSpec

MB = 1024 * 1024
# Decoded size decides what a request costs; these bound what may be sent at all.
MAX_BODY_BYTES = {"json": 16 * MB, "image": 64 * MB, "audio": 128 * MB, "video": 256 * MB}
MAX_ITEMS = 1000
MAX_CHARACTERS = 1_000_000
MAX_SPEECH_CHARACTERS = 5_000
# Of one input, where a text is read again beside each of many others.
MAX_READ_CHARACTERS = 10_000_000
MAX_PIXELS = 50_000_000
# In one question or conversation.
MAX_IMAGES = 16
# Models that enlarge an image look at every pixel of it.
MAX_ENLARGED_PIXELS = 1 << 19
# Of all masks of an image, together; each is a file as large as the image.
MAX_MASK_PIXELS = 4_000_000_000
MAX_AUDIO_SECONDS = 600
MAX_VIDEO_SECONDS = 600
# Of all frames that are read, together; and with those that are skipped between them.
MAX_VIDEO_PIXELS = 200_000_000
MAX_DECODED_PIXELS = 2_000_000_000
# A generation that names no length gets this much, or what fits.
DEFAULT_NEW_TOKENS = 100
# The answer in a conversation ends by itself, where the model learnt to.
DEFAULT_CHAT_TOKENS = 1024
# Seconds that requests in flight have after SIGTERM; less than the keeper waits until SIGKILL.
TERM_GRACE_SECONDS = 8.0
# How long the rest of a body that was refused is read, so that its sender sees the refusal.
LINGER_SECONDS = 3.0


@dataclass(frozen=True)
class Arguments:
    """The command line of `python -m backend.inference`."""

    run_dir: Path
    fd: int


def arguments(argv: list[str] | None = None) -> Arguments:
    """Parse the command line; exits 2 with a message when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m backend.inference")
    parser.add_argument("--run-dir", type=Path, required=True, help="folder with spec.json")
    parser.add_argument("--fd", type=int, required=True, help="listening socket, inherited")
    found = parser.parse_args(argv)
    return Arguments(run_dir=found.run_dir, fd=found.fd)


def read_spec(run_dir: Path) -> ServerSpec:
    """The spec that the runtime wrote."""
    return ServerSpec.model_validate_json((run_dir / "spec.json").read_bytes())
