"""Every task by name: the served ones, other names for them, and why the rest is not served."""

from backend.tasks import (
    audio_classification,
    automatic_speech_recognition,
    depth_estimation,
    feature_extraction,
    fill_mask,
    image_classification,
    image_feature_extraction,
    image_segmentation,
    image_to_text,
    object_detection,
    question_answering,
    sentence_similarity,
    summarization,
    text2text_generation,
    text_classification,
    text_generation,
    text_ranking,
    token_classification,
    translation,
    zero_shot_audio_classification,
    zero_shot_image_classification,
    zero_shot_object_detection,
)
from backend.tasks.base import Task

TASKS: dict[str, Task] = {
    module.TASK.name: module.TASK
    for module in (
        text_classification,
        token_classification,
        feature_extraction,
        sentence_similarity,
        text_ranking,
        fill_mask,
        question_answering,
        text_generation,
        text2text_generation,
        summarization,
        translation,
        image_classification,
        audio_classification,
        automatic_speech_recognition,
        zero_shot_audio_classification,
        object_detection,
        image_segmentation,
        image_to_text,
        zero_shot_image_classification,
        depth_estimation,
        image_feature_extraction,
        zero_shot_object_detection,
    )
}

ALIASES: dict[str, str] = {alias: task.name for task in TASKS.values() for alias in task.aliases}

_LATER = "not served yet: its input and answer have no adapter here so far"

NOT_SERVED: dict[str, str] = {
    "text-to-audio": "not served yet: answering with sound has no adapter here so far",
    "table-question-answering": "not served yet: tables as input have no adapter here so far",
    "document-question-answering": "not served yet: it needs text recognition beside the model",
    "zero-shot-classification": _LATER,
    "image-text-to-text": "not served yet: pictures in a conversation have no adapter here so far",
    "decision": _LATER,
    "video-classification": "not served yet: video as input has no adapter here so far",
    "mask-generation": "not served yet: it needs torchvision for its last step",
    "keypoint-matching": _LATER,
    "any-to-any": "not served yet: mixed inputs and answers have no adapter here so far",
    # Removed from transformers 5; the models are still on the Hub.
    "visual-question-answering": _LATER,
    "vqa": _LATER,
    "image-to-image": "not served yet: answering with a picture has no adapter here so far",
    # On the Hub, never pipelines of transformers.
    "text-to-image": "not served: diffusion models need another library than transformers",
    "text-to-speech": "not served yet: answering with sound has no adapter here so far",
}


def canonical(task: str) -> str:
    """The task's own name for a name or an alias; unknown names stay as they are.

    The Hub also has names with a pair of languages: `translation_en_to_fr`.
    """
    if task.startswith("translation_"):
        return "translation"
    return ALIASES.get(task, task)
