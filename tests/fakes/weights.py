"""Weights for tests that load nothing: right in shape, quick to make, without torch."""

import json
import random
import struct

CONFIG: dict[str, object] = {
    "architectures": ["BertForSequenceClassification"], "model_type": "bert",
    "num_hidden_layers": 2, "hidden_size": 32,
}  # fmt: skip


def safetensors(tensors: dict[str, list[int]], dtype: str = "F32", seed: int = 0) -> bytes:
    """A whole safetensors file of these shapes with random content."""
    sizes = {"F32": 4, "BF16": 2, "I64": 8}
    header: dict[str, object] = {}
    offset = 0
    for name, shape in tensors.items():
        count = 1
        for side in shape:
            count *= side
        end = offset + count * sizes[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, end]}
        offset = end
    return with_header(header, random.Random(seed).randbytes(offset))


def with_header(header: object, data: bytes = b"") -> bytes:
    """A file with any header, right or wrong."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def repository(size: int = 4000, **config: object) -> dict[str, bytes]:
    """The files of a small model; `size` is that of its weights."""
    return {
        "config.json": json.dumps(CONFIG | config).encode(),
        "tokenizer.json": b'{"version": "1.0"}',
        "README.md": b"---\nlicense: mit\n---\n# A model\n",
        "model.safetensors": safetensors({"weight": [size // 4]}),
    }
