"""The real model server, whose event loop is watched."""

import sys
from pathlib import Path

from tests.fakes import watched_loop
from tests.fakes.watched_control_plane import RECORD

if __name__ == "__main__":
    run_dir = Path(sys.argv[sys.argv.index("--run-dir") + 1])
    watched_loop.install(run_dir.parent / RECORD)

    from backend.inference.__main__ import main

    main()
