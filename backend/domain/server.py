"""The specification from which a runtime starts a model server, and the handle it returns."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.engine import EngineName
from backend.domain.gguf import PARALLEL_REQUESTS, GgufServer
from backend.domain.request import RuntimeName

Enforcement = Literal["cgroup2", "cgroup1", "rlimit", "none"]


class ServerSpec(Value):
    """Configuration of one model server. Written with mode 0600; contains no plaintext secrets."""

    retired = frozenset({"allow_pickle"})

    deployment_id: str
    name: str
    version: int
    generation: int
    # model
    model_id: str
    commit: str
    model_dir: str = Field(description="Local snapshot; no other files are read.")
    adapter_dir: str | None = Field(
        default=None, description="Folder of a PEFT adapter that is merged into the model."
    )
    task: str
    parameters: int | None = None
    onnx_file: str | None = Field(default=None, description="ONNX file in model_dir.")
    graph_dir: str | None = Field(
        default=None, description="Folder of the graph that OpenVINO runs, exported from model_dir."
    )
    gguf: GgufServer | None = Field(default=None, description="GGUF file in model_dir.")
    languages: list[str] = Field(
        default=[], description="Languages whose adapters are loaded from model_dir."
    )
    # engine
    engine: EngineName = "torch"
    device: str = "cpu"
    dtype: str = "float32"
    threads: int = 1
    packs_weights: bool = Field(
        default=False, description="Store weights of linear layers as oneDNN reads them."
    )
    workers: int = 1
    # serving
    host: str = "127.0.0.1"
    port: int | None = Field(
        default=None, description="Requested port; null: any free port of the range."
    )
    max_batch_size: int | None = Field(
        default=None, description="Maximum number of rows in a group; null: by device."
    )
    max_queue: int = 256
    inference_timeout_seconds: float = 120.0
    api_key_sha256: str | None = Field(
        default=None, description="Hex digest; null: no key required."
    )
    allowed_hosts: list[str] = Field(default=["localhost", "127.0.0.1", "[::1]"])
    cors_origins: list[str] = Field(default=[])
    trusted_proxies: list[str] = Field(
        default=["127.0.0.1", "::1"],
        description="Addresses and networks whose forwarded headers are trusted.",
    )
    public_url: str | None = Field(default=None, description="PUBLIC_URL of the control plane.")
    # limits and risks
    memory_limit_bytes: int | None = None
    allow_remote_code: bool = False
    env: dict[str, str] = Field(default={})
    python: str = Field(description="Path of the interpreter that runs the server.")
    overlay: str | None = Field(default=None, description="Folder of further libraries.")

    @property
    def parallel_requests(self) -> int:
        """Number of requests in the model at a time, above one if the engine batches them."""
        return self.max_batch_size or PARALLEL_REQUESTS if self.engine == "llama.cpp" else 1


class ServerHandle(Value):
    """Address and reference of a running server, stored to find it again after a restart."""

    runtime: RuntimeName
    url: str = Field(description="Host to connect to, not the address it is bound to.")
    port: int
    ref: dict[str, str] = Field(description="Identifiers of the runtime; local: server ids.")
    enforcement: Enforcement | None = Field(
        default=None, description="What enforces the memory limit; null: unknown."
    )


class MemoryUse(Value):
    """Memory of a deployment's servers in bytes, and what enforces its limit; null: unknown."""

    estimated_bytes: int | None = None
    measured_bytes: int | None = None
    peak_bytes: int | None = None
    limit_bytes: int | None = None
    enforcement: Enforcement | None = None


class ServerStatus(Value):
    """Status of a server process."""

    state: Literal["starting", "running", "unresponsive", "exited", "unknown"]
    cause: str | None = Field(default=None, description="For example `killed by signal 9`.")
    exit_code: int | None = None
    signal: int | None = None
    log_tail: list[str] = Field(default=[])


class ServerLoad(Value):
    """Completed and current requests of a deployment's servers, without health checks."""

    answered: int = Field(description="Requests since the servers started.")
    in_flight: int


class ServerRow(Value):
    """A server in the database."""

    id: str
    deployment_id: str
    version: int
    generation: int
    state: Literal["starting", "running", "stopping", "exited"]
    handle: ServerHandle | None
