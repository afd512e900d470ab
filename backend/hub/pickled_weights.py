"""Inspect all pickle files of a model: tensors, and what torch refuses to load."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from backend.domain.model import ModelFile, PickleWeights
from backend.errors.model import CorruptModel
from backend.hub.headers import Tensors
from backend.hub.pickles import PickleSummary, Reader, summarize
from backend.hub.weight_files import Weights

_AT_ONCE = 8
# As many names as a message can show.
_MOST_REFUSED = 10


@dataclass(frozen=True, kw_only=True)
class Pickles:
    """The facts, and the elements in the files of the model itself (None if those are safe)."""

    weights: PickleWeights
    tensors: Tensors | None


async def inspect_pickles(reader: Reader, weights: Weights) -> Pickles:
    """Read the structure of every pickle file. Raises CorruptModel if torch did not write it."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(file: ModelFile) -> PickleSummary:
        async with slots:
            found = await summarize(reader, file)
        if found is None:
            raise CorruptModel(f"{file.path!r} is not a file that torch.save writes.")
        return found

    files = [file for file in (*weights.files, *weights.modules) if file.path in weights.converted]
    found = await asyncio.gather(*(one(file) for file in files))
    refused = sorted({name for summary in found for name in summary.refused})
    main = {file.path for file in weights.files}
    elements: Counter[str] = Counter()
    for file, summary in zip(files, found, strict=True):
        elements.update(summary.elements if file.path in main else {})
    return Pickles(
        weights=PickleWeights(
            files=weights.converted,
            bytes=sum(file.bytes for file in files),
            refused=refused[:_MOST_REFUSED],
            unmapped_bytes=max(
                file.bytes if summary.is_legacy else 0
                for file, summary in zip(files, found, strict=True)
            ),
        ),
        tensors=Tensors(dict(elements)) if elements else None,
    )
