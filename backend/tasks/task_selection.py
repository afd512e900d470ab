"""Detects the task of a model: first from its architecture, since tags are often wrong."""

from collections.abc import Mapping, Sequence

from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.tasks.architectures import has_class, is_kind
from backend.tasks.colbert import is_colbert
from backend.tasks.custom_code import auto_map
from backend.tasks.missing import missing_for_images
from backend.tasks.module_rules import (
    TEXT_TOWERS,
    embeds,
    is_causal_ranker,
    reads_whole_texts,
    scores,
)
from backend.tasks.multi_vector import SERVED_AS, cannot_encode, is_multi_vector
from backend.tasks.registry import NOT_SERVED, TASKS, canonical

Config = Mapping[str, object]

# The default task of each kind, used if the tag names no other task that the model can perform.
# The first match applies; single classes precede the kinds to which they belong.
DEFAULTS: tuple[tuple[str, str], ...] = (
    ("VisionEncoderDecoderModel", "image-to-text"),
    ("BlipForConditionalGeneration", "image-to-text"),
    ("GitForCausalLM", "image-to-text"),
    ("Pix2StructForConditionalGeneration", "image-to-text"),
    ("ClapModel", "zero-shot-audio-classification"),
    ("AutoModelForSequenceClassification", "text-classification"),
    ("AutoModelForTokenClassification", "token-classification"),
    ("AutoModelForDocumentQuestionAnswering", "document-question-answering"),
    ("AutoModelForTableQuestionAnswering", "table-question-answering"),
    ("AutoModelForQuestionAnswering", "question-answering"),
    ("AutoModelForImageClassification", "image-classification"),
    ("AutoModelForAudioClassification", "audio-classification"),
    ("AutoModelForVideoClassification", "video-classification"),
    ("AutoModelForZeroShotObjectDetection", "zero-shot-object-detection"),
    ("AutoModelForObjectDetection", "object-detection"),
    ("AutoModelForSemanticSegmentation", "image-segmentation"),
    ("AutoModelForInstanceSegmentation", "image-segmentation"),
    ("AutoModelForUniversalSegmentation", "image-segmentation"),
    ("AutoModelForImageSegmentation", "image-segmentation"),
    ("AutoModelForDepthEstimation", "depth-estimation"),
    ("AutoModelForKeypointMatching", "keypoint-matching"),
    ("AutoModelForMaskGeneration", "mask-generation"),
    ("AutoModelForZeroShotImageClassification", "zero-shot-image-classification"),
    ("AutoModelForDecision", "decision"),
    ("AutoModelForImageToImage", "image-to-image"),
    ("AutoModelForTextToWaveform", "text-to-speech"),
    ("AutoModelForTextToSpectrogram", "text-to-speech"),
    ("AutoModelForCTC", "automatic-speech-recognition"),
    ("AutoModelForTDT", "automatic-speech-recognition"),
    ("AutoModelForRNNT", "automatic-speech-recognition"),
    ("AutoModelForSpeechSeq2Seq", "automatic-speech-recognition"),
    ("AutoModelForImageTextToText", "image-text-to-text"),
    ("AutoModelForVisualQuestionAnswering", "visual-question-answering"),
    ("AutoModelForSeq2SeqLM", "text2text-generation"),
    ("AutoModelForCausalLM", "text-generation"),
    ("AutoModelForMaskedLM", "fill-mask"),
    ("AutoModelForMultimodalLM", "any-to-any"),
    ("TextToImagePipeline", "text-to-image"),
    ("ImageToImagePipeline", "image-to-image"),
    ("InpaintPipeline", "image-to-image"),
    ("TextEncoder", "feature-extraction"),
    ("ImageEncoder", "image-feature-extraction"),
)

# Models with this tag are embedding models, and mostly deployed for embeddings.
_SERVED_AS = {"sentence-similarity": "feature-extraction"}


def task_for(
    architectures: Sequence[str], pipeline_tag: str | None = None, config: Config | None = None
) -> str | None:
    """The canonical task, which may be an unsupported one in NOT_SERVED; None: unknown."""
    if not pipeline_tag and (config or {}).get("sentence_transformers"):
        pipeline_tag = "text-ranking"  # CrossEncoder writes its activation function there
    tag = canonical(pipeline_tag) if pipeline_tag else None
    tag = _SERVED_AS.get(tag, tag) if tag else None
    known_tag = tag if tag in TASKS or tag in NOT_SERVED else None
    for architecture in architectures:
        if known_tag in TASKS and does(known_tag, architecture, config or {}):
            return known_tag
        if found := _default(architecture, config or {}):
            # Neither is supported: give the reason for the task that the author stated.
            can = found in TASKS and does(found, architecture, config or {})
            return known_tag if known_tag in NOT_SERVED and not can else found
    return known_tag


def cannot_serve(
    task: str,
    architectures: Sequence[str],
    config: Config | None = None,
    modules: SentenceTransformersModel | None = None,
) -> str | None:
    """Reason why a model with these architectures cannot perform this task; None if it can.

    `modules` are those of its modules.json, if there is one.
    """
    entry = TASKS[task]
    if modules and is_multi_vector(modules) and task in SERVED_AS:
        return cannot_encode(modules) or _no_text_encoder(config or {})
    if modules and (reason := entry.modules(modules)):
        return f"{entry.title}: {reason}"
    is_tower = modules and entry.modules is embeds and reads_whole_texts(modules)
    if is_tower and not TEXT_TOWERS.isdisjoint(architectures):
        return None
    if modules and entry.modules is scores and is_causal_ranker(modules):
        return None
    if architectures and not any(_loads(task, name, config or {}) for name in architectures):
        wanted = ", ".join(kind.removeprefix("AutoModel") for kind in entry.kinds)
        return f"{entry.title} needs a model of the kind {wanted}; this one is {architectures[0]}."
    if reason := entry.unfit(config or {}):
        return reason
    if entry.reads_images and (missing := missing_for_images(config or {})):
        kind = (config or {}).get("model_type")
        return (
            f"{entry.title} with this {kind} model requires {missing}, which is not part of "
            "Slipway yet."
        )
    return None


def _no_text_encoder(config: Config) -> str | None:
    """Reason why the transformer of a ColBERT checkpoint, whose class transformers does not have,
    cannot be loaded by its model type."""
    kind = config.get("model_type")
    if not is_colbert(config) or auto_map(config) or has_class("TextEncoder", kind):
        return None
    return f"Its transformer is a model of the type {str(kind)[:40]!r}, which encodes no texts."


def does(task: str, architecture: str, config: Config) -> bool:
    """Return whether a model of this class can perform a supported task."""
    return _loads(task, architecture, config) and not TASKS[task].unfit(config)


def _loads(task: str, architecture: str, config: Config) -> bool:
    return any(is_kind(architecture, kind, config) for kind in TASKS[task].kinds)


def _default(architecture: str, config: Config) -> str | None:
    return next((task for kind, task in DEFAULTS if is_kind(architecture, kind, config)), None)
