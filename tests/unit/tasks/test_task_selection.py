"""Which task a model is given."""

import pytest

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel
from backend.tasks import ALIASES, NOT_SERVED, TASKS, cannot_serve, task_for
from backend.tasks.missing import missing_for_images, needs_vision_libraries


@pytest.mark.parametrize(
    ("architecture", "tag", "task"),
    [
        ("BertForSequenceClassification", None, "text-classification"),
        ("BertForSequenceClassification", "zero-shot-classification", "text-classification"),
        ("Wav2Vec2ForSequenceClassification", "audio-classification", "audio-classification"),
        ("ASTForAudioClassification", None, "audio-classification"),
        ("BertForTokenClassification", "fill-mask", "token-classification"),
        ("BertForMaskedLM", None, "fill-mask"),
        ("MPNetForMaskedLM", "sentence-similarity", "feature-extraction"),
        ("BertModel", "sentence-similarity", "feature-extraction"),
        ("Qwen3ForCausalLM", "feature-extraction", "feature-extraction"),
        ("RobertaForQuestionAnswering", "question-answering", "question-answering"),
        ("T5EncoderModel", "sentence-similarity", "feature-extraction"),
        ("XLMRobertaForSequenceClassification", "text-classification", "text-classification"),
        ("BertForSequenceClassification", "text-ranking", "text-classification"),
        ("Qwen3ForCausalLM", "text-ranking", "text-generation"),
        ("TapasForQuestionAnswering", None, "table-question-answering"),
        ("GPT2LMHeadModel", None, "text-generation"),
        ("JevForDecision", None, "decision"),
        ("SamModel", "mask-generation", "mask-generation"),
        ("SamHQModel", None, "mask-generation"),
        ("Qwen2ForCausalLM", "decision", "decision"),
        ("ViTForImageClassification", None, "image-classification"),
        ("T5ForConditionalGeneration", "translation", "translation"),
        ("T5ForConditionalGeneration", "text-generation", "text2text-generation"),
        ("T5ForConditionalGeneration", None, "text2text-generation"),
        ("T5WithLMHeadModel", "translation", "translation"),
        ("DPRContextEncoder", None, None),
        ("XLNetForQuestionAnswering", "question-answering", "question-answering"),
        ("T5WithLMHeadModel", None, "text2text-generation"),
        ("Qwen3OmniMoeForConditionalGeneration", "any-to-any", "any-to-any"),
        ("BartForConditionalGeneration", "summarization", "summarization"),
        ("PegasusForConditionalGeneration", "summarization", "summarization"),
        ("MarianMTModel", "translation", "translation"),
        ("M2M100ForConditionalGeneration", "translation_en_to_fr", "translation"),
        ("Qwen3ForCausalLM", "translation", "text-generation"),
        (
            "WhisperForConditionalGeneration",
            "automatic-speech-recognition",
            "automatic-speech-recognition",
        ),
        ("DetrForObjectDetection", None, "object-detection"),
        ("YolosForObjectDetection", "object-detection", "object-detection"),
        ("RTDetrV2ForObjectDetection", None, "object-detection"),
        ("SegformerForSemanticSegmentation", "image-segmentation", "image-segmentation"),
        ("MaskFormerForInstanceSegmentation", None, "image-segmentation"),
        ("Mask2FormerForUniversalSegmentation", "image-segmentation", "image-segmentation"),
        ("CLIPModel", "zero-shot-image-classification", "zero-shot-image-classification"),
        ("SiglipModel", None, "zero-shot-image-classification"),
        ("CLIPModel", "image-feature-extraction", "image-feature-extraction"),
        ("Dinov2Model", "image-feature-extraction", "image-feature-extraction"),
        ("ViTModel", None, "image-feature-extraction"),
        ("DepthAnythingForDepthEstimation", "depth-estimation", "depth-estimation"),
        ("OwlViTForObjectDetection", None, "zero-shot-object-detection"),
        (
            "GroundingDinoForObjectDetection",
            "zero-shot-object-detection",
            "zero-shot-object-detection",
        ),
        ("VideoMAEForVideoClassification", "video-classification", "video-classification"),
        ("SuperGlueForKeypointMatching", "keypoint-matching", "keypoint-matching"),
        ("Swin2SRForImageSuperResolution", "image-to-image", "image-to-image"),
        ("Nobody", "ner", "token-classification"),
        ("Nobody", "nothing", None),
        ("Wav2Vec2ForCTC", None, "automatic-speech-recognition"),
        ("HubertForCTC", "audio-classification", "automatic-speech-recognition"),
        ("WhisperForAudioClassification", None, "audio-classification"),
        ("VitsModel", "text-to-audio", "text-to-speech"),
        ("MusicgenForConditionalGeneration", None, "text-to-speech"),
        ("SpeechT5ForTextToSpeech", "text-to-audio", "text-to-speech"),
        ("BarkModel", "text-to-speech", "text-to-speech"),
        ("ParakeetForTDT", None, "automatic-speech-recognition"),
        ("ParakeetForRNNT", None, "automatic-speech-recognition"),
        ("MoonshineStreamingForConditionalGeneration", None, "automatic-speech-recognition"),
        ("ClapModel", "zero-shot-audio-classification", "zero-shot-audio-classification"),
        ("ClapModel", "feature-extraction", "zero-shot-audio-classification"),
        ("VisionEncoderDecoderModel", "image-to-text", "image-to-text"),
        ("BlipForConditionalGeneration", None, "image-to-text"),
        ("GitForCausalLM", "image-to-text", "image-to-text"),
        ("Pix2StructForConditionalGeneration", None, "image-to-text"),
        ("LlavaForConditionalGeneration", None, "image-text-to-text"),
        ("Qwen2VLForConditionalGeneration", "image-text-to-text", "image-text-to-text"),
        ("Gemma3nForConditionalGeneration", "any-to-any", "image-text-to-text"),
        ("ViltForQuestionAnswering", "visual-question-answering", "visual-question-answering"),
        ("BlipForQuestionAnswering", "visual-question-answering", "visual-question-answering"),
        ("LayoutLMForQuestionAnswering", None, "document-question-answering"),
        ("VisionEncoderDecoderModel", "document-question-answering", "document-question-answering"),
        ("SomebodysOwnModel", None, "feature-extraction"),
    ],
)
def test_architecture_has_priority_over_pipeline_tag(
    architecture: str, tag: str | None, task: str | None
) -> None:
    assert task_for([architecture], tag) == task


