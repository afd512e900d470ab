"""Model families of image-and-text tasks."""

from collections.abc import Callable

from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.adapters.family import Family
from backend.inference.adapters.multimodal.document_qa_donut import DonutDocumentQA
from backend.inference.adapters.multimodal.document_qa_layout import layoutlm, layoutlm_v3
from backend.inference.adapters.multimodal.image_text_processor import ImageTextProcessor
from backend.inference.adapters.multimodal.image_text_to_text import ImageTextToText
from backend.inference.adapters.multimodal.image_to_text import blip, encoder_decoder, git
from backend.inference.adapters.multimodal.visual_question_answering import (
    AnswerClassifier,
    AnswerGenerator,
)

# AutoProcessor rejects many image models that these two support.
_IMAGE_AND_TEXT = ("AutoImageProcessor", "AutoTokenizer")

_DOCUMENTS = "AutoModelForDocumentQuestionAnswering"
_ANSWERS = "AutoModelForVisualQuestionAnswering"


def _paired(kind: str, adapter: Callable[[LoadedModel], Adapter]) -> Family:
    return Family(
        model="AutoModelForImageTextToText",
        kind=kind,
        processors=_IMAGE_AND_TEXT,
        adapter=adapter,
    )


_IMAGE_TO_TEXT = (
    _paired("BlipForConditionalGeneration", blip),
    _paired("GitForCausalLM", git),
    _paired("Pix2StructForConditionalGeneration", encoder_decoder),
    _paired("VisionEncoderDecoderModel", encoder_decoder),
)

MULTIMODAL: dict[str, tuple[Family, ...]] = {
    "image-to-text": _IMAGE_TO_TEXT,
    "image-text-to-text": (
        *_IMAGE_TO_TEXT,
        Family(
            model="AutoModelForImageTextToText",
            processors=(ImageTextProcessor,),
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
            processors=_IMAGE_AND_TEXT,
            adapter=layoutlm_v3,
        ),
        _paired("VisionEncoderDecoderModel", DonutDocumentQA),
    ),
    "visual-question-answering": (
        Family(
            model=_ANSWERS,
            kind="ViltForQuestionAnswering",
            processors=_IMAGE_AND_TEXT,
            adapter=AnswerClassifier,
        ),
        Family(
            model=_ANSWERS,
            kind="BlipForQuestionAnswering",
            processors=_IMAGE_AND_TEXT,
            adapter=AnswerGenerator,
        ),
    ),
}
