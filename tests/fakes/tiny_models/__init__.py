"""Tiny models with random weights, made in well under a second each.

BUILDERS has one for each task, and further ones for another kind of architecture as `task/variant`.
"""

from collections.abc import Callable
from pathlib import Path

from tests.fakes.tiny_models import (
    audio,
    diffusion,
    documents,
    generation,
    image_text,
    image_text_to_text,
    image_to_text,
    masks,
    media,
    ranking,
    seq2seq,
    speech,
    text,
    video,
    vision,
    visual_question_answering,
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
    "feature-extraction/t5": ranking.t5_encoder,
    "sentence-similarity": text.feature_extraction,
    "text-ranking": ranking.text_ranking,
    "fill-mask": text.fill_mask,
    "question-answering": text.question_answering,
    "table-question-answering": text.table_question_answering,
    "decision": generation.decision,
    "decision/letters": generation.decision_with_option_letters,
    "text-generation": generation.text_generation,
    "text2text-generation": seq2seq.t5,
    "summarization": seq2seq.bart,
    "summarization/t5": seq2seq.t5,
    "translation": seq2seq.marian,
    "translation/t5": seq2seq.t5,
    "translation/m2m": seq2seq.m2m,
    "image-classification": media.image_classification,
    "audio-classification": media.audio_classification,
    "automatic-speech-recognition": audio.ctc,
    "automatic-speech-recognition/whisper": audio.whisper,
    "automatic-speech-recognition/moonshine": audio.moonshine,
    "text-to-speech": audio.vits,
    "text-to-speech/music": audio.musicgen,
    "text-to-speech/speecht5": speech.speecht5,
    "text-to-speech/bark": speech.bark,
    "zero-shot-audio-classification": audio.zero_shot_audio,
    "object-detection": vision.object_detection,
    "object-detection/rt-detr": vision.rt_detr,
    "image-segmentation": vision.image_segmentation,
    "image-segmentation/maskformer": vision.maskformer,
    "image-text-to-text": image_text_to_text.llava,
    "image-text-to-text/qwen2-vl": image_text_to_text.qwen2_vl,
    "visual-question-answering": visual_question_answering.vilt,
    "visual-question-answering/blip": visual_question_answering.blip_vqa,
    "document-question-answering": documents.layoutlm,
    "document-question-answering/v3": documents.layoutlm_v3,
    "document-question-answering/donut": image_to_text.donut,
    "image-to-text": image_to_text.vision_encoder_decoder,
    "image-to-text/donut": image_to_text.donut,
    "image-to-text/blip": image_to_text.blip,
    "image-to-text/git": image_to_text.git,
    "image-to-text/pix2struct": image_to_text.pix2struct,
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
    "image-to-image/diffusion": diffusion.stable_diffusion,
    "image-to-image/inpainting": diffusion.stable_diffusion_inpainting,
    "text-to-image": diffusion.stable_diffusion,
    "text-to-image/xl": diffusion.stable_diffusion_xl,
}
