"""The settings: every value that can be configured, with unit, bounds and default.

Environment variables have the same names in capitals. `.env.example` and the table in
DEPLOYMENT_GUIDE.md are generated from here. Model servers get a spec file instead of settings.
"""

import difflib
import ipaddress
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

GB = 10**9
CommaList = Annotated[list[str], NoDecode]


class Settings(BaseSettings):
    """Flat settings in sections, read from the environment and `.env`."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )

    # Server
    backend_host: str = Field(
        default="127.0.0.1", description="Address that the control plane and the wizard listen on."
    )
    backend_port: int = Field(default=8000, ge=1, le=65535, description="Port of the API.")
    frontend_port: int = Field(default=3000, ge=1, le=65535, description="Port of the wizard.")
    api_prefix: str = Field(
        default="/api/v1",
        pattern=r"^(/[a-z0-9_-]+)+$",
        description="Path prefix of the API.",
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s?#@]+(/[A-Za-z0-9._~-]+)*$",
        description="Base of printed URLs: scheme, host and, behind a proxy, a path; "
        "unset: the URL of each request.",
    )
    cors_origins: CommaList = Field(
        default=[], description="Comma-separated list of other web origins that may call the API."
    )
    trusted_hosts: CommaList = Field(
        default=[], description="Comma-separated list of other host names of this server."
    )
    trusted_proxies: CommaList = Field(
        default=["127.0.0.1", "::1"],
        description="Comma-separated list of addresses and networks of reverse proxies whose "
        "X-Forwarded-Proto, -Host and -Prefix headers are trusted; `none`: no proxy.",
    )
    max_request_mb: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Maximum body size of a request to the API, in MB (not to models).",
    )

    # Storage
    model_storage_path: Path = Field(
        default=Path("var/storage"),
        description="Folder of the state: database, run files; your own models are in `local/`.",
    )
    temp_model_path: Path = Field(
        default=Path("var/tmp"),
        description="Folder of partial downloads; use the same file system as the cache.",
    )
    logs_path: Path = Field(default=Path("var/logs"), description="Folder of log files.")
    huggingface_cache_dir: Path = Field(
        default=Path("var/hub"),
        description="Folder of downloaded models, in the cache layout of the Hub.",
    )
    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL; unset: SQLite in MODEL_STORAGE_PATH."
    )

    # Security
    api_key_enabled: bool = Field(
        default=False,
        description="Require the API key, except for health checks and documentation.",
    )
    api_key: SecretStr | None = Field(
        default=None, min_length=16, description="API key, at least 16 characters."
    )
    allow_insecure_public: bool = Field(
        default=False,
        description="Listen on public addresses without an API key; needs your own access control.",
    )

    # Hub
    huggingface_token: SecretStr | None = Field(
        default=None, description="Hub token for gated and private models."
    )
    hf_token: SecretStr | None = Field(
        default=None,
        description="Hub token, as huggingface_hub names it; HUGGINGFACE_TOKEN takes precedence.",
    )
    hf_endpoint: str = Field(
        default="https://huggingface.co",
        description="URL of the Hub, or of a mirror with the same API.",
    )
    hf_hub_offline: bool = Field(
        default=False,
        description="Send no requests to the Hub; use cached, local and starter models.",
    )
    hf_home: Path | None = Field(
        default=None, description="Home folder of the Hub client; its cache is reused."
    )
    hf_hub_cache: Path | None = Field(
        default=None, description="Cache folder of the Hub client; reused."
    )
    torch_index_url: str | None = Field(
        default=None,
        description="Package index of torchvision, which must match torch; unset: the index from "
        "which the set-up installed torch, or pip's own.",
    )
    allow_insecure_hf_endpoint: bool = Field(
        default=False, description="Send the token to an http:// mirror on another machine."
    )
    hub_timeout_seconds: float = Field(
        default=10.0, gt=0, le=120, description="Timeout of one request to the Hub, in seconds."
    )
    download_stall_seconds: float = Field(
        default=30.0,
        gt=0,
        le=600,
        description="Time below 1 kB/s after which a download is `stalled`, in seconds.",
    )
    download_retries: int = Field(
        default=6,
        ge=0,
        le=100,
        description="Number of retries of one file before its download fails.",
    )

    # Timeouts of the six steps, in seconds
    validation_timeout: float = Field(
        default=60, gt=0, description="Timeout of the validate step, in seconds."
    )
    max_download_timeout: float = Field(
        default=1800, gt=0, description="Timeout of the download step, in seconds."
    )
    dependency_install_timeout: float = Field(
        default=900, gt=0, description="Timeout of the dependencies step, in seconds."
    )
    prepare_timeout: float = Field(
        default=300, gt=0, description="Timeout of the prepare step, in seconds."
    )
    prepare_measure_seconds: float = Field(
        default=20, ge=0, le=3600, description="Maximum time of measuring engines; 0: do not."
    )
    model_start_timeout: float = Field(
        default=300, gt=0, description="Timeout of the start step, in seconds."
    )
    model_inference_timeout: float = Field(
        default=120,
        gt=0,
        description="Timeout of the verify step and of each request to a model, in seconds.",
    )

    # Model servers
    model_serve_host: str | None = Field(
        default=None, description="Address that model servers listen on; unset: BACKEND_HOST."
    )
    model_serve_port_start: int = Field(
        default=8100,
        ge=1,
        le=65535,
        description="First port of model servers; the control plane's own ports are skipped.",
    )
    model_serve_port_end: int = Field(
        default=8200, ge=1, le=65535, description="Last port of model servers, inclusive."
    )
    max_workers: int = Field(
        default=2,
        ge=1,
        le=64,
        description="Number of deployments that start at the same time; the others stay `pending`.",
    )
    max_model_size_gb: float = Field(
        default=10, gt=0, description="Maximum download size of one model, in GB (10^9 bytes)."
    )
    max_memory_per_model_gb: float = Field(
        default=8, gt=0, description="Memory limit of one model server, in GB (10^9 bytes)."
    )
    stop_models_on_exit: bool = Field(
        default=False, description="Stop model servers when the control plane receives SIGTERM."
    )
    warm_start: Literal["auto", "off"] = Field(
        default="auto",
        description="`auto`: on Linux, fork model servers from a process that has imported torch.",
    )
    restart_limit: int = Field(
        default=5, ge=0, le=100, description="Maximum number of restarts within 10 minutes."
    )

    # WebSocket
    ws_heartbeat_interval: float = Field(
        default=30, gt=0, description="Interval of WebSocket heartbeats, in seconds."
    )
    ws_connection_timeout: float = Field(
        default=3600,
        gt=0,
        description="Maximum age of a WebSocket, in seconds; it is then closed with code 1001.",
    )

    # Logs and metrics
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Minimum log level."
    )
    log_format: Literal["json", "text"] = Field(
        default="json", description="Format of log files; the terminal always shows text."
    )
    enable_metrics: bool = Field(default=True, description="Serve Prometheus metrics.")
    metrics_port: int = Field(
        default=9090,
        ge=1,
        le=65535,
        description="Port of /metrics; a public one needs the API key where it is enabled.",
    )

    @field_validator("cors_origins", "trusted_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip().rstrip("/") for part in value.split(",") if part.strip()]
        return value

    @field_validator("public_url", mode="before")
    @classmethod
    def _without_slash(cls, value: object) -> object:
        return value.rstrip("/") if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        networks = [] if value == ["none"] else value
        for network in networks:
            ipaddress.ip_network(network, strict=False)
        return networks

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.model_serve_port_end < self.model_serve_port_start:
            message = "MODEL_SERVE_PORT_END must not be below MODEL_SERVE_PORT_START"
            raise ValueError(message)
        if self.api_key_enabled and self.api_key is None:
            message = "API_KEY_ENABLED is true, so API_KEY must be set"
            raise ValueError(message)
        return self

    @property
    def token(self) -> str | None:
        """The Hub token from the environment; that of the wizard is in a file, see hub/token.py."""
        chosen = self.huggingface_token or self.hf_token
        return chosen.get_secret_value() if chosen else None

    @property
    def key(self) -> str | None:
        """The API key if it is required, else None."""
        return self.api_key.get_secret_value() if self.api_key_enabled and self.api_key else None

    @property
    def own_ports(self) -> dict[int, str]:
        """Ports of the control plane with the names of their settings; model servers skip them."""
        ports = {self.backend_port: "BACKEND_PORT", self.frontend_port: "FRONTEND_PORT"}
        return {**ports, **({self.metrics_port: "METRICS_PORT"} if self.enable_metrics else {})}

    @property
    def existing_caches(self) -> list[Path]:
        """Hub caches of other programs, read in place if they contain a complete snapshot."""
        if self.hf_hub_cache:
            return [self.hf_hub_cache]
        home = self.hf_home or Path("~/.cache/huggingface").expanduser()
        return [home / "hub"]


def process_environment() -> dict[str, str]:
    """The environment of this process; child processes inherit an allow-listed part of it."""
    return dict(os.environ)


def unknown_names(env_file: Path) -> list[tuple[str, str | None]]:
    """Unknown names in `.env`, each with the most similar setting, if there is one."""
    if not env_file.is_file():
        return []
    known = [name.upper() for name in Settings.model_fields]
    unknown = [name for name in dotenv_values(env_file) if name.upper() not in known]
    return [
        (name, next(iter(difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)), None))
        for name in unknown
    ]
