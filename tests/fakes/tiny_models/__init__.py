"""Tiny models with random weights, made in well under a second each.

BUILDERS has one for each task, and further ones for another kind of architecture as `task/variant`.
"""

from collections.abc import Callable
from pathlib import Path

from tests.fakes.tiny_models import (
    audio,
    captions,
    documents,
    generation,
    image_text,
    masks,
    media,
    questions,
    ranking,
    seeing,
    seq2seq,
    text,
    video,
    vision,
)
from tests.fakes.tiny_models.broken import (
    failing_midway,
    headless,
    not_a_number,
    panicking_tokenizer,
)
from tests.fakes.tiny_models.generation import text_generation
from tests.fakes.tiny_models.text import text_classification

__all__ = [
    "BUILDERS", "failing_midway", "headless", "not_a_number", "panicking_tokenizer",
    "text_classification", "text_generation",
]  # fmt: skip

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "text-classification": text.text_classification,
    "zero-shot-classification": text.zero_shot_classification,
    "token-classification": text.token_classification,
    "feature-extraction": text.feature_extraction,
    "feature-extraction/t5": ranking.encoder_of_a_pair,
    "sentence-similarity": text.feature_extraction,
    "text-ranking": ranking.text_ranking,
    "fill-mask": text.fill_mask,
    "question-answering": text.question_answering,
    "table-question-answering": text.table_question_answering,
    "decision": generation.decision,
    "decision/letters": generation.decision_by_letters,
    "text-generation": generation.text_generation,
    "text2text-generation": seq2seq.t5,
    "summarization": seq2seq.bart,
    "summarization/t5": seq2seq.t5,
    "translation": seq2seq.marian,
    "translation/t5": seq2seq.t5,
    "translation/m2m": seq2seq.m2m,
    "image-classification": media.image_classification,
    "audio-classification": media.audio_classification,
    "automatic-speech-recognition": audio.speech_letters,
    "automatic-speech-recognition/whisper": audio.whisper,
    "automatic-speech-recognition/moonshine": audio.moonshine,
    "text-to-speech": audio.speaker,
    "text-to-speech/music": audio.music,
    "zero-shot-audio-classification": audio.zero_shot_audio,
    "object-detection": vision.object_detection,
    "object-detection/rt-detr": vision.rt_detr,
    "image-segmentation": vision.image_segmentation,
    "image-segmentation/maskformer": vision.maskformer,
    "image-text-to-text": seeing.llava,
    "image-text-to-text/qwen2-vl": seeing.qwen2_vl,
    "visual-question-answering": questions.vilt,
    "visual-question-answering/blip": questions.blip_answers,
    "document-question-answering": documents.layoutlm,
    "document-question-answering/v3": documents.layoutlm_v3,
    "document-question-answering/donut": captions.donut,
    "image-to-text": captions.vision_encoder_decoder,
    "image-to-text/donut": captions.donut,
    "image-to-text/blip": captions.blip,
    "image-to-text/git": captions.git,
    "image-to-text/pix2struct": captions.pix2struct,
    "zero-shot-image-classification": image_text.clip,
    "zero-shot-image-classification/siglip": image_text.siglip,
    "depth-estimation": vision.depth_estimation,
    "image-feature-extraction": vision.image_feature_extraction,
    "image-feature-extraction/clip": image_text.clip,
    "image-feature-extraction/resnet": vision.resnet,
    "zero-shot-object-detection": image_text.owl,
    "zero-shot-object-detection/grounding-dino": image_text.grounding_dino,
    "video-classification": video.video_classification,
    "keypoint-matching": video.keypoint_matching,
    "mask-generation": masks.sam,
    "mask-generation/hq": masks.sam_hq,
    "image-to-image": video.image_to_image,
}
