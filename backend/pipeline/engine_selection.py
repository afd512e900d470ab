"""Select device, dtype, threads and engine; uses torch, in a subprocess, only if required.

The control plane must not import torch, and a subprocess can be killed when the step is cancelled.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping

from backend.domain.decide import Question, decide, may_need_library
from backend.domain.deployment import Receipt
from backend.errors import Problem, ProblemError
from backend.errors.server import WorkerDied

MODULE = "backend.inference.prepare"
REFUSED = 3


class EngineSelection:
    """`environment` is that of the subprocess, which runs in `folder`, where our packages are."""

    def __init__(self, folder: str, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    async def __call__(self, question: Question, accelerators: int, python: str) -> Receipt:
        """The receipt. Raises UnsupportedOption for an unavailable option, and WorkerDied."""
        if not may_need_library(question.hardware, accelerators):
            return decide(question)
        process = await asyncio.create_subprocess_exec(
            python, "-m", MODULE, cwd=self._folder, env=dict(self._environment),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            output, _ = await process.communicate(question.model_dump_json().encode())
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        if process.returncode == REFUSED:
            raise ProblemError(Problem.model_validate_json(output))
        if process.returncode != 0:
            raise WorkerDied(f"The prepare worker exited with status {process.returncode}.")
        return Receipt.model_validate_json(output)
