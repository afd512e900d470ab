"""Words of an image and their boxes, recognised with RapidOCR (PP-OCR as ONNX files).

The models are in the package: nothing is downloaded. The library is the extra `ocr`.
"""

import importlib.util
from typing import Any, cast

from PIL.Image import Image

WordBox = list[str | list[float]]
_PER_SIDE = 1000


class WordRecognizer:
    """Recognises words; loads its models for the first image. For one thread at a time."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._engine: Any = None

    @staticmethod
    def is_available() -> bool:
        """Whether the library is installed."""
        return importlib.util.find_spec("rapidocr") is not None

    def words(self, image: Image) -> list[WordBox]:
        """`[word, [left, top, right, bottom]]` in thousandths of the image, line after line."""
        if self._engine is None:
            self._engine = _engine(self._threads)
        found = self._engine(image)
        if not found.txts:
            return []
        return [
            [word, _box(corners, image)]
            for line in found.word_results  # of (word, score, corners of its box)
            for word, _, corners in line
            if word.strip() and corners is not None
        ]


def _engine(threads: int) -> Any:
    rapidocr: Any = importlib.import_module("rapidocr")
    return rapidocr.RapidOCR(
        params={
            "Global.return_word_box": True,
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _box(corners: object, image: Image) -> list[float]:
    """The smallest upright box around four corners, which a skewed line may have anywhere."""
    places = cast("list[tuple[float, float]]", corners)
    across = [_thousandths(x, image.width) for x, _ in places]
    down = [_thousandths(y, image.height) for _, y in places]
    return [min(across), min(down), max(across), max(down)]


def _thousandths(pixels: float, side: int) -> float:
    return float(min(max(int(_PER_SIDE * pixels / side), 0), _PER_SIDE))
