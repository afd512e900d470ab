"""The real control plane on stub model servers, for what is not about models: no torch, no wait.

`python -m tests.fakes.stub_control_plane`; settings come from the environment, as always.
"""

import sys

from backend.api_server import main

if __name__ == "__main__":
    sys.exit(main("tests.fakes.stub_server"))
