"""Model families of text generation tasks."""

from backend.inference.adapters.family import Family
from backend.inference.adapters.generation.decision import Decision, DecisionModel
from backend.inference.adapters.generation.seq2seq import Seq2Seq
from backend.inference.adapters.generation.text_generation import TextGeneration

_TOKENIZER = ("AutoTokenizer",)
_SEQ2SEQ = (Family(model="AutoModelForSeq2SeqLM", processors=_TOKENIZER, adapter=Seq2Seq),)

GENERATION: dict[str, tuple[Family, ...]] = {
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
}
