"""Selection of device, dtype and threads from facts."""

from typing import Any

import pytest

from backend.domain.decide import Question, Sight, alternatives, decide, may_need_library
from backend.domain.model import ModelFacts, OnnxFile
from backend.domain.request import Hardware
from backend.errors.model import UnsupportedOption

GB = 10**9


def test_onnx_file_decides_device_and_dtype() -> None:
    asked = question(sight=Sight(cuda_free_bytes=[10 * GB]))
    onnx = OnnxFile(path="onnx/model_fp16.onnx", dtype="float16")
    model = asked.model.model_copy(update={"engines": ["onnxruntime"], "onnx": onnx})
    receipt = decide(asked.model_copy(update={"model": model}))
    assert (receipt.engine, receipt.device, receipt.dtype) == ("onnxruntime", "cpu", "float16")
    assert "onnx/model_fp16.onnx" in receipt.candidates[0].reason


def question(hardware: dict[str, Any] | None = None, **more: Any) -> Question:
    stored = more.pop("stored", "F32")
    size = more.pop("size", GB // 4)
    model = ModelFacts(
        id="a/b",
        source="hub",
        revision="main",
        commit="c",
        task=None,
        weight_bytes=size,
        weight_dtype=stored,
        download_bytes=size,
        files=[],
    )
    return Question(hardware=Hardware(**hardware or {}), model=model, cores=4, **more)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (question(), ("cpu", "float32", 4)),
        (question({"workers": 2}), ("cpu", "float32", 2)),
        (question({"workers": 8}), ("cpu", "float32", 1)),
        (question({"threads": 3, "dtype": "bfloat16"}), ("cpu", "bfloat16", 3)),
        (question(stored="BF16", size=2 * GB, cpu_has_bfloat16=True), ("cpu", "bfloat16", 4)),
        (question(stored="BF16", size=2 * GB), ("cpu", "float32", 4)),
        (question(stored="BF16", size=GB // 2, cpu_has_bfloat16=True), ("cpu", "float32", 4)),
        (
            question(sight=Sight(cuda_free_bytes=[GB, 8 * GB], cuda_has_bfloat16=True)),
            ("cuda:1", "bfloat16", 4),
        ),
        (question(size=9 * GB, sight=Sight(cuda_free_bytes=[8 * GB])), ("cpu", "float32", 4)),
        (question({"device": "cuda"}, sight=Sight(cuda_free_bytes=[GB])), ("cuda:0", "float16", 4)),
        (question({"device": "cpu"}, sight=Sight(cuda_free_bytes=[8 * GB])), ("cpu", "float32", 4)),
        (question(sight=Sight(has_mps=True)), ("mps", "float16", 4)),
    ],
)
def test_device_dtype_and_threads_follow_from_facts(
    case: Question, expected: tuple[str, str, int]
) -> None:
    receipt = decide(case)
    assert (receipt.device, receipt.dtype, receipt.threads) == expected
    assert [candidate.chosen for candidate in receipt.candidates] == [True]


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (question(size=2 * GB, cpu_has_bfloat16=True), "stored in f32"),
        (question(stored="BF16", size=2 * GB), "no bfloat16 instructions"),
        (question(stored="BF16", size=GB // 2, cpu_has_bfloat16=True), "small"),
    ],
)
def test_receipt_states_why_half_precision_was_not_chosen(case: Question, why: str) -> None:
    assert why in decide(case).candidates[0].reason


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_missing_device_is_rejected(device: str) -> None:
    with pytest.raises(UnsupportedOption):
        decide(question({"device": device}))


def test_torch_is_needed_only_if_accelerator_is_possible() -> None:
    assert not may_need_library(Hardware(), accelerators=0)
    assert not may_need_library(Hardware(device="cpu"), accelerators=2)
    assert may_need_library(Hardware(), accelerators=1)
    assert may_need_library(Hardware(device="mps"), accelerators=0)


LARGE = {"parameters": 66_000_000}
# Weights of these in float32.
ROOM = 4 * 66_000_000


def measured(
    question: Question, *, may_lose: bool = True, room: int = ROOM, **facts: Any
) -> list[tuple[str, bool]]:
    """Dtype, and whether weights are packed, of the candidates for a model with these facts."""
    model = question.model.model_copy(update=LARGE | facts)
    asked = question.model_copy(update={"model": model})
    found = alternatives(asked, decide(asked), may_lose=may_lose, room=room)
    return [(one.dtype, one.packs_weights) for one in found]


PLAIN = [("float32", False), ("float32", True)]
HALF = [("bfloat16", False), ("bfloat16", True)]


def test_candidates_are_those_that_this_machine_and_this_request_allow() -> None:
    assert measured(question()) == PLAIN
    assert measured(question(cpu_has_bfloat16=True)) == PLAIN + HALF
    assert measured(question(cpu_has_bfloat16=True), may_lose=False) == PLAIN
    assert measured(question({"dtype": "float32"}, cpu_has_bfloat16=True)) == PLAIN
    large = question(stored="BF16", size=2 * GB, cpu_has_bfloat16=True)
    assert measured(large, parameters=10**9, room=2 * GB) == HALF


def test_graph_is_a_candidate_of_each_precision_where_one_is_possible() -> None:
    wish = question(cpu_has_bfloat16=True)
    model = wish.model.model_copy(update=LARGE)
    asked = wish.model_copy(update={"model": model})
    for room, expected in ((ROOM, ["float32", "bfloat16"]), (ROOM - 1, ["bfloat16"])):
        found = alternatives(asked, decide(asked), may_lose=True, room=room, exports=True)
        assert [one.dtype for one in found if one.engine == "openvino"] == expected
    requested = question({"engine": "openvino", "device": "auto"})
    assert decide(requested).engine == "openvino"
    assert alternatives(requested, decide(requested), may_lose=True, room=ROOM) == []


def test_packed_weights_need_room_below_the_memory_limit() -> None:
    assert measured(question(), room=ROOM - 1) == PLAIN[:1]


def test_nothing_is_measured_where_the_order_is_known() -> None:
    assert measured(question(), parameters=19_999_999) == []
    assert measured(question(), needs_remote_code=True) == []
    assert measured(question({"device": "cpu", "dtype": "float16"})) == []
    assert measured(question({"device": "cuda"}, sight=Sight(cuda_free_bytes=[GB]))) == []
    assert measured(question(), engines=["onnxruntime"]) == []
