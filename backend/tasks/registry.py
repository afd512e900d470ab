"""All tasks by name, their aliases, and the reasons for unsupported tasks."""

from backend.tasks import (
    audio_classification,
    automatic_speech_recognition,
    decision,
    depth_estimation,
    document_question_answering,
    feature_extraction,
    fill_mask,
    image_classification,
    image_feature_extraction,
    image_segmentation,
    image_text_to_text,
    image_to_image,
    image_to_text,
    keypoint_matching,
    mask_generation,
    object_detection,
    question_answering,
    sentence_similarity,
    summarization,
    table_question_answering,
    text2text_generation,
    text_classification,
    text_generation,
    text_ranking,
    text_to_image,
    text_to_speech,
    token_classification,
    translation,
    video_classification,
    visual_question_answering,
    zero_shot_audio_classification,
    zero_shot_classification,
    zero_shot_image_classification,
    zero_shot_object_detection,
)
from backend.tasks.base import Task

TASKS: dict[str, Task] = {
    module.TASK.name: module.TASK
    for module in (
        text_classification,
        zero_shot_classification,
        token_classification,
        feature_extraction,
        sentence_similarity,
        text_ranking,
        fill_mask,
        question_answering,
        table_question_answering,
        decision,
        text_generation,
        text2text_generation,
        summarization,
        translation,
        image_classification,
        audio_classification,
        automatic_speech_recognition,
        zero_shot_audio_classification,
        text_to_speech,
        object_detection,
        image_segmentation,
        image_to_text,
        zero_shot_image_classification,
        depth_estimation,
        image_feature_extraction,
        zero_shot_object_detection,
        image_text_to_text,
        visual_question_answering,
        document_question_answering,
        video_classification,
        keypoint_matching,
        mask_generation,
        image_to_image,
        text_to_image,
    )
}

ALIASES: dict[str, str] = {alias: task.name for task in TASKS.values() for alias in task.aliases}

NOT_SERVED: dict[str, str] = {
    # Image models of this kind are served as image-text-to-text.
    "any-to-any": "not served: its models mix audio, video and text",
}


def canonical(task: str) -> str:
    """Resolve an alias to the name of its task; unknown names are returned unchanged.

    The Hub also has names with a language pair: `translation_en_to_fr`.
    """
    if task.startswith("translation_"):
        return "translation"
    return ALIASES.get(task, task)