def test_model_of_other_kind_is_rejected_with_expected_kind() -> None:
    assert cannot_serve("text-classification", ["BertForSequenceClassification"]) is None
    reason = cannot_serve("text-classification", ["Wav2Vec2ForSequenceClassification"])
    assert reason is not None
    assert "ForSequenceClassification" in reason
    assert cannot_serve("text-generation", ["T5ForConditionalGeneration"])
    config = {"model_type": "fastspeech2_conformer"}
    assert "g2p_en" in str(cannot_serve("text-to-speech", ["FastSpeech2ConformerModel"], config))
    config = {"model_type": "speecht5"}
    assert cannot_serve("text-to-speech", ["SpeechT5ForTextToSpeech"], config) is None
    assert cannot_serve("automatic-speech-recognition", ["VoxtralForConditionalGeneration"])


@pytest.mark.parametrize(
    ("config", "needs"),
    [
        # As facebook/detr-resnet-50 and microsoft/table-transformer-detection have it.
        ({"model_type": "detr", "use_timm_backbone": True, "backbone": "resnet50"}, True),
        ({"model_type": "table-transformer", "backbone_config": None}, True),
        ({"model_type": "detr", "backbone_config": {"model_type": "timm_backbone"}}, True),
        ({"model_type": "detr", "backbone_config": {"model_type": "resnet"}}, False),
        ({"model_type": "detr", "use_timm_backbone": False}, False),
        ({"model_type": "yolos"}, False),
        ({"model_type": "rf_detr"}, True),
        ({"model_type": "timm_wrapper"}, True),
        ({"model_type": "mistral3"}, True),
    ],
)
def test_models_that_require_torchvision_or_timm_are_known(
    config: dict[str, object], needs: bool
) -> None:
    assert needs_vision_libraries(config) == needs
    assert missing_for_images(config) is None


