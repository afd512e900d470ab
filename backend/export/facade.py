"""The graph of a model: exported before, or in a worker process now."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from backend.domain.graph import ExportFailed, ExportJob, ExportLine
from backend.domain.model import ModelFacts
from backend.domain.report import Report
from backend.domain.server import ServerSpec
from backend.export import folder as folders
from backend.workers import derived_files
from backend.workers.derived_files import DerivedFiles
from backend.workers.model_program import model_program
from backend.workers.process import worker

MODULE = "backend.inference.export"
# Of the weights in float32: the model, the graph, its file in memory and the compiled graph.
_MEMORY_FACTOR = 4.0
_PROCESS_BYTES = 1_500_000_000
# BERT-base takes half a minute on one idle core; a busy machine several times as long.
_LIMIT_SECONDS = 3600.0
_BYTES_OF_A_PARAMETER = 4


class Exports(DerivedFiles):
    """Implements Exporter. Graphs are below `root`; the worker runs in `source`.

    `is_on` false: models are exported on request only.
    """

    def __init__(
        self, root: Path, *, source: str, environment: Mapping[str, str], is_on: bool = True
    ) -> None:
        super().__init__(root)
        self.is_on = is_on
        self._source = source
        self._environment = environment
        # Exports at the same time would slow the servers down for no gain.
        self._turn = asyncio.Lock()

    def find(self, model: ModelFacts, spec: ServerSpec) -> Path | None:
        """The folder of the graph of this server; None if it was not exported yet.

        Raises ExportFailed if it was tried, and the model cannot be exported.
        """
        place = self._place(model, spec)
        record = folders.recorded(place)
        if record is not None and record.reason is not None:
            raise ExportFailed(record.reason)
        return place if record is not None else None

    async def export(
        self, model: ModelFacts, spec: ServerSpec, free_bytes: int, report: Report
    ) -> Path:
        """The folder of the graph; exported now if it was not before, for which it may wait.

        Raises ExportFailed. `free_bytes` is the free memory of this machine.
        """
        async with self._turn:
            found = await asyncio.to_thread(self.find, model, spec)
            if found is not None:
                return found
            place = self._place(model, spec)
            self._check_room(model, free_bytes)
            draft = derived_files.draft_of(place, os.getpid())
            await asyncio.to_thread(derived_files.empty, draft)
            try:
                await self._run(ExportJob(spec=spec, output=str(draft)), place, report)
                await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
                await asyncio.to_thread(folders.adopt, draft, place)
            except OSError as error:
                raise ExportFailed(f"its files could not be written: {error.strerror}") from error
            finally:
                await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
            return place

    def _place(self, model: ModelFacts, spec: ServerSpec) -> Path:
        return folders.folder_of(self.folder_of(model.source, model.id), spec)

    def _check_room(self, model: ModelFacts, free_bytes: int) -> None:
        size = _BYTES_OF_A_PARAMETER * (model.parameters or 0)
        if _MEMORY_FACTOR * size + _PROCESS_BYTES > free_bytes:
            raise ExportFailed("not enough free memory to export it")
        existing = next(one for one in (self.root, *self.root.parents) if one.exists())
        if 2 * size > shutil.disk_usage(existing).free:
            raise ExportFailed("not enough free disk space for its graph")

    async def _run(self, job: ExportJob, place: Path, report: Report) -> None:
        program = model_program(
            MODULE, job.spec, root=self._source, environment=self._environment, threads=1
        )
        last: ExportLine | None = None
        try:
            async with asyncio.timeout(_LIMIT_SECONDS), worker(program, job, report) as running:
                async for raw in running.lines():
                    last = ExportLine.model_validate_json(raw)
                    if last.kind == "progress":
                        report(last.message)
                status = running.exit_status
        except TimeoutError:
            raise ExportFailed(f"its export took more than {_LIMIT_SECONDS:g} s") from None
        except ValidationError:
            raise ExportFailed("its export ended with an unknown result") from None
        if last is not None and last.kind == "failed":
            await asyncio.to_thread(folders.give_up, place, last.message)
            raise ExportFailed(last.message)
        if last is None or last.kind != "done":
            raise ExportFailed(f"its export ended with status {status}; memory may have run out")
