"""`python -m backend.inference.conversion`: a job on stdin, lines on stdout.

The process seals itself after importing torch and before it opens a pickle file. It exits when
stdin closes, so it never outlives the control plane.
"""

import sys
import threading
from pathlib import Path
from typing import TextIO

import torch
from torch import Tensor

from backend.domain.conversion import ConversionJob, ConversionLine
from backend.errors.base import PlatformError
from backend.errors.model import ConversionFailed
from backend.errors.server import OutOfMemory
from backend.inference.conversion import safetensors_files
from backend.inference.conversion.pickles import tensors_of
from backend.inference.conversion.safetensors_files import split_shared
from backend.sandbox.seal import Limits, seal
from backend.transport.worker_pipes import end_with_parent, own_stdout

# A converted file may be larger than its source: parts of the same tensor are written separately.
_GROWTH = 2
_HEADER_BYTES = 100_000_000


def main() -> None:
    """Read the job, seal the process, convert all files."""
    lines = own_stdout()
    job = ConversionJob.model_validate_json(sys.stdin.buffer.readline())
    torch.set_num_threads(1)
    source, output = Path(job.source), Path(job.output)
    pickles = {(source / name).resolve(): Path(target) for name, target in job.files.items()}
    _import_everything(output)
    sizes = {path: path.stat().st_size for path in pickles}
    kinds = seal(
        Limits(
            read=tuple(pickles),
            write=output,
            memory_bytes=job.memory_bytes,
            file_bytes=_GROWTH * max(sizes.values()) + _HEADER_BYTES,
        )
    )
    # Started now, since a thread that exists already would not be sealed.
    threading.Thread(target=end_with_parent, daemon=True).start()
    say = _Speaker(lines, kinds, sum(sizes.values()))
    try:
        _convert(pickles, sizes, say, runs_code=job.runs_code)
    except PlatformError as error:
        say.failed(error)
    except MemoryError:
        say.failed(OutOfMemory("Not enough memory to convert the pickle weights."))
    else:
        say(ConversionLine(kind="done", message=f"{say.tensors} tensors compared"))


class _Speaker:
    def __init__(self, lines: TextIO, seal: list[str], total: int) -> None:
        self._lines = lines
        self._seal = seal
        self._total = max(total, 1)
        self.done = 0
        self.tensors = 0

    def __call__(self, line: ConversionLine) -> None:
        told = line.model_copy(update={"seal": self._seal, "tensors": self.tensors})
        self._lines.write(told.model_dump_json() + "\n")
        self._lines.flush()

    def progress(self, message: str, within: float, size: int) -> None:
        fraction = min((self.done + within * size) / self._total, 1.0)
        self(ConversionLine(kind="progress", message=message, fraction=fraction))

    def failed(self, error: PlatformError) -> None:
        facts = {name: str(value) for name, value in error.values.items()}
        line = ConversionLine(kind="failed", message=error.detail, code=error.code, facts=facts)
        self(line)


def _convert(
    pickles: dict[Path, Path], sizes: dict[Path, int], say: _Speaker, *, runs_code: bool
) -> None:
    folders: dict[Path, dict[Path, dict[str, Tensor]]] = {}
    for path, target in pickles.items():
        say.progress(f"reading {path.name if len(pickles) > 1 else 'the weights'}", 0, sizes[path])
        tensors, shared = split_shared(tensors_of(path, runs_code=runs_code))
        safetensors_files.write(tensors, shared, target, _GROWTH * sizes[path])
        _compare(tensors, target, sizes[path], say)
        say.done += sizes[path]
        meta = {name: tensor.to("meta") for name, tensor in tensors.items()}
        folders.setdefault(target.parent, {})[target] = meta
        del tensors  # before the next file is read
    for tables in folders.values():
        if len(tables) > 1:
            safetensors_files.write_index(tables)


def _compare(tensors: dict[str, Tensor], target: Path, size: int, say: _Speaker) -> None:
    for index, different in enumerate(safetensors_files.differences(tensors, target), 1):
        if different is not None:
            raise ConversionFailed(f"The tensor {different!r} differs after the conversion.")
        say.tensors += 1
        if index % 50 == 0 or index == len(tensors):
            part = 0.5 + 0.5 * index / len(tensors)
            say.progress(f"comparing {target.name}, {index} of {len(tensors)} tensors", part, size)


def _import_everything(folder: Path) -> None:
    """Convert one tensor: afterwards no module is read that the seal could make unreadable."""
    trial, result = folder / "trial.bin", folder / "trial.safetensors"
    torch.save({"trial": torch.zeros(1)}, trial)
    tensors, shared = split_shared(tensors_of(trial, runs_code=False))
    safetensors_files.write(tensors, shared, result, 1 << 20)
    list(safetensors_files.differences(tensors, result))
    trial.unlink()
    result.unlink()


if __name__ == "__main__":
    main()
