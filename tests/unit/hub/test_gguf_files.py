"""Which quantization of a repository is chosen, by the names that publishers use."""

import pytest

from backend.domain.model import ModelFile
from backend.errors.model import UnsupportedOption
from backend.hub.gguf_files import choose, has_gguf, variants

GB = 10**9


def listing(**sizes: float) -> dict[str, ModelFile]:
    """Files by quantization, sizes in GB."""
    names = {f"Model-7B-{name}.gguf": size for name, size in sizes.items()}
    return {path: ModelFile(path=path, bytes=int(size * GB)) for path, size in names.items()}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M"),
        ("qwen2.5-0.5b-instruct-q4_k_m.gguf", "Q4_K_M"),
        ("mistral-7b-v0.1.Q5_K_S.gguf", "Q5_K_S"),
        ("Phi-3-mini-4k-instruct-fp16.gguf", "F16"),
        ("gemma-3-4b-it-IQ4_XS.gguf", "IQ4_XS"),
        ("Qwen3-8B-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("BF16/Model-BF16.gguf", "BF16"),
        ("Q6_K/model.gguf", "Q6_K"),
        ("tinyllama.Q3_K_L.gguf", "Q3_K_L"),
        ("Q8B-model.gguf", "unknown"),
        ("ggml-model.gguf", "unknown"),
    ],
)
def test_quantization_is_read_from_the_name(path: str, name: str) -> None:
    [found] = variants({path: ModelFile(path=path, bytes=1)})
    assert found.quantization == name


def test_parts_are_one_variant_and_files_beside_none() -> None:
    paths = [
        "Q8_0/m-Q8_0-00001-of-00002.gguf", "Q8_0/m-Q8_0-00002-of-00002.gguf", "m-Q4_0.gguf",
        "m-F16-00001-of-00002.gguf", "mmproj-m-F16.gguf", "m-mmproj-BF16.gguf", "imatrix.gguf",
        "mmproj/m-Q8_0.gguf", "README.md",
    ]  # fmt: skip
    found = variants({path: ModelFile(path=path, bytes=5) for path in paths})
    assert {one.quantization: one.files for one in found if "mmproj" not in one.files[0]} == {
        "Q4_0": ["m-Q4_0.gguf"], "Q8_0": paths[:2],
    }  # fmt: skip
    assert not has_gguf(["mmproj-m-F16.gguf", "m-F16-00001-of-00002.gguf", "config.json"])


@pytest.mark.parametrize(
    ("sizes", "limit", "chosen"),
    [
        ({"Q2_K": 3, "Q4_K_M": 4.4, "Q8_0": 7.7, "F16": 14}, 8, "Q4_K_M"),
        ({"Q2_K": 3, "Q4_K_M": 4.4, "Q8_0": 7.7, "F16": 14}, 64, "Q4_K_M"),
        ({"Q2_K": 3, "Q4_K_M": 4.4, "Q8_0": 7.7}, 5, "Q2_K"),
        ({"Q2_K": 3, "Q4_K_M": 4.4}, 1, "Q2_K"),
        ({"Q4_K_M": 0.4, "Q8_0": 0.7, "F16": 1.2}, 8, "Q8_0"),
        ({"Q4_K_M": 0.9, "Q8_0": 1.7, "F16": 3.2}, 8, "Q4_K_M"),
        ({"Q3_K_M": 3.5, "IQ4_XS": 4, "Q6_K": 6}, 8, "IQ4_XS"),
        ({"Q3_K_M": 3.5, "BF16": 14}, 8, "Q3_K_M"),
        ({"F16": 1.2}, 8, "F16"),
    ],
)
def test_best_quantization_that_fits_is_chosen(
    sizes: dict[str, float], limit: float, chosen: str
) -> None:
    found = variants(listing(**sizes))
    assert choose(found, "none", int(limit * GB)).quantization == chosen


def test_request_chooses_and_unknown_names_are_rejected() -> None:
    found = variants(listing(Q4_K_M=4.4, Q8_0=7.7))
    assert choose(found, "Q8_0", GB).quantization == "Q8_0"
    with pytest.raises(UnsupportedOption, match="no GGUF file in Q5_0"):
        choose(found, "Q5_0", GB)
