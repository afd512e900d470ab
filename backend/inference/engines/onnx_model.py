"""A model whose forward pass is an ONNX graph, with the interface that adapters use."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from backend.errors.model import ModelNotSupported
from backend.inference.engines.outputs import Outputs
from backend.tasks.onnx import SIGNATURES, unknown_inputs

_TYPES = {
    "tensor(int64)": torch.int64, "tensor(int32)": torch.int32, "tensor(float)": torch.float32,
    "tensor(float16)": torch.float16, "tensor(double)": torch.float64, "tensor(bool)": torch.bool,
}  # fmt: skip
# Outputs that adapters read; others are not computed.
_READ = (
    "logits", "start_logits", "end_logits", "last_hidden_state", "pooler_output",
    "sentence_embedding", "pred_boxes", "pred_masks", "class_queries_logits",
    "masks_queries_logits", "predicted_depth", "logits_per_image",
)  # fmt: skip
_PER_TOKEN = frozenset({"logits", "start_logits", "end_logits", "last_hidden_state"})
# Names of sentence-transformers and of CLIP's encoders for the same tensors.
_ALIASES = {
    "token_embeddings": "last_hidden_state", "image_embeds": "pooler_output",
    "text_embeds": "sentence_embedding",
}  # fmt: skip
_ANOTHER = "Use the model that the ONNX file was converted from."


class OnnxModel:
    """Runs the graph of an ONNX Runtime session with the tensors of an adapter.

    `skeleton` is the same architecture of transformers without weights, or None: adapters look at
    its modules, for example to find out how many positions it has.
    """

    device = torch.device("cpu")
    dtype = torch.float32

    def __init__(
        self, session: Any, task: str, config: Any, skeleton: torch.nn.Module | None
    ) -> None:
        self.config = config
        self._session = session
        self._skeleton = skeleton or torch.nn.Module()
        self._inputs = {one.name: one for one in session.get_inputs()}
        if reason := unknown_inputs(task, list(self._inputs)):
            raise ModelNotSupported(reason, instead=_ANOTHER)
        self._outputs = named_outputs(session.get_outputs(), task)
        # A graph that was exported for one input at a time.
        self._is_single = all(one.shape[:1] == [1] for one in self._inputs.values())
        # A graph that was exported for one number of tokens: shorter texts are padded.
        shape = getattr(self._inputs.get("input_ids"), "shape", [])
        self._length = shape[1] if len(shape) == 2 and isinstance(shape[1], int) else None
        if self._length:
            config.get_text_config().max_position_embeddings = self._length

    @property
    def output_names(self) -> frozenset[str]:
        """Names of the outputs, those of transformers."""
        return frozenset(self._outputs)

    @property
    def embedding_size(self) -> int | None:
        """Number of dimensions of embeddings that the graph computes, if it states it."""
        name = self._outputs.get("sentence_embedding")
        shapes = [one.shape for one in self._session.get_outputs() if one.name == name]
        return shapes[0][-1] if shapes and isinstance(shapes[0][-1], int) else None

    def get_encoder(self) -> "OnnxModel":
        """Of an encoder-decoder model, a file without decoder inputs is the encoder."""
        return self

    def named_modules(self) -> Iterator[tuple[str, torch.nn.Module]]:
        """Modules of the architecture, without weights."""
        return self._skeleton.named_modules()

    def named_parameters(self) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """Parameters of the architecture, without values."""
        return self._skeleton.named_parameters()

    def __call__(self, **tensors: Tensor) -> Outputs:
        """The outputs for a batch; the graph gets exactly the inputs that it has."""
        given = {name: value for name, value in tensors.items() if name in self._inputs}
        lengths = {len(value) for value in given.values()}
        if self._is_single and len(lengths) == 1 and lengths != {1}:
            [count] = lengths
            parts = [{n: value[i : i + 1] for n, value in given.items()} for i in range(count)]
            rows = [self._run(part) for part in parts]
            return Outputs({name: torch.cat([row[name] for row in rows]) for name in rows[0]})
        return self._run(given)

    def _run(self, given: Mapping[str, Tensor]) -> Outputs:
        complete = self._padded({**self._made(given), **given})
        feeds = {name: self._placed(name, value) for name, value in complete.items()}
        names = list(self._outputs.values())
        found: Sequence[np.ndarray] = self._session.run(names, feeds)
        arrays = zip(self._outputs, found, strict=True)
        outputs = Outputs({name: torch.from_numpy(array) for name, array in arrays})
        return self._without_padding(outputs, given)

    def _made(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Inputs of the graph that the tokenizer does not return."""
        made: dict[str, Tensor] = {}
        ids = given.get("input_ids")
        if ids is not None:
            made["token_type_ids"] = torch.zeros_like(ids)
            made["attention_mask"] = torch.ones_like(ids)
            made["position_ids"] = torch.arange(ids.shape[1]).expand_as(ids)
        pixels = given.get("pixel_values")
        if pixels is not None:
            made["pixel_mask"] = self._pixel_mask(pixels)
        return {name: value for name, value in made.items() if name in self._inputs}

    def _padded(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Texts with the number of tokens that the graph requires."""
        if self._length is None:
            return tensors
        count = tensors["input_ids"].shape[1]
        pad = (0, self._length - count)
        return {
            name: torch.nn.functional.pad(value, pad) if value.shape[1:] == (count,) else value
            for name, value in tensors.items()
        }

    def _without_padding(self, outputs: Outputs, given: Mapping[str, Tensor]) -> Outputs:
        """Of outputs with one entry per token, those of the text."""
        if self._length is None:
            return outputs
        count = given["input_ids"].shape[1]
        for name in _PER_TOKEN & outputs.keys():
            if outputs[name].ndim > 1 and outputs[name].shape[1] == self._length:
                outputs[name] = outputs[name][:, :count]
        return outputs

    def _pixel_mask(self, pixels: Tensor) -> Tensor:
        """All pixels; older exports of DETR have a mask of another size, which they state."""
        shape = getattr(self._inputs.get("pixel_mask"), "shape", [])[1:]
        size = [n if isinstance(n, int) else pixels.shape[-2 + i] for i, n in enumerate(shape)]
        return torch.ones(len(pixels), *size, dtype=torch.int64)

    def _placed(self, name: str, value: Tensor) -> np.ndarray:
        dtype = _TYPES.get(self._inputs[name].type, value.dtype)
        return value.detach().to(dtype).contiguous().numpy()


def named_outputs(outputs: Sequence[Any], task: str) -> dict[str, str]:
    """The graph's output for each name that adapters read, by name, else by position.

    Raises ModelNotSupported if the graph has fewer outputs than the task requires.
    """
    names = [one.name for one in outputs]
    found = {_ALIASES.get(name, name): name for name in names}
    found = {name: found[name] for name in _READ if name in found}
    required = SIGNATURES[task].outputs
    is_segmented = task == "image-segmentation" and found
    if is_segmented or all(name in found for name in required):
        return found
    if "last_hidden_state" in required:
        is_image = task == "image-feature-extraction"
        return found if is_image and "pooler_output" in found else _embeddings(outputs, found)
    if len(names) < len(required):
        raise ModelNotSupported(
            f"The ONNX model has the outputs {', '.join(names)[:200]}; {task} requires "
            f"{', '.join(required)}.", instead=_ANOTHER,
        )  # fmt: skip
    return dict(zip(required, names, strict=False))


def _embeddings(outputs: Sequence[Any], found: dict[str, str]) -> dict[str, str]:
    """One vector for each text, or one for each token, by the number of axes."""
    if "sentence_embedding" in found:
        return found
    is_pooled = len(outputs[0].shape) == 2
    return {"sentence_embedding" if is_pooled else "last_hidden_state": outputs[0].name}
