"""The families of tasks that read pictures and write text."""

from collections.abc import Callable

from backend.inference.adapters.base import Adapter, Loaded
from backend.inference.adapters.captions import blip, encoder_decoder, git
from backend.inference.adapters.family import Family

# AutoProcessor refuses many a picture model that these two prepare just as well.
_PICTURE_AND_TEXT = ("AutoImageProcessor", "AutoTokenizer")


def _captions(kind: str, adapter: Callable[[Loaded], Adapter]) -> Family:
    return Family(
        model="AutoModelForImageTextToText",
        kind=kind,
        processors=_PICTURE_AND_TEXT,
        adapter=adapter,
    )


MULTIMODAL: dict[str, tuple[Family, ...]] = {
    "image-to-text": (
        _captions("BlipForConditionalGeneration", blip),
        _captions("GitForCausalLM", git),
        _captions("Pix2StructForConditionalGeneration", encoder_decoder),
        _captions("VisionEncoderDecoderModel", encoder_decoder),
    ),
}
