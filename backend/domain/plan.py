"""Results of the steps: immutable, stored, and unchanged by a restart."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.model import Modality, ModelFacts
from backend.domain.request import DeploymentRequest, RuntimeName


class PreflightItem(Value):
    """One check of the validate step."""

    code: str = Field(description="Subject of the check, for example `memory`.")
    verdict: Literal["ok", "warn", "block"]
    title: str = Field(description="One short sentence.")
    detail: str = Field(description="The evidence, with numbers.")
    remedy: str | None = Field(default=None, description="What to do if the verdict is not `ok`.")
    problem_code: str | None = Field(
        default=None, description="Code of the problem that a deployment would fail with."
    )


class Preflight(Value):
    """Result of the validate step, check by check; nothing is started."""

    verdict: Literal["ok", "warn", "block"]
    items: list[PreflightItem]
    expected_speed: str | None = Field(default=None, description="If it can be estimated.")
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
    extras: list[str] = Field(default=[], description="Requested, or required by the model.")
    preflight: Preflight
    already_cached: bool = Field(default=False, description="All files are already on disk.")


class Snapshot(Value):
    """The downloaded files, each verified against its hash."""

    directory: str
    companion_directory: str | None = Field(
        default=None, description="Files of the base model of an adapter, or of the vocoder."
    )
    bytes: int
    fetched_bytes: int = Field(description="Bytes downloaded in this attempt.")
    files: int
    nothing_to_do: str | None = Field(
        default=None, description="Reason why nothing was downloaded."
    )


class Environment(Value):
    """Interpreter and libraries of the model server."""

    python: str = Field(description="Path of the interpreter.")
    extras: list[str] = Field(default=[])
    overlay: str | None = Field(default=None, description="Folder of libraries of this model.")
    nothing_to_do: str | None = Field(default=None, description="Reason why nothing was installed.")
