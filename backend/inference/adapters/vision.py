"""The families of tasks that read a picture."""

from backend.inference.adapters.family import Family
from backend.inference.adapters.image_segmentation import image_segmentation
from backend.inference.adapters.object_detection import object_detection

_IMAGE = ("AutoImageProcessor",)

VISION: dict[str, tuple[Family, ...]] = {
    "object-detection": (
        Family(model="AutoModelForObjectDetection", processors=_IMAGE, adapter=object_detection),
    ),
    "image-segmentation": tuple(
        Family(
            model=f"AutoModelFor{kind}Segmentation", processors=_IMAGE, adapter=image_segmentation
        )
        for kind in ("Semantic", "Instance", "Universal", "Image")
    ),
}
