"""torchvision in the build of the installed torch, with timm, which requires it.

The compiled code of torchvision fits one build of torch. A wheel of another build installs without
an error, and then every pipeline of transformers fails at import, for text too. It is therefore
never in the base environment, and a folder with it is used only after it was imported.
"""

import importlib.metadata
import re
import sys
from pathlib import Path

from backend.errors.server import InstallFailed
from backend.packages.overlay import Part

NAME = "torchvision"
# Versions move together: torch 2.0 belongs to torchvision 0.15, torch 2.13 to 0.28.
_OFFSET = 15
# The first line fails if the metadata of torchvision names another torch.
_CHECK = """
import importlib.metadata as metadata
torch_version = metadata.version("torch")
wanted = [line for line in metadata.requires("torchvision") or [] if line.startswith("torch==")]
assert wanted in ([], ["torch==" + torch_version.split("+")[0]]), (wanted, torch_version)
import torch, torchvision
from torchvision.ops import nms
nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
import torchvision.transforms.v2, timm
"""


def torch_version() -> str:
    """Of the installed build, for example `2.13.0+cpu`."""
    return importlib.metadata.version("torch")


def part(lock: Path, index: str | None) -> Part:
    """What is installed and checked. `index` is where torch came from; None: where pip looks."""
    version = torch_version()
    return Part(
        name=NAME, lock=lock, requirement=requirement(version), index=index or recorded_index(),
        check=f"# {version}{_CHECK}",
    )  # fmt: skip


def requirement(torch: str) -> str:
    """The requirement that matches a version of torch. Raises InstallFailed for another than 2."""
    found = re.match(r"2\.(\d+)\.", torch)
    if found is None:
        raise InstallFailed("only the versions that belong to torch 2 are known")
    return f"torchvision==0.{int(found[1]) + _OFFSET}.*"


def mismatch(reason: str) -> str:
    """Why torchvision cannot be used, from pip's or Python's last line."""
    error = reason.removeprefix("RuntimeError: ")
    return (
        f"It requires torchvision, whose build must match torch {torch_version()}, and no such "
        f"build was found: {error}"
    )


def recorded_index() -> str | None:
    """The package index from which the set-up installed torch, if it was not pip's own."""
    try:
        return (Path(sys.prefix) / "torch-index").read_text().strip() or None
    except OSError:
        return None
