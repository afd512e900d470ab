"""Which class loads a task's model, what prepares its input, and the adapter that drives it."""

from collections.abc import Mapping, Sequence

from backend.inference.adapters.decision import Decision, DecisionModel
from backend.inference.adapters.family import Family
from backend.inference.adapters.fill_mask import FillMask
from backend.inference.adapters.media_classification import (
    audio_classification,
    image_classification,
)
from backend.inference.adapters.multimodal import MULTIMODAL
from backend.inference.adapters.question_answering import QuestionAnswering
from backend.inference.adapters.seq2seq import Seq2Seq
from backend.inference.adapters.sound import SOUND
from backend.inference.adapters.table_question_answering import TableQuestionAnswering
from backend.inference.adapters.text_classification import TextClassification
from backend.inference.adapters.text_generation import TextGeneration
from backend.inference.adapters.token_classification import TokenClassification
from backend.inference.adapters.vectors import VECTORS
from backend.inference.adapters.vision import VISION
from backend.inference.adapters.zero_shot_classification import ZeroShotClassification
from backend.tasks.architectures import is_kind

_TOKENIZER = ("AutoTokenizer",)
_SEQ2SEQ = (Family(model="AutoModelForSeq2SeqLM", processors=_TOKENIZER, adapter=Seq2Seq),)


FAMILIES: dict[str, tuple[Family, ...]] = {
    "text-classification": (
        Family(
            model="AutoModelForSequenceClassification",
            processors=_TOKENIZER,
            adapter=TextClassification,
        ),
    ),
    "zero-shot-classification": (
        Family(
            model="AutoModelForSequenceClassification",
            processors=_TOKENIZER,
            adapter=ZeroShotClassification,
        ),
    ),
    "token-classification": (
        Family(
            model="AutoModelForTokenClassification",
            processors=_TOKENIZER,
            adapter=TokenClassification,
        ),
    ),
    **VECTORS,
    "fill-mask": (Family(model="AutoModelForMaskedLM", processors=_TOKENIZER, adapter=FillMask),),
    "question-answering": (
        Family(
            model="AutoModelForQuestionAnswering",
            processors=_TOKENIZER,
            adapter=QuestionAnswering,
        ),
    ),
    "table-question-answering": (
        Family(
            model="AutoModelForTableQuestionAnswering",
            processors=_TOKENIZER,
            adapter=TableQuestionAnswering,
        ),
    ),
    "decision": (
        Family(
            model="AutoModelForDecision",
            loader=DecisionModel,
            processors=_TOKENIZER,
            adapter=Decision,
        ),
        Family(model="AutoModelForCausalLM", processors=_TOKENIZER, adapter=Decision),
    ),
    "text-generation": (
        Family(model="AutoModelForCausalLM", processors=_TOKENIZER, adapter=TextGeneration),
    ),
    "text2text-generation": _SEQ2SEQ,
    "summarization": _SEQ2SEQ,
    "translation": _SEQ2SEQ,
    "image-classification": (
        Family(
            model="AutoModelForImageClassification",
            processors=("AutoImageProcessor",),
            adapter=image_classification,
        ),
    ),
    "audio-classification": (
        Family(
            model="AutoModelForAudioClassification",
            processors=("AutoFeatureExtractor",),
            adapter=audio_classification,
        ),
    ),
    **SOUND,
    **VISION,
    **MULTIMODAL,
}


def family_for(task: str, architectures: Sequence[str], config: Mapping[str, object]) -> Family:
    """The first family that loads one of these classes; the task's last one where none is named."""
    families = FAMILIES[task]
    return next(
        (
            family
            for family in families
            for name in architectures
            if is_kind(name, family.kind or family.model, config)
        ),
        families[-1],
    )
