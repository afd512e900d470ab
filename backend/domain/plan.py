"""Results of the steps: immutable, stored, and unchanged by a restart."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.model import Modality, ModelFacts
from backend.domain.request import DeploymentRequest, RuntimeName


class PreflightItem(Value):
    """One check of the validate step."""

    code: str = Field(description="What was looked at, for example `memory`.")
    verdict: Literal["ok", "warn", "block"]
    title: str = Field(description="One short sentence.")
    detail: str = Field(description="The evidence, with numbers.")
    remedy: str | None = Field(default=None, description="What to do, if it is not ok.")
    problem_code: str | None = Field(default=None, description="The error it would become.")


class Preflight(Value):
    """Result of the validate step, check by check; nothing is started."""

    verdict: Literal["ok", "warn", "block"]
    items: list[PreflightItem]
    expected_speed: str | None = Field(default=None, description="Where it can be told from facts.")
    download_bytes: int | None = None
    estimated_memory_bytes: int | None = None


class Plan(Value):
    """What will be deployed, with the commit pinned."""

    deployment_id: str
    request: DeploymentRequest
    model: ModelFacts
    task: str
    type: Modality
    runtime: RuntimeName
    estimated_memory_bytes: int
    memory_limit_bytes: int
    extras: list[str] = Field(default=[], description="Asked for or needed by the model.")
    preflight: Preflight
    already_cached: bool = Field(default=False, description="Every file is on disk already.")


class Snapshot(Value):
    """The downloaded files, each verified against its hash."""

    directory: str
    bytes: int
    fetched_bytes: int = Field(description="Bytes that came over the network this time.")
    files: int
    nothing_to_do: str | None = Field(default=None, description="Why nothing was fetched.")


class Environment(Value):
    """Interpreter and libraries of the model server."""

    python: str = Field(description="Path of the interpreter.")
    extras: list[str] = Field(default=[])
    overlay: str | None = Field(
        default=None, description="Folder of libraries for this model only."
    )
    nothing_to_do: str | None = Field(default=None, description="Why nothing was installed.")
