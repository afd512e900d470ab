"""CPU time of idle deployments: control plane, keeper and model servers, per core and deployment.

`python -m scripts.bench.idle_cost [--counts 1,10,50] [--seconds 60] [--models]` starts its own
control plane with stub model servers (with --models: with the starters) and measures it without
requests.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.fakes.control_plane import HTTP, Plane, free_ports, running_plane, stub_plane, until

STARTERS = ("sentiment", "digits", "tones", "stories")
SETTLE_SECONDS = 8.0
START_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True)
class Cost:
    """CPU time in percent of one core."""

    deployments: int
    control_plane: float
    keeper: float
    servers: float

    def line(self, nothing: Cost | None) -> str:
        """One row; `each` is the cost per deployment above a control plane without deployments."""
        share = "-"
        if nothing is not None and self.deployments:
            extra = self.control_plane + self.keeper - nothing.control_plane - nothing.keeper
            share = f"{extra / self.deployments:.4f}"
        each = self.servers / self.deployments if self.deployments else 0.0
        return (
            f"{self.deployments:>11}  {self.control_plane:>13.3f}  {self.keeper:>6.3f}  "
            f"{share:>14}  {each:>11.3f}"
        )


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """CPU time of these processes in seconds, from the scheduler's statistics where available.

    The usual counters have a resolution of 10 ms, as much as an idle process uses in a minute.
    """
    return sum(_precise(process.pid) or sum(process.cpu_times()[:2]) for process in processes)


def _precise(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def measure(plane: Plane, count: int, seconds: float) -> Cost:
    """Measure an idle control plane with `count` running deployments for `seconds`."""
    everyone = plane.processes()
    control = [psutil.Process(plane.process.pid)] if plane.process else []
    keeper = [p for p in everyone if "backend.keeper" in p.cmdline()]
    servers = [p for p in everyone if "--fd" in p.cmdline()]
    if len(servers) != count:
        message = f"expected {count} model servers, found {len(servers)}"
        raise RuntimeError(message)
    groups = (control, keeper, servers)
    time.sleep(SETTLE_SECONDS)
    began, before = time.monotonic(), [cpu_seconds(group) for group in groups]
    time.sleep(seconds)
    took, after = time.monotonic() - began, [cpu_seconds(group) for group in groups]
    shares = [100 * (new - old) / took for old, new in zip(before, after, strict=True)]
    return Cost(deployments=count, control_plane=shares[0], keeper=shares[1], servers=shares[2])


def deploy(plane: Plane, names: range) -> None:
    """Deploy starters with these numbers and wait until all deployments are running."""
    for number in names:
        plane.deploy(STARTERS[number % len(STARTERS)], name=f"idle-{number}")

    def all_running() -> bool:
        items = HTTP.get(f"{plane.url}/api/v1/deployments?limit=200").json()["items"]
        for item in items:
            if item["state"] == "failed":
                print(f"{item['name']} failed, retrying: {item['problem']['detail']}")
                plane.verb(item["id"], "retry")
        return {item["state"] for item in items} <= {"running"}

    until(all_running, "all deployments to run", START_SECONDS, pause=0.5)


def main() -> None:
    """Print a table with one row per number of deployments."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--counts", default="1,10,50", help="numbers of deployments, ascending")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="duration of each measurement, in seconds"
    )
    parser.add_argument("--models", action="store_true", help="deploy starters instead of stubs")
    options = parser.parse_args()
    counts = [int(part) for part in options.counts.split(",")]
    # Spare ports, since the control plane's own ports, not bound yet, may be in this range.
    size = max(counts) + 20
    first = free_ports(size)
    ports = {"MODEL_SERVE_PORT_START": str(first), "MODEL_SERVE_PORT_END": str(first + size - 1)}
    world = running_plane if options.models else stub_plane
    print("CPU time in percent of one core; `each`: control plane and keeper per deployment,")
    print("without the cost of a control plane that has no deployments")
    print("deployments  control plane  keeper  each           server each", flush=True)
    with tempfile.TemporaryDirectory() as folder, world(Path(folder) / "plane", **ports) as plane:
        nothing = measure(plane, 0, options.seconds)
        print(nothing.line(None), flush=True)
        there = 0
        for count in counts:
            deploy(plane, range(there, count))
            there = count
            print(measure(plane, count, options.seconds).line(nothing), flush=True)


if __name__ == "__main__":
    main()
