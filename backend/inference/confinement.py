"""Confine a server that runs Python code of a repository, before that code is imported."""

import logging
from pathlib import Path

from backend.domain.server import ServerSpec
from backend.inference.config import use_own_folder
from backend.sandbox.seal import seal_server

log = logging.getLogger(__name__)


def confine(spec: ServerSpec, run_dir: Path) -> None:
    """Leave this server the model's files to read and its own folder to write, and no network.

    Call it before starting threads and before importing transformers, which copies the code into a
    folder that is set here.
    """
    use_own_folder(run_dir)
    kinds = seal_server(_readable(spec), (run_dir,))
    log.info("sealed against: %s", ", ".join(kinds) or "nothing, this system cannot do it")


def _readable(spec: ServerSpec) -> set[Path]:
    """Files of the model, which can be links into a cache, and its libraries."""
    folder = Path(spec.model_dir)
    found = {folder, folder.resolve()}
    found |= {path.resolve() for path in folder.rglob("*") if path.is_symlink()}
    return found | ({Path(spec.overlay)} if spec.overlay else set())
