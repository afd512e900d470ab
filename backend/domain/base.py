"""Base classes of value types: frozen, no extra fields; `StrictValue` without type coercion."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; unknown fields are rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StrictValue(BaseModel):
    """A value from external input: `"1"`, `1.0` and `true` are not accepted as integers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
