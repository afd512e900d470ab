"""The quantization methods that Slipway loads: what each requires, and what it cannot load.

Each `problem` is the end of a sentence about the checkpoint; the control plane knows it before the
download.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from backend.tasks.quantized_tensors import (
    WORD_BITS,
    Shapes,
    awq_problem,
    fp8_problem,
    gptq_problem,
    narrow,
    narrow_problem,
)

Json = Mapping[str, object]
AUTO_ROUND_GPTQ = {"auto_round:auto_gptq": "gptq", "auto_round": "gptq_v2",
                   "auto_round:gptqmodel": "gptq_v2"}  # fmt: skip
AUTO_ROUND_AWQ = "auto_round:auto_awq"
_COMPRESSED = frozenset({
    "dense", "int-quantized", "float-quantized", "naive-quantized", "pack-quantized",
    "nvfp4-pack-quantized", "mxfp4-pack-quantized",
})  # fmt: skip
_TORCHAO = frozenset({
    "Int8WeightOnlyConfig", "Int8DynamicActivationInt8WeightConfig", "Float8WeightOnlyConfig",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Method:
    """How one method is loaded.

    `elements` is the number of weights that one element of a tensor holds; 0 for scales and the
    like.
    """

    name: str
    libraries: tuple[str, ...] = ()
    is_dequantized: bool = True
    bits: Callable[[Json], int | None]
    problem: Callable[[Json, Shapes, Json], str | None]
    elements: Callable[[str, str, Json], int]

    def title(self, settings: Json) -> str:
        """For people: the name with the number of bits."""
        bits = self.bits(settings)
        return f"{self.name}, {bits} bits" if bits else self.name


def gptq_format(settings: Json) -> str:
    """`gptq`: the zero points are stored minus one. `gptq_v2`: as they are."""
    return str(settings.get("checkpoint_format") or settings.get("format") or "gptq").lower()


def bits_of(settings: Json) -> int:
    """The number of bits; 4 if it is not named."""
    found = settings.get("bits", 4)
    return found if type(found) is int else 0


def _gptq(settings: Json, shapes: Shapes, _: Json) -> str | None:
    stored = gptq_format(settings)
    if stored not in {"gptq", "gptq_v2"}:
        return f"the format {stored[:40]!r} is not supported, only gptq and gptq_v2"
    if settings.get("pack_dtype", "int32") != "int32":
        return "only weights that are packed into int32 are supported"
    if bits_of(settings) not in {2, 4, 8}:
        return f"{bits_of(settings)} bits are not supported, only 2, 4 and 8"
    return gptq_problem(shapes, bits_of(settings))


def _awq(settings: Json, shapes: Shapes, _: Json) -> str | None:
    version = str(settings.get("version") or settings.get("format") or "gemm").lower()
    if version != "gemm" or settings.get("backend") == "llm-awq":
        return f"the layout {version[:40]!r} is not supported, only GEMM"
    if bits_of(settings) != 4:
        return f"{bits_of(settings)} bits are not supported, only 4"
    return awq_problem(shapes)


def _auto_round(settings: Json, shapes: Shapes, config: Json) -> str | None:
    packing = str(settings.get("packing_format", "auto_round:auto_gptq"))
    if settings.get("data_type", "int") != "int":
        return f"the data type {str(settings['data_type'])[:40]!r} is not supported, only int"
    if packing == AUTO_ROUND_AWQ:
        return _awq({"bits": bits_of(settings)}, shapes, config)
    if packing in AUTO_ROUND_GPTQ:
        return _gptq({"bits": bits_of(settings)}, shapes, config)
    return f"the packing {packing[:40]!r} is not supported"


def _packed_words(name: str, dtype: str, settings: Json) -> int:
    part = name.rpartition(".")[2]
    if part in {"qzeros", "g_idx", "scales"}:
        return 0
    return WORD_BITS // bits_of(settings) if part == "qweight" else 1


def _fp8(settings: Json, shapes: Shapes, _: Json) -> str | None:
    if settings.get("modules_to_convert"):
        return "quantized embeddings are not supported"
    if not narrow(shapes):
        return "its weight files contain no quantized tensors"
    return fp8_problem(shapes)


def _fp8_elements(name: str, dtype: str, _: Json) -> int:
    part = name.rpartition(".")[2]
    if part in {"weight_scale_inv", "activation_scale", "scale", "qscale_weight"}:
        return 0
    # Experts may be FP4: two in a byte.
    return 2 if dtype in {"I8", "U8"} else 1


def _mxfp4(_: Json, shapes: Shapes, config: Json) -> str | None:
    if config.get("model_type") != "gpt_oss":
        return "transformers loads MXFP4 weights of gpt-oss models only"
    return None if any(name.endswith("_blocks") for name in shapes) else "it has no MXFP4 tensors"


def _mxfp4_elements(name: str, dtype: str, _: Json) -> int:
    if name.endswith("_scales"):
        return 0
    return 2 if name.endswith("_blocks") else 1


def _table(settings: Json, name: str) -> dict[str, object]:
    found = settings.get(name)
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _groups(settings: Json) -> list[dict[str, object]]:
    groups = _table(settings, "config_groups").values()
    return [cast("dict[str, object]", group) for group in groups if isinstance(group, dict)]


def _compressed(settings: Json, shapes: Shapes, _: Json) -> str | None:
    groups = _groups(settings)
    if len(groups) != 1:
        return f"it has {len(groups)} groups of quantized layers, and only one is supported"
    stored = str(groups[0].get("format") or settings.get("format", "dense"))
    if stored not in _COMPRESSED:
        return f"the format {stored[:40]!r} is not supported"
    if _table(settings, "sparsity_config").get("format", "dense") != "dense":
        return "sparse weights are not supported"
    if _table(settings, "transform_config").get("config_groups"):
        return "transformed weights are not supported"
    if not any(name.endswith(".weight_scale") for name in shapes):
        return "its weight files contain no quantized tensors"
    return narrow_problem(shapes, ("weight", "weight_packed"))


def _compressed_bits(settings: Json) -> int | None:
    for group in _groups(settings):
        bits = _table(group, "weights").get("num_bits")
        if type(bits) is int and 0 < bits <= WORD_BITS:
            return bits
    return None


def _compressed_elements(name: str, dtype: str, settings: Json) -> int:
    part = name.rpartition(".")[2]
    if part == "weight_packed":
        return 2 if dtype == "U8" else WORD_BITS // (_compressed_bits(settings) or 4)
    is_parameter = part in {"weight", "bias"} or not part.endswith(
        ("_scale", "_zero_point", "_shape", "_g_idx")
    )
    return 1 if is_parameter else 0


def _bits_and_bytes(settings: Json, shapes: Shapes, _: Json) -> str | None:
    storage = settings.get("bnb_4bit_quant_storage") or "uint8"
    if settings.get("load_in_4bit") and storage != "uint8":
        return f"4-bit weights stored as {str(storage)[:20]} are not supported, only uint8"
    quantized = any(dtype in {"U8", "I8"} for dtype, _ in shapes.values())
    return None if quantized else "its weight files contain no quantized tensors"


def _bits_and_bytes_elements(name: str, dtype: str, _: Json) -> int:
    if name.endswith((".SCB", ".weight_format")) or ".weight." in name:
        return 0
    return 2 if dtype == "U8" else 1


def _torchao_type(settings: Json) -> dict[str, object]:
    return _table(_table(settings, "quant_type"), "default")


def _torchao(settings: Json, shapes: Shapes, _: Json) -> str | None:
    name = str(_torchao_type(settings).get("_type") or settings.get("quant_type"))[:40]
    if name not in _TORCHAO:
        return f"{name} is not supported, only {', '.join(sorted(_TORCHAO))}"
    found = any(name.endswith("_weight_qdata") for name in shapes)
    return None if found else "its weight files contain no quantized tensors"


def _torchao_elements(name: str, dtype: str, _: Json) -> int:
    return 0 if name.endswith(("_weight_scale", "_weight_zero_point")) else 1


METHODS: dict[str, Method] = {
    "gptq": Method(name="GPTQ", bits=bits_of, problem=_gptq, elements=_packed_words),
    "awq": Method(name="AWQ", bits=bits_of, problem=_awq, elements=_packed_words),
    "auto-round": Method(
        name="AutoRound", bits=bits_of, problem=_auto_round, elements=_packed_words
    ),
    "fp8": Method(
        name="FP8", bits=lambda _: None, problem=_fp8, elements=_fp8_elements,
        libraries=("accelerate",),
    ),
    "mxfp4": Method(
        name="MXFP4", bits=lambda _: None, problem=_mxfp4, elements=_mxfp4_elements
    ),
    "compressed-tensors": Method(
        name="compressed-tensors", bits=_compressed_bits, problem=_compressed,
        elements=_compressed_elements, libraries=("compressed-tensors",),
    ),
    "bitsandbytes": Method(
        name="bitsandbytes", bits=lambda settings: 4 if settings.get("load_in_4bit") else 8,
        problem=_bits_and_bytes, elements=_bits_and_bytes_elements,
        libraries=("accelerate", "bitsandbytes"), is_dequantized=False,
    ),
    "torchao": Method(
        name="torchao", bits=lambda _: None, problem=_torchao, elements=_torchao_elements,
        libraries=("torchao",), is_dequantized=False,
    ),
}  # fmt: skip
