"""Find the Hub's own conversion of pickle weights to safetensors."""

import asyncio
from dataclasses import dataclass

from backend.domain.model import ModelFile
from backend.errors import PlatformError
from backend.hub.client import HubClient
from backend.hub.hashes import expected
from backend.hub.listing import Listing, listing
from backend.hub.weight_files import LAYOUTS, SAFETENSORS, SAFETENSORS_INDEX, has_safetensors

# The account of the Hub's conversion service; transformers trusts the same name.
_CONVERTER = "SFconvertbot"
_SECONDS = 3.0
_MOST = 3
_SHARD = (f"{SAFETENSORS.partition('.')[0]}-", ".safetensors")


@dataclass(frozen=True, kw_only=True)
class HubConversion:
    """The safetensors files of a pull request, each with its commit."""

    revision: str
    files: dict[str, ModelFile]


async def conversion(client: HubClient, model_id: str, found: Listing) -> HubConversion | None:
    """The conversion of exactly these pickle files; None if there is none, or no quick answer.

    A pull request counts if the Hub's own account opened it, and its pickle files have the same
    hashes as those of the pinned commit.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            for revision in (await client.pull_requests(model_id, _CONVERTER))[:_MOST]:
                proposed = await listing(client, model_id, revision)
                if has_safetensors(proposed.files) and _pickles(proposed) == _pickles(found):
                    return HubConversion(revision=revision, files=_converted(proposed))
    except (PlatformError, TimeoutError):
        return None  # the pickle files are converted here instead
    return None


def _pickles(found: Listing) -> dict[str, str]:
    """Hashes of the pickle files in the usual layouts, by path."""
    singles = {layout.single for layout in LAYOUTS if layout.is_pickle}
    return {
        path: expected(file)
        for path, file in found.files.items()
        if path in singles or (path.startswith("pytorch_model") and path.endswith(".bin"))
    }


def _converted(found: Listing) -> dict[str, ModelFile]:
    return {
        path: file.model_copy(update={"commit": found.commit})
        for path, file in found.files.items()
        if path in {SAFETENSORS, SAFETENSORS_INDEX}
        or (path.startswith(_SHARD[0]) and path.endswith(_SHARD[1]))
    }
