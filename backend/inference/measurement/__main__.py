"""`python -m backend.inference.measurement`: a job on stdin, lines on stdout.

A process of its own, since it imports torch and can be killed. It exits when stdin closes, so it
never outlives the control plane.
"""

import os
import sys
import threading

from backend.domain.deployment import Candidate
from backend.domain.measurement import MeasurementJob, MeasurementLine
from backend.transport.worker_pipes import end_with_parent, own_stdout


def main() -> None:
    """Read the job, measure, write the result."""
    lines = own_stdout()
    job = MeasurementJob.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()

    def say(line: MeasurementLine) -> None:
        lines.write(line.model_dump_json() + "\n")
        lines.flush()

    def report(message: str, fraction: float, candidates: list[Candidate]) -> None:
        say(
            MeasurementLine(
                kind="progress", message=message, fraction=fraction, candidates=candidates
            )
        )

    # Imports torch, which takes seconds: after the job, so that a closed pipe ends it at once.
    from backend.inference.measurement.rounds import measure  # noqa: PLC0415

    say(MeasurementLine(kind="done", candidates=measure(job, report)))
    lines.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
