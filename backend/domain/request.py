"""The request for a deployment, with one section per screen of the wizard."""

import re
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator

from backend.domain.base import StrictValue
from backend.domain.engine import EngineName
from backend.domain.text import DeploymentName, ModelId, PlainText, Revision

Source = Literal["hub", "starter", "local"]
Device = Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:[0-9]{1,2})?)$")]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]
QuantizationName = Annotated[str, Field(pattern=r"^(none|[A-Z][A-Z0-9_-]{1,23})$")]
RuntimeName = Literal["local", "ray"]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9_]{1,30}){0,3}$")]

ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
# Variables that change how the server process itself runs, or contain secrets.
ENV_REFUSED = (
    "LD_",
    "DYLD_",
    "PYTHON",
    "HF_",
    "HUGGINGFACE_",
    "SLIPWAY_",
    "MODEL_",
    "API_KEY",
    "BACKEND_",
)
ENV_REFUSED_NAMES = frozenset({"PATH", "HOME", "DATABASE_URL", "TRANSFORMERS_CACHE"})


class Hardware(StrictValue):
    """Device, precision and runtime of the model."""

    runtime: RuntimeName = Field(default="local", description="`local`, or `ray` for Ray Serve.")
    device: Device = Field(default="auto", description="`auto`, `cpu`, `cuda`, `cuda:N` or `mps`.")
    dtype: Dtype = Field(default="auto", description="Precision of the weights; `auto` decides.")
    quantization: QuantizationName = Field(
        default="none",
        description="Quantization of GGUF files, for example `Q4_K_M`; `none`: the best that fits.",
    )
    engine: Literal["auto"] | EngineName = Field(default="auto", description="Inference engine.")
    workers: int = Field(
        default=1, ge=1, le=8, description="Number of server processes that share the port."
    )
    threads: int | None = Field(default=None, ge=1, le=256, description="CPU threads per worker.")
    memory_limit_gb: float | None = Field(
        default=None, gt=0, le=4096, description="Memory limit per worker in GB (10^9 bytes)."
    )


class Dependencies(StrictValue):
    """Libraries to install in addition to the base environment, only from our locked extras."""

    extras: list[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]] = Field(
        default=[], max_length=20, description="Names of Slipway's extras."
    )


class Serving(StrictValue):
    """Settings of the endpoint."""

    port: int | None = Field(default=None, ge=1, le=65535, description="Port; null: a free one.")
    max_batch_size: int | None = Field(
        default=None, ge=1, le=1024, description="Maximum batch size; null: by task and device."
    )
    max_queue: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description="Maximum number of waiting inputs; further requests get 429.",
    )
    idle_timeout_seconds: int | None = Field(
        default=None,
        ge=10,
        le=31_536_000,
        description="Time without requests after which the deployment sleeps, in seconds.",
    )
    require_api_key: bool | None = Field(
        default=None,
        description="Require the API key at the endpoint; null: as the control plane.",
    )
    env: dict[str, PlainText] = Field(
        default={},
        max_length=64,
        description="Environment of the model server, without secrets of Slipway.",
    )

    @field_validator("env")
    @classmethod
    def _allowed_names(cls, env: dict[str, str]) -> dict[str, str]:
        for name, value in env.items():
            if not ENV_NAME.fullmatch(name) or len(value) > 4096:
                message = "names are letters, digits and '_'; values at most 4096 characters"
                raise ValueError(message)
            if name.upper().startswith(ENV_REFUSED) or name.upper() in ENV_REFUSED_NAMES:
                message = "must not set LD_*, PYTHON*, HF_* or settings of Slipway"
                raise ValueError(message)
        return env


class Allow(StrictValue):
    """Risks that you accept explicitly; all are off by default."""

    remote_code: bool = Field(default=False, description="Run the repository's own Python code.")
    pickle: bool = Field(default=False, description="Load pickle weights, which can run code.")


class DeploymentRequest(StrictValue):
    """A complete request. Only `model_id` is required; the defaults work on a laptop."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model_id": "sentiment", "source": "starter"}]}
    )

    name: DeploymentName | None = Field(
        default=None, description="Unique name; null: derived from the model."
    )
    model_id: ModelId = Field(description="`owner/name` on the Hub, a starter, or a local folder.")
    source: Source = Field(default="hub", description="Where the model comes from.")
    revision: Revision = Field(default="main", description="Branch, tag or commit.")
    task: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")] | None = Field(
        default=None, description="Task; null: detected from the model."
    )
    vocoder: ModelId | None = Field(
        default=None,
        description="Vocoder for a model that generates spectrograms (SpeechT5), on the Hub or in "
        "the local folder; null: the one that its authors published.",
    )
    languages: list[Language] = Field(
        default=[],
        max_length=200,
        description="Languages of a model with an adapter for each (MMS), such as `fra`: their "
        "adapters are downloaded. The language of the model itself is always there.",
    )
    hardware: Hardware = Field(default=Hardware(), description="Hardware and runtime.")
    dependencies: Dependencies = Field(default=Dependencies(), description="Additional libraries.")
    serving: Serving = Field(default=Serving(), description="Settings of the endpoint.")
    allow: Allow = Field(default=Allow(), description="Risks that you accept.")
