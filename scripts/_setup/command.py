"""The command `slipway` of this folder: `.venv/bin/slipway`."""

from __future__ import annotations

import shlex

from .places import Places


def write(places: Places) -> None:
    """Write a script that runs the command line with the code of this folder."""
    file = places.venv / "bin" / "slipway"
    root, python = shlex.quote(str(places.root)), shlex.quote(str(places.python))
    text = f'#!/bin/sh\nPYTHONPATH={root} exec {python} -m backend.cli "$@"\n'
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
        file.chmod(0o755)
