"""Base classes of value types: frozen, no extra fields; `StrictValue` without type coercion."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator


class Value(BaseModel):
    """A frozen value; unknown fields are rejected.

    `retired` are fields of earlier versions, ignored when a stored value is read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    retired: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _ignore_retired(cls, content: Any) -> Any:
        if not cls.retired or not isinstance(content, dict):
            return content
        return {name: value for name, value in content.items() if name not in cls.retired}  # pyright: ignore[reportUnknownVariableType]


class StrictValue(BaseModel):
    """A value from external input: `"1"`, `1.0` and `true` are not accepted as integers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