def test_one_label_model_is_ranker_if_declared() -> None:
    names, one = ["BertForSequenceClassification"], {"id2label": {"0": "LABEL_0"}}
    assert task_for(names, "text-ranking", one) == "text-ranking"
    assert task_for(names, "text-classification", one) == "text-classification"
    assert cannot_serve("text-ranking", names, one) is None
    three = {"id2label": {"0": "a", "1": "b", "2": "c"}}
    assert task_for(names, "text-ranking", three) == "text-classification"
    cross_encoder = one | {"sentence_transformers": {"activation_fn": "torch.nn.Identity"}}
    assert task_for(names, None, cross_encoder) == "text-ranking"
    assert task_for(names, None, three | cross_encoder | three) == "text-classification"
    assert "this one has 3" in (cannot_serve("text-ranking", names, three) or "")


def test_unsupported_modules_are_rejected_only_if_used() -> None:
    def saved(*kinds: str) -> SentenceTransformersModel:
        row = [EmbeddingModule(kind=kind, folder="") for kind in kinds]
        return SentenceTransformersModel(routes={"": row})

    custom = saved("Transformer", "Pooling", "custom.Mixer")
    reason = cannot_serve("feature-extraction", ["BertForMaskedLM"], {}, custom)
    assert reason is not None
    assert "custom.Mixer is Python code of the repository" in reason
    assert cannot_serve("fill-mask", ["BertForMaskedLM"], {}, custom) is None
    plain = saved("Transformer", "Pooling")
    assert cannot_serve("sentence-similarity", ["BertModel"], {}, plain) is None
    words = saved("StaticEmbedding", "Normalize")
    assert cannot_serve("feature-extraction", [], {}, words) is None
    assert "computes embeddings" in (cannot_serve("fill-mask", [], {}, words) or "")


def test_multimodal_model_is_not_translation_model() -> None:
    for architecture, config in (
        ("SeamlessM4TForTextToText", {"model_type": "seamless_m4t"}),
        ("Qwen2AudioForConditionalGeneration", {"is_encoder_decoder": False}),
    ):
        assert cannot_serve("translation", [architecture], config)
        assert task_for([architecture], "translation", config) != "translation"
    assert cannot_serve("translation", ["MarianMTModel"], {"is_encoder_decoder": True}) is None


def test_zero_shot_classification_requires_nli_model() -> None:
    bart, tag = ["BartForSequenceClassification"], "zero-shot-classification"
    inference = {"id2label": {"0": "contradiction", "1": "neutral", "2": "entailment"}}
    moods = {"id2label": {"0": "NEGATIVE", "1": "POSITIVE"}}
    assert task_for(bart, tag, inference) == tag
    assert task_for(bart, None, inference) == "text-classification"
    assert task_for(bart, tag, moods) == "text-classification"
    assert "entailment" in (cannot_serve(tag, bart, moods) or "")
    assert cannot_serve(tag, bart, {"label2id": {"entailment": 0, "not_entailment": 1}}) is None


def test_video_processor_that_was_not_run_is_rejected_before_loading() -> None:
    def reason(architecture: str, kind: str) -> str | None:
        return cannot_serve("video-classification", [architecture], {"model_type": kind})

    assert reason("VideoMAEForVideoClassification", "videomae") is None
    assert reason("TimesformerForVideoClassification", "timesformer") is None
    assert reason("VivitForVideoClassification", "vivit") is None
    assert "torchvision" in str(reason("VJEPA2ForVideoClassification", "vjepa2"))


def test_unsupported_document_model_is_rejected_before_download() -> None:
    task, architectures = "document-question-answering", ["VisionEncoderDecoderModel"]
    donut = {"encoder": {"model_type": "donut-swin"}}
    assert cannot_serve(task, architectures, donut) is None
    assert "Donut" in str(cannot_serve(task, architectures, {"encoder": {"model_type": "vit"}}))
    text_in_image = {"model_type": "pix2struct", "is_vqa": True}
    assert "font" in str(
        cannot_serve("image-to-text", ["Pix2StructForConditionalGeneration"], text_in_image)
    )


def test_no_task_is_both_served_and_unsupported() -> None:
    assert not set(TASKS) & set(NOT_SERVED)
    assert not set(ALIASES) & (set(TASKS) | set(NOT_SERVED))
    assert all(reason.startswith("not served") for reason in NOT_SERVED.values())
