"""Whether a repository has what prepares the inputs of a task: many have weights only."""

from backend.domain.model import ModelFacts
from backend.errors.model import MissingFiles
from backend.tasks import TASKS
from backend.tasks.library import vocabulary_files
from backend.tasks.word_rules import vocabularies

_ENGINES = frozenset({"torch", "onnxruntime"})
_SETTINGS = frozenset({"preprocessor_config.json", "processor_config.json"})
_TOKENIZERS = frozenset({"tokenizer.json", "tokenizer_config.json", "tekken.json"})
_VOCABULARIES = (".model", ".tiktoken", ".spm")
_SPEAKS = "text-to-speech"
_HEARS = frozenset({"audio-classification", "automatic-speech-recognition"})
# Read by other files than those of an image processor, or no image at all.
_WITHOUT_IMAGES = frozenset({"timm_wrapper", "layoutlm"})


def without_processor(model: ModelFacts, task: str) -> MissingFiles | None:
    """The error for a model without tokenizer files or settings of its processor, or None.

    It passes where anything of the kind is there, since libraries differ in what they read.
    """
    if task not in TASKS or model.engines[0] not in _ENGINES or model.needs_remote_code:
        return None
    names = {file.path.rsplit("/", 1)[-1] for one in model.repositories for file in one.files}
    words = vocabularies(model.modules) if model.modules else {}
    present = {file.path for file in model.files}
    if missing := next((path for path in words if path not in present), None):
        return MissingFiles(f"{model.id} does not have the list of its words.", missing=missing)
    splits_texts = not {"WordEmbeddings", "BoW"}.isdisjoint(words.values())
    if _reads_text(task) and not splits_texts and not _has_tokenizer(names):
        detail = f"{model.id} has no tokenizer files, which its authors usually save with a model."
        return MissingFiles(detail, missing="tokenizer.json")
    if _reads_media(model, task) and _SETTINGS.isdisjoint(names):
        detail = f"{model.id} has no settings for preparing its inputs."
        return MissingFiles(detail, missing="preprocessor_config.json")
    return None


def _reads_text(task: str) -> bool:
    return TASKS[task].modality in {"nlp", "multimodal"} or task == _SPEAKS or "zero-shot" in task


def _has_tokenizer(names: set[str]) -> bool:
    known = _TOKENIZERS | vocabulary_files()
    return not known.isdisjoint(names) or any(name.endswith(_VOCABULARIES) for name in names)


def _reads_media(model: ModelFacts, task: str) -> bool:
    reads_images = TASKS[task].reads_images and model.config.get("model_type") not in (
        _WITHOUT_IMAGES
    )
    return reads_images or task in _HEARS
