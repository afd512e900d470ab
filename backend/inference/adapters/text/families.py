"""Model families of text classification, tagging and extraction tasks."""

from backend.inference.adapters.family import Family
from backend.inference.adapters.text.fill_mask import FillMask
from backend.inference.adapters.text.question_answering import QuestionAnswering
from backend.inference.adapters.text.table_question_answering import TableQuestionAnswering
from backend.inference.adapters.text.text_classification import TextClassification
from backend.inference.adapters.text.token_classification import TokenClassification
from backend.inference.adapters.text.zero_shot_classification import ZeroShotClassification

_TOKENIZER = ("AutoTokenizer",)

TEXT: dict[str, tuple[Family, ...]] = {
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
}
