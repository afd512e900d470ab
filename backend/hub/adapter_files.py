"""Read what the files of a PEFT adapter tell before they are downloaded."""

from collections.abc import Collection

from backend.domain.model import ModelFile
from backend.domain.peft_adapter import PeftAdapter
from backend.errors.model import CorruptModel
from backend.hub.weight_files import ADAPTER_CONFIG, is_adapter
from backend.hub.weight_headers import Reader, read_raw_header
from backend.tasks.peft_adapters import Shapes, adapter_of, shapes_of


async def inspect_adapter(
    reader: Reader, listing: Collection[str], weights: list[ModelFile]
) -> PeftAdapter | None:
    """The facts of an adapter; None for other models. Raises CorruptModel.

    The shapes of its tensors are known of safetensors only.
    """
    if not is_adapter(listing):
        return None
    config = await reader.json(ADAPTER_CONFIG)
    if config is None:
        raise CorruptModel(f"{ADAPTER_CONFIG} is not a JSON object.")
    shapes: Shapes = {}
    for file in weights:
        if file.path.endswith(".safetensors"):
            shapes = shapes_of(await read_raw_header(reader, file))
    return adapter_of(config, shapes)
