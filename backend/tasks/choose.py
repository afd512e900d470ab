"""Which task a model does: its architecture is asked first, since tags are often wrong."""

from collections.abc import Mapping, Sequence

from backend.tasks.registry import ALIASES, NOT_SERVED, TASKS

# Wav2Vec2ForSequenceClassification and its relatives classify sounds, not texts.
_AUDIO = (
    "Wav2Vec2", "Hubert", "WavLM", "UniSpeech", "SEW", "Data2VecAudio", "Whisper", "AST", "MCTCT",
)  # fmt: skip
_VISION_MODELS = frozenset({
    "vit", "deit", "beit", "swin", "swinv2", "convnext", "convnextv2", "resnet", "dinov2",
    "siglip_vision_model", "clip", "siglip", "siglip2", "vit_mae", "mobilevit", "efficientnet",
    "regnet", "segformer",
})  # fmt: skip
_EMBEDDING_TAGS = frozenset({"feature-extraction", "sentence-similarity"})

_BY_ENDING: dict[str, str] = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForImageClassification": "image-classification",
    "ForImageClassificationWithTeacher": "image-classification",
    "ForAudioClassification": "audio-classification",
    "ForQuestionAnswering": "question-answering",
    "ForConditionalGeneration": "text2text-generation",
    "ForObjectDetection": "object-detection",
    "ForSemanticSegmentation": "image-segmentation",
    "ForImageSegmentation": "image-segmentation",
    "ForUniversalSegmentation": "image-segmentation",
    "ForDepthEstimation": "depth-estimation",
    "ForVideoClassification": "video-classification",
    "ForCTC": "automatic-speech-recognition",
    "ForTDT": "automatic-speech-recognition",
    "ForVisualQuestionAnswering": "visual-question-answering",
    "ForMaskGeneration": "mask-generation",
    "ForZeroShotObjectDetection": "zero-shot-object-detection",
}
# Architectures whose ending says less than the tag: T5, Whisper and LLaVA share one.
_TAG_WINS = frozenset({"text2text-generation"})


def task_for(
    architectures: Sequence[str],
    pipeline_tag: str | None = None,
    config: Mapping[str, object] | None = None,
) -> str | None:
    """The canonical task, also one that NOT_SERVED has a reason for; None: unknown."""
    tag = ALIASES.get(pipeline_tag, pipeline_tag) if pipeline_tag else None
    known_tag = tag if tag in TASKS or tag in NOT_SERVED else None
    for architecture in architectures:
        found = _of_architecture(architecture, known_tag, config or {})
        if found:
            return found
    return "feature-extraction" if known_tag in _EMBEDDING_TAGS else known_tag


def cannot_serve(
    task: str, architectures: Sequence[str], config: Mapping[str, object] | None = None
) -> str | None:
    """Why a model of these architectures can't do this served task; None: it can."""
    entry = TASKS[task]
    if not architectures:
        return None
    if any(_does(task, name, config or {}) for name in architectures):
        return None
    wanted = ", ".join(f"…{ending}" for ending in entry.architectures)
    return f"{entry.title} needs a model of the kind {wanted}; this one is {architectures[0]}."


def _of_architecture(
    architecture: str, tag: str | None, config: Mapping[str, object]
) -> str | None:
    ending = max((e for e in _BY_ENDING if architecture.endswith(e)), key=len, default=None)
    if ending is None:
        return _of_bare_model(architecture, tag, config)
    task = _BY_ENDING[ending]
    if task == "text-classification" and architecture.startswith(_AUDIO):
        return "audio-classification"
    if tag and (task in _TAG_WINS and tag not in TASKS):
        return tag
    if tag in _EMBEDDING_TAGS and task in {"fill-mask", "text-generation"}:
        return "feature-extraction"
    return task


def _of_bare_model(architecture: str, tag: str | None, config: Mapping[str, object]) -> str | None:
    if not architecture.endswith("Model"):
        return None
    if config.get("model_type") in _VISION_MODELS or architecture.startswith(_AUDIO):
        return tag if tag not in _EMBEDDING_TAGS else None
    return tag if tag in NOT_SERVED and tag not in _EMBEDDING_TAGS else "feature-extraction"


def _does(task: str, architecture: str, config: Mapping[str, object]) -> bool:
    is_audio = architecture.startswith(_AUDIO)
    if task == "audio-classification":
        return is_audio and architecture.endswith(TASKS[task].architectures)
    if config.get("is_encoder_decoder") and task == "text-generation":
        return False
    endings = TASKS[task].architectures
    return not is_audio and architecture.endswith(endings)
