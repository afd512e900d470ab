"""The real control plane with real model servers, whose event loops are watched.

`python -m tests.fakes.watched_control_plane`; settings come from the environment, as always.
"""

import os
import sys
from pathlib import Path

from tests.fakes import watched_loop

RECORD = "held-callbacks.txt"

if __name__ == "__main__":
    watched_loop.install(Path(os.environ["MODEL_STORAGE_PATH"]) / "run" / RECORD)

    from backend.api_server import main

    sys.exit(main("tests.fakes.watched_server"))
