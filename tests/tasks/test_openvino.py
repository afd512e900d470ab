"""Graphs for OpenVINO: models of each kind are exported, and give the results of torch."""

from pathlib import Path

import numpy as np
import pytest

from backend.inference import loading
from backend.inference.export.openvino_graph import export
from backend.inference.export.recorded_calls import NotExportable
from backend.inference.measurement.comparison import arrays_of
from backend.inference.measurement.inputs import inputs_of, size_with
from tests.fakes.launch import spec
from tests.fakes.tiny_models import BUILDERS
from tests.tasks.matrix import differences

# Further kinds take minutes together.
FEW = ("text-classification", "object-detection")
MANY = (
    "zero-shot-classification", "token-classification", "feature-extraction",
    "feature-extraction/t5", "text-ranking", "fill-mask", "image-classification",
    "audio-classification", "automatic-speech-recognition",
    "automatic-speech-recognition/parakeet-ctc", "zero-shot-audio-classification",
    "image-segmentation", "image-segmentation/maskformer", "zero-shot-image-classification",
    "zero-shot-image-classification/siglip", "depth-estimation", "image-feature-extraction",
    "image-feature-extraction/resnet", "zero-shot-object-detection", "video-classification",
)  # fmt: skip
REFUSED = {
    "image-to-text": "other inputs than tensors",
    "question-answering": "one input at a time",
}


def quiet(_: str) -> None:
    """Nobody follows the progress."""


@pytest.mark.parametrize("name", [*FEW, *(pytest.param(n, marks=pytest.mark.long) for n in MANY)])
@pytest.mark.filterwarnings("ignore")  # of the exporter about itself
def test_graph_has_the_results_of_torch_alone_and_in_groups(name: str, tmp_path: Path) -> None:
    usual = spec(name.partition("/")[0], BUILDERS[name](tmp_path / "model"))
    folder = tmp_path / "graph"
    folder.mkdir()
    export(usual, folder, quiet)
    graph = usual.model_copy(update={"engine": "openvino", "graph_dir": str(folder)})
    first, second = loading.load(usual), loading.load(graph)
    inputs = inputs_of(usual.task, size_with(first))
    for count in (1, 3):
        item, parameters = next(inputs)
        found = [
            [one.decode(raw, prepared, parameters) for raw in one.forward([prepared] * count)]
            for one in (first, second)
            for prepared in [one.encode(item, parameters)]
        ]
        arrays = [list(arrays_of(one)) for one in found]
        for one, other in zip(*arrays, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
        assert arrays[0] or differences(found[0], found[1], near=1e-3) == []


@pytest.mark.parametrize(("name", "why"), REFUSED.items())
def test_what_is_not_one_graph_is_refused_with_the_reason(
    name: str, why: str, tmp_path: Path
) -> None:
    made = spec(name, BUILDERS[name](tmp_path / "model"))
    with pytest.raises(NotExportable, match=why):
        export(made, tmp_path, quiet)
