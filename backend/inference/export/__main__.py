"""`python -m backend.inference.export`: a job on stdin, lines on stdout.

A process of its own, since it imports torch and can be killed. It exits when stdin closes, so it
never outlives the control plane.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from backend.domain.graph import ExportJob, ExportLine
from backend.errors.base import PlatformError
from backend.transport.worker_pipes import end_with_parent, own_stdout

log = logging.getLogger(__name__)
# Servers and their users come first.
_NICENESS = 10


def main() -> None:
    """Read the job, export, write the result."""
    lines = own_stdout()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    job = ExportJob.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.nice(_NICENESS)

    def say(line: ExportLine) -> None:
        lines.write(line.model_dump_json() + "\n")
        lines.flush()

    say(_outcome(job, lambda message: say(ExportLine(kind="progress", message=message))))
    os._exit(0)


def _outcome(job: ExportJob, report: Callable[[str], None]) -> ExportLine:
    # Imports torch, which takes seconds: after the job, so that a closed pipe ends it at once.
    from backend.inference.export.openvino_graph import export  # noqa: PLC0415
    from backend.inference.export.recorded_calls import NotExportable  # noqa: PLC0415

    try:
        export(job.spec, Path(job.output), report)
    except NotExportable as error:
        return ExportLine(kind="failed", message=str(error))
    except PlatformError as error:
        return ExportLine(kind="failed", message=error.detail)
    except Exception as error:
        # Exporters reject a model with exceptions of many types.
        log.exception("the model cannot be exported")
        kind = type(error).__name__
        return ExportLine(kind="failed", message=f"the exporter does not support it ({kind})")
    return ExportLine(kind="done")


if __name__ == "__main__":
    main()
