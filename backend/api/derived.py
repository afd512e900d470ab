"""Values derived from the settings: directories, access rules, limits and Hub options."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from backend.api.security import Rules, host_name
from backend.config import GB, Settings
from backend.domain.machine import Exposure
from backend.domain.paths import Paths
from backend.hub.base import HubOptions
from backend.hub.token import TokenFile
from backend.pipeline.dependencies import Limits
from backend.runtimes.ports import PortRange

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def paths_of(settings: Settings) -> Paths:
    """Absolute directories, created if missing."""
    paths = Paths(
        storage=settings.model_storage_path.expanduser().resolve(),
        temp=settings.temp_model_path.expanduser().resolve(),
        logs=settings.logs_path.expanduser().resolve(),
        cache=settings.huggingface_cache_dir.expanduser().resolve(),
    )
    for folder in (
        paths.storage,
        paths.temp,
        paths.logs,
        paths.cache,
        paths.run,
        paths.local_models,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    paths.storage.chmod(0o700)
    return paths


def rules_of(settings: Settings, exposure: Exposure) -> Rules:
    """Host names, origins and API key for access control."""
    public = settings.public_url
    parts = urlsplit(public) if public else None
    named = {host_name(parts.netloc)} if parts else set[str]()
    own_origin = {f"{parts.scheme}://{parts.netloc}"} if parts else set[str]()
    own = {
        f"http://{name}:{port}"
        for name in LOCAL_NAMES
        for port in (settings.backend_port, settings.frontend_port)
    }
    key = settings.key
    return Rules(
        api_prefix=settings.api_prefix,
        key_sha256=hashlib.sha256(key.encode()).hexdigest() if key else None,
        hosts=frozenset(
            _as_name(host)
            for host in (*LOCAL_NAMES, exposure.host, *settings.trusted_hosts, *named)
        ),
        origins=frozenset({*own, *settings.cors_origins, *own_origin}),
        any_address=exposure.scope == "network",
        trusted_proxies=tuple(settings.trusted_proxies),
        public_url=settings.public_url,
    )


def _as_name(host: str) -> str:
    """A host as in a Host header, without port: lower case, IPv6 in brackets."""
    is_bare_ipv6 = host.count(":") > 1 and not host.startswith("[")
    return f"[{host}]".lower() if is_bare_ipv6 else host_name(host).lower()


def limits_of(settings: Settings, rules: Rules, paths: Paths, serve_host: str) -> Limits:
    """The settings that the pipeline steps use."""
    key = settings.api_key.get_secret_value() if settings.api_key else None
    wizard = settings.public_url or f"http://localhost:{settings.frontend_port}"
    return Limits(
        steps={
            "validate": settings.validation_timeout,
            "download": settings.max_download_timeout,
            "dependencies": settings.dependency_install_timeout,
            "prepare": settings.prepare_timeout,
            "start": settings.model_start_timeout,
            "verify": settings.model_inference_timeout,
        },
        max_model_bytes=int(settings.max_model_size_gb * GB),
        max_memory_bytes=int(settings.max_memory_per_model_gb * GB),
        ports=range(settings.model_serve_port_start, settings.model_serve_port_end + 1),
        own_ports=settings.own_ports,
        serve_host=serve_host,
        inference_timeout=settings.model_inference_timeout,
        api_key_sha256=hashlib.sha256(key.encode()).hexdigest() if key else None,
        key_by_default=settings.key is not None,
        allowed_hosts=sorted({*rules.hosts, "*"} if rules.any_address else rules.hosts),
        cors_origins=sorted(rules.origins),
        trusted_proxies=settings.trusted_proxies,
        public_url=settings.public_url,
        wizard_url=wizard,
        cache=paths.cache,
    )


def port_range_of(settings: Settings) -> PortRange:
    """The range of ports for model servers."""
    return PortRange(
        settings.model_serve_port_start,
        settings.model_serve_port_end,
        frozenset(settings.own_ports),
    )


def hub_options(settings: Settings, paths: Paths, token_file: TokenFile, root: Path) -> HubOptions:
    """Options of the Hub client."""
    return HubOptions(
        endpoint=settings.hf_endpoint.rstrip("/"),
        cache=paths.cache,
        temp=paths.temp,
        state=paths.storage,
        local_models=paths.local_models,
        starters=root / "backend" / "starters",
        existing_caches=tuple(settings.existing_caches),
        token=token_file.read,
        offline=settings.hf_hub_offline,
        allow_insecure_endpoint=settings.allow_insecure_hf_endpoint,
        question_seconds=min(settings.hub_timeout_seconds, 5.0),
        stall_seconds=settings.download_stall_seconds,
        retries=settings.download_retries,
        memory_bytes=int(settings.max_memory_per_model_gb * 10**9),
    )


def database_url(settings: Settings, paths: Paths) -> str:
    """DATABASE_URL, or SQLite in MODEL_STORAGE_PATH."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite+aiosqlite:///{paths.storage / 'slipway.db'}"
