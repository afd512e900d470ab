"""The families of tasks that read pictures and write text."""

from collections.abc import Callable

from backend.inference.adapters.base import Adapter, Loaded
from backend.inference.adapters.family import Family
from backend.inference.adapters.picture_text.captions import blip, encoder_decoder, git
from backend.inference.adapters.picture_text.document_words import layoutlm, layoutlm_v3
from backend.inference.adapters.picture_text.document_writing import DocumentWriting
from backend.inference.adapters.picture_text.image_text_to_text import ImageTextToText
from backend.inference.adapters.picture_text.picture_processor import PictureProcessor
from backend.inference.adapters.picture_text.visual_questions import Answerer, Chooser

# AutoProcessor refuses many a picture model that these two prepare just as well.
_PICTURE_AND_TEXT = ("AutoImageProcessor", "AutoTokenizer")

_DOCUMENTS = "AutoModelForDocumentQuestionAnswering"
_ANSWERS = "AutoModelForVisualQuestionAnswering"


def _paired(kind: str, adapter: Callable[[Loaded], Adapter]) -> Family:
    return Family(
        model="AutoModelForImageTextToText",
        kind=kind,
        processors=_PICTURE_AND_TEXT,
        adapter=adapter,
    )


_CAPTIONS = (
    _paired("BlipForConditionalGeneration", blip),
    _paired("GitForCausalLM", git),
    _paired("Pix2StructForConditionalGeneration", encoder_decoder),
    _paired("VisionEncoderDecoderModel", encoder_decoder),
)

PICTURE_TEXT: dict[str, tuple[Family, ...]] = {
    "image-to-text": _CAPTIONS,
    "image-text-to-text": (
        *_CAPTIONS,
        Family(
            model="AutoModelForImageTextToText",
            processors=(PictureProcessor,),
            adapter=ImageTextToText,
        ),
    ),
    "document-question-answering": (
        Family(
            model=_DOCUMENTS,
            kind="LayoutLMForQuestionAnswering",
            processors=("AutoTokenizer",),
            adapter=layoutlm,
        ),
        Family(
            model=_DOCUMENTS,
            kind="LayoutLMv3ForQuestionAnswering",
            processors=_PICTURE_AND_TEXT,
            adapter=layoutlm_v3,
        ),
        _paired("VisionEncoderDecoderModel", DocumentWriting),
    ),
    "visual-question-answering": (
        Family(
            model=_ANSWERS,
            kind="ViltForQuestionAnswering",
            processors=_PICTURE_AND_TEXT,
            adapter=Chooser,
        ),
        Family(
            model=_ANSWERS,
            kind="BlipForQuestionAnswering",
            processors=_PICTURE_AND_TEXT,
            adapter=Answerer,
        ),
    ),
}
