"""How our values are made: frozen, nothing unknown, no guessing of types."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value of ours; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StrictValue(BaseModel):
    """A value that comes from outside: besides, `"1"`, `1.0` and `true` are no integers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
