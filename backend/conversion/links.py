"""Links from a folder that a model server loads to the files of snapshots."""

from pathlib import Path


def link(place: Path, target: Path) -> None:
    """Make `place` a link to `target`, in place of what is there."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target.absolute())
