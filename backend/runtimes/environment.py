"""Environment variables of model servers: an allow-list, so that no secret is inherited."""

from collections.abc import Mapping

from backend.domain.server import ServerSpec

INHERITED = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
        "http_proxy", "https_proxy", "no_proxy", "all_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
        "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "CUDA_PATH", "NVIDIA_VISIBLE_DEVICES",
        "NVIDIA_DRIVER_CAPABILITIES",
    }
)  # fmt: skip
INHERITED_PREFIXES = ("LC_",)


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that child processes inherit: the keeper, step workers and model servers."""
    return {
        name: value
        for name, value in environment.items()
        if name in INHERITED or name.startswith(INHERITED_PREFIXES)
    }


# The same for every server: offline, and without output that stays in a buffer. Threads of a model
# wait for each other at every layer: by default they wait actively for milliseconds, so that one
# busy core elsewhere makes a model many times slower (measured: 20 ms became 40 to 490 ms; with
# this number 15 to 20 ms, and no slower on a machine without other work).
_FIXED = {
    "GOMP_SPINCOUNT": "10000",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DISABLE_SAFETENSORS_CONVERSION": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
    "PYTHONNOUSERSITE": "1",
}


def server_environment(environment: Mapping[str, str], spec: ServerSpec) -> dict[str, str]:
    """Environment of one model server. Ours overrides the user's, so that it stays offline."""
    return {
        **inherited(environment),
        **spec.env,
        **_FIXED,
        "OMP_NUM_THREADS": str(spec.threads),
        **({"PYTHONPATH": spec.overlay} if spec.overlay else {}),
    }


def warm_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Environment of the warm parent. numpy would start threads at import without its variable."""
    return {**inherited(environment), **_FIXED, "OPENBLAS_NUM_THREADS": "1"}
