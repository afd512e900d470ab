"""A fake Hub by hand: `python -m tests.fakes.hub --port 9999 --models DIR`.

Faults: `curl -X POST :9999/_faults -d '{"kind": "throttle", "rate": 5000000}'`, `DELETE /_faults`;
recorded requests and bytes sent: `GET /_faults`. Use with `HF_ENDPOINT=http://127.0.0.1:9999`.
"""

import argparse
import signal
import threading
from pathlib import Path

from tests.fakes.hub.faults import Fault
from tests.fakes.hub.server import FakeHub


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--rate", type=int, help="bytes a second for every file")
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with FakeHub(options.models, options.port) as hub:
        if options.rate:
            hub.fault(Fault("throttle", rate=options.rate))
        print(f"fake Hub on {hub.url} with {', '.join(hub.repos) or 'no models'}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
