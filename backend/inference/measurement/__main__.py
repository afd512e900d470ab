"""`python -m backend.inference.measurement`: a job on stdin, lines on stdout.

A process of its own, since it imports torch and can be killed. It exits when stdin closes, so it
never outlives the control plane.
"""

import os
import sys
import threading

from backend.domain.deployment import Candidate
from backend.domain.measurement import MeasurementJob, MeasurementLine


def main() -> None:
    """Read the job, measure, write the result."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What libraries print is logged.
    os.dup2(2, 1)
    job = MeasurementJob.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()

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


def _end_with_parent() -> None:
    # Not through sys.stdin: a thread that holds its buffer would break interpreter shutdown.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
