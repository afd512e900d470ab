"""Facts about the quantization of a checkpoint, known before its weights are downloaded."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value


class Quantization(Value):
    """How the weights of a checkpoint are quantized, and how they are loaded."""

    method: str = Field(description="As the checkpoint names it, for example `gptq`.")
    title: str = Field(description="For people, for example `GPTQ, 4 bits`.")
    loads: Literal["dequantized", "quantized"] | None = Field(
        description="Whether the weights are full precision once they are loaded; null: they "
        "cannot be loaded."
    )
    reason: str | None = Field(default=None, description="Why they cannot be loaded.")
    libraries: list[str] = Field(default=[], description="Libraries that load them.")
    parameters: int = Field(default=0, description="Number of parameters, unpacked.")
    unpacked: int = Field(
        default=0, description="Number of elements that have the model's dtype once loaded."
    )
    packed_bytes: int = Field(default=0, description="Bytes that stay quantized in memory.")

    def bytes_in_memory(self, element_bytes: int) -> int:
        """Bytes of the loaded weights, with this size of one element of the model's dtype."""
        return self.unpacked * element_bytes + self.packed_bytes
