"""The folder from which a model is loaded: its snapshot, or one with converted files."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from backend.conversion import composed_folder
from backend.conversion import folder as folders
from backend.conversion.worker import MODULE, run_worker
from backend.domain.conversion import ConversionJob
from backend.domain.deployment import Conversion
from backend.domain.model import ModelFacts, PickleWeights
from backend.domain.plan import Snapshot
from backend.domain.report import Report
from backend.sandbox import seal
from backend.workers import derived_files
from backend.workers.derived_files import DerivedFiles
from backend.workers.process import WorkerProgram

# Private memory of the worker beside the weights (measured: 0.4 GB): interpreter, torch, threads.
_PROCESS_BYTES = 1_500_000_000


class Conversions(DerivedFiles):
    """Implements Converter. Converted files are below `root`; the worker runs in `source`."""

    def __init__(
        self, root: Path, *, python: str, source: str, environment: Mapping[str, str]
    ) -> None:
        super().__init__(root)
        kept = {
            name: value
            for name, value in environment.items()
            if "proxy" not in name.lower() and name != "HOME"
        }
        own = {"HF_HUB_OFFLINE": "1", "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self._program = WorkerProgram(
            python=python, module=MODULE, root=source, environment=kept | own
        )
        self._busy: dict[Path, asyncio.Lock] = {}

    def is_converted(self, model: ModelFacts) -> bool:
        """Whether the converted files exist, by name and size."""
        return all(
            folders.recorded(folders.folder_of(self.root, one)) is not None
            for one in model.repositories
            if one.pickle
        )

    def seal_kinds(self) -> list[str]:
        """What seals the worker on this machine."""
        return seal.kinds()

    async def prepared(
        self, model: ModelFacts, snapshot: Path, report: Report, *, runs_code: bool
    ) -> tuple[Path, Conversion | None]:
        """The folder to load, and the record of the conversion; None if nothing was converted.

        Repeated calls use the files of the first. Raises UnsafeFormat, ConversionFailed,
        OutOfMemory and WorkerDied; partial files are removed.
        """
        if model.pickle is None and not model.renamed and not model.added_model_type:
            return snapshot, None
        place = folders.folder_of(self.root, model)
        async with self._busy.setdefault(place, asyncio.Lock()):
            record = None
            if model.pickle is not None:
                record = await self._converted(model.pickle, place, snapshot, report, runs_code)
            await asyncio.to_thread(folders.link, place, snapshot, model)
        return place, record

    async def joined(
        self, model: ModelFacts, files: Snapshot, report: Report, *, runs_code: bool
    ) -> tuple[Path, Conversion | None]:
        """The folder to load for a model that may have a companion, and what was converted."""
        directories = (files.directory, files.companion_directory)
        snapshots = [Path(directory) for directory in directories if directory]
        repositories = model.repositories
        found = [
            await self.prepared(one, snapshot, report, runs_code=runs_code)
            for one, snapshot in zip(repositories, snapshots, strict=True)
        ]
        if model.companion is None:
            return found[0]
        own, other = (
            composed_folder.files_of(one, snapshot, loaded)
            for one, snapshot, (loaded, _) in zip(repositories, snapshots, found, strict=True)
        )
        root = self.folder_of(model.source, model.id)
        place = root / composed_folder.key_of(model)
        async with self._busy.setdefault(place, asyncio.Lock()):
            await asyncio.to_thread(composed_folder.compose, place, model, own, other)
        return place, _sum([record for _, record in found if record])

    async def _converted(
        self, pickle: PickleWeights, place: Path, snapshot: Path, report: Report, runs_code: bool
    ) -> Conversion:
        record = await asyncio.to_thread(folders.recorded, place)
        if record is not None:
            report("checking the converted weights")
            if await asyncio.to_thread(folders.is_intact, place, record):
                return record
        report("converting the pickle weights to safetensors")
        draft = derived_files.draft_of(place, os.getpid())
        await asyncio.to_thread(derived_files.empty, draft)
        try:
            job = ConversionJob(
                source=str(snapshot),
                output=str(draft),
                files=pickle.files,
                runs_code=runs_code,
                memory_bytes=_PROCESS_BYTES + 2 * pickle.bytes,
            )
            last = await run_worker(self._program, job, report)
            names = sorted(set(pickle.files.values()))
            record = await asyncio.to_thread(folders.adopt, draft, names, last.tensors, last.seal)
            await asyncio.to_thread(_replace, draft, place)
        finally:
            await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        return record


def _sum(records: list[Conversion]) -> Conversion | None:
    """One record of the conversions of a model and its companion."""
    if not records:
        return None
    return Conversion(
        tensors=sum(record.tensors for record in records),
        seal=records[0].seal,
        files=[file for record in records for file in record.files],
    )


def _replace(draft: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)
