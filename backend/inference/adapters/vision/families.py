"""Model families of image and video tasks."""

from backend.inference.adapters.family import Family
from backend.inference.adapters.media_classification import (
    image_classification,
    video_classification,
)
from backend.inference.adapters.vision.depth_estimation import depth_estimation
from backend.inference.adapters.vision.image_feature_extraction import ImageFeatureExtraction
from backend.inference.adapters.vision.image_segmentation import image_segmentation
from backend.inference.adapters.vision.image_to_image import image_to_image
from backend.inference.adapters.vision.keypoint_matching import KeypointMatching
from backend.inference.adapters.vision.mask_generation import MaskGeneration
from backend.inference.adapters.vision.object_detection import object_detection
from backend.inference.adapters.vision.zero_shot_image_classification import (
    ZeroShotImageClassification,
)
from backend.inference.adapters.vision.zero_shot_object_detection import grounding_dino, owl

_IMAGE = ("AutoImageProcessor",)
_IMAGE_AND_TEXT = ("AutoImageProcessor", "AutoTokenizer")
_CLIP = "AutoModelForZeroShotImageClassification"
_DETECTORS = {
    "OwlViTForObjectDetection": owl,
    "Owlv2ForObjectDetection": owl,
    "GroundingDinoForObjectDetection": grounding_dino,
    "MMGroundingDinoForObjectDetection": grounding_dino,
}

VISION: dict[str, tuple[Family, ...]] = {
    "image-classification": (
        Family(
            model="AutoModelForImageClassification",
            processors=("AutoImageProcessor",),
            adapter=image_classification,
        ),
    ),
    "object-detection": (
        Family(model="AutoModelForObjectDetection", processors=_IMAGE, adapter=object_detection),
    ),
    "image-segmentation": tuple(
        Family(
            model=f"AutoModelFor{kind}Segmentation", processors=_IMAGE, adapter=image_segmentation
        )
        for kind in ("Semantic", "Instance", "Universal", "Image")
    ),
    "zero-shot-image-classification": (
        Family(model=_CLIP, processors=_IMAGE_AND_TEXT, adapter=ZeroShotImageClassification),
    ),
    "depth-estimation": (
        Family(model="AutoModelForDepthEstimation", processors=_IMAGE, adapter=depth_estimation),
    ),
    "image-feature-extraction": (
        Family(model=_CLIP, processors=_IMAGE, adapter=ImageFeatureExtraction),
        Family(
            model="AutoModel",
            kind="ImageEncoder",
            processors=_IMAGE,
            adapter=ImageFeatureExtraction,
            optional=("pooler",),
        ),
    ),
    "zero-shot-object-detection": tuple(
        Family(
            model="AutoModelForZeroShotObjectDetection",
            kind=kind,
            processors=_IMAGE_AND_TEXT,
            adapter=adapter,
        )
        for kind, adapter in _DETECTORS.items()
    ),
    "video-classification": (
        Family(
            model="AutoModelForVideoClassification",
            processors=_IMAGE,
            adapter=video_classification,
        ),
    ),
    "keypoint-matching": (
        Family(model="AutoModelForKeypointMatching", processors=_IMAGE, adapter=KeypointMatching),
    ),
    "mask-generation": (
        Family(model="AutoModelForMaskGeneration", processors=_IMAGE, adapter=MaskGeneration),
    ),
    "image-to-image": (
        Family(model="AutoModelForImageToImage", processors=_IMAGE, adapter=image_to_image),
    ),
}
