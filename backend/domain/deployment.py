"""A deployment as the API returns it: its state, steps, receipt, proof and result."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.engine import EngineName
from backend.domain.model import DeployedModel
from backend.domain.request import DeploymentRequest
from backend.domain.server import MemoryUse
from backend.errors.problem import Problem


class State(StrEnum):
    """States of a deployment: those of Hugging Face Inference Endpoints, `cancelled`, `deleted`."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    RUNNING = "running"
    UPDATING = "updating"
    UPDATE_FAILED = "updateFailed"
    PAUSED = "paused"
    SCALED_TO_ZERO = "scaledToZero"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"


_S = State
TRANSITIONS: dict[State, frozenset[State]] = {
    _S.PENDING: frozenset({_S.INITIALIZING, _S.CANCELLED, _S.FAILED, _S.DELETED, _S.PAUSED}),
    _S.INITIALIZING: frozenset(
        {_S.RUNNING, _S.FAILED, _S.CANCELLED, _S.PENDING, _S.PAUSED, _S.SCALED_TO_ZERO, _S.DELETED}
    ),
    _S.RUNNING: frozenset(
        {
            _S.INITIALIZING,
            _S.UPDATING,
            _S.PAUSED,
            _S.SCALED_TO_ZERO,
            _S.FAILED,
            _S.PENDING,
            _S.DELETED,
        }
    ),
    _S.UPDATING: frozenset({_S.RUNNING, _S.UPDATE_FAILED, _S.DELETED}),
    _S.UPDATE_FAILED: frozenset({_S.RUNNING, _S.UPDATING, _S.INITIALIZING, _S.PAUSED, _S.DELETED}),
    _S.PAUSED: frozenset({_S.PENDING, _S.INITIALIZING, _S.DELETED}),
    _S.SCALED_TO_ZERO: frozenset({_S.PENDING, _S.INITIALIZING, _S.PAUSED, _S.DELETED}),
    _S.FAILED: frozenset({_S.PENDING, _S.DELETED}),
    _S.CANCELLED: frozenset({_S.PENDING, _S.DELETED}),
    _S.DELETED: frozenset(),
}

StepState = Literal["queued", "running", "stalled", "succeeded", "skipped", "failed", "cancelled"]
StepName = Literal["validate", "download", "dependencies", "prepare", "start", "verify"]
STEP_NAMES: tuple[StepName, ...] = (
    "validate",
    "download",
    "dependencies",
    "prepare",
    "start",
    "verify",
)


class StepProgress(Value):
    """Progress of one of the six steps."""

    name: StepName
    title: str
    state: StepState
    percent: float = Field(description="Progress of this step, 0 to 100.")
    weight: float = Field(description="Share of the progress bar; the six add up to 100.")
    estimate_seconds: float | None = None
    elapsed_seconds: float | None = None
    timeout_seconds: float
    message: str = ""


class Progress(Value):
    """Progress of the whole attempt."""

    percent: float = Field(description="Progress, 0 to 100; never decreases.")
    current_step: StepName | None
    completed_steps: int
    total_steps: int = 6
    message: str
    elapsed_seconds: float
    eta_seconds: float | None
    steps: list[StepProgress]


class Candidate(Value):
    """A configuration to run the model that the prepare step considered."""

    engine: EngineName
    device: str = "cpu"
    dtype: str
    threads: int
    packs_weights: bool = Field(
        default=False,
        description="Weights of linear layers are stored in the order in which oneDNN reads them.",
    )
    latency_ms: float | None = Field(
        default=None, description="Mean time of one input in the model; null: not measured."
    )
    group_latency_ms: float | None = Field(
        default=None, description="Mean time per input in groups of four."
    )
    agreement: float | None = Field(
        default=None, description="Mean cosine of its results with those of the first candidate."
    )
    worst_agreement: float | None = Field(
        default=None, description="The smallest cosine of all inputs."
    )
    same_label: float | None = Field(
        default=None, description="Share of inputs with the same top label, 0 to 1."
    )
    probability_error: float | None = Field(
        default=None, description="Largest difference of a probability; null: no probabilities."
    )
    inputs: int = Field(default=0, description="Number of generated inputs that were compared.")
    memory_bytes: int | None = None
    chosen: bool
    reason: str
    is_pending: bool = Field(
        default=False, description="It is prepared and measured while the deployment serves."
    )

    @property
    def configuration(self) -> dict[str, object]:
        """What it sets of a server and of a receipt, by the name of the field."""
        names = {"engine", "device", "dtype", "threads", "packs_weights"}
        return self.model_dump(include=names)


class ConvertedFile(Value):
    """A file that a conversion wrote."""

    path: str
    bytes: int
    sha256: str


class Conversion(Value):
    """Record of a conversion of pickle weights to safetensors."""

    tensors: int = Field(description="Tensors written, each compared byte by byte.")
    seal: list[str] = Field(
        description="What sealed the process: `files`, `system calls`, `user`; empty: nothing."
    )
    files: list[ConvertedFile]


class Merge(Value):
    """Record of a PEFT adapter that the server merges into its base model when it loads them."""

    kind: str = Field(description="Kind of the adapter, such as `LoRA`.")
    base: str = Field(description="Id of the base model.")
    commit: str = Field(description="Commit of the base model.")
    trained_on: str | None = Field(
        default=None,
        description="The base model that the adapter names, if it is another: the same model, "
        "quantized.",
    )


class Receipt(Value):
    """The configuration that prepare selected, with speedup and agreement with full precision."""

    engine: EngineName
    device: str
    dtype: str
    threads: int
    packs_weights: bool = Field(default=False, description="As in Candidate.")
    speedup: float | None = Field(
        default=None, description="Speedup over float32 torch; null: not measured."
    )
    agreement: float | None = Field(
        default=None, description="Agreement with full precision, 0 to 1; null: not measured."
    )
    candidates: list[Candidate]
    conversion: Conversion | None = Field(
        default=None, description="Conversion of pickle weights; null: none was needed."
    )
    merge: Merge | None = Field(default=None, description="Merge of a PEFT adapter; null: none.")


class Proof(Value):
    """The request that made the deployment `running`, with its response."""

    input: object
    output: object
    latency_ms: float
    at: str = Field(description="UTC, ISO 8601.")
    warning: str | None = Field(
        default=None, description="Reason to check the output, for example that it is empty."
    )


class UsageInstructions(Value):
    """How to call the endpoint; the examples work unchanged."""

    description: str
    endpoint: str
    method: str = "POST"
    content_type: str
    example_curl: str
    example_python: str
    example_javascript: str
    example_inference_client: str | None = Field(
        default=None, description="Example with huggingface_hub, for tasks with a client method."
    )
    example_openai: str | None = Field(
        default=None,
        description="Example with OpenAI's Python client, where the endpoint supports its API.",
    )
    test_ui_url: str


class ModelInfo(Value):
    """Description of the model."""

    source: str
    type: str
    device: str
    cache_location: str


class Result(Value):
    """How to use a running deployment."""

    usage_instructions: UsageInstructions
    model_info: ModelInfo


class Deployment(Value):
    """A deployment with all its fields; unknown values are null."""

    id: str
    name: str
    state: State
    message: str
    progress: Progress
    request: DeploymentRequest
    model: DeployedModel | None
    url: str | None
    endpoint: str | None
    port: int | None
    receipt: Receipt | None
    proof: Proof | None
    memory: MemoryUse | None
    result: Result | None
    problem: Problem | None
    version: int
    generation: int
    created_at: str
    updated_at: str
