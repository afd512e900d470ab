"""The URL of an endpoint that other machines use, derived from PUBLIC_URL."""

from urllib.parse import urlsplit


def is_one_port(public_url: str) -> bool:
    """Whether a proxy is in front of the control plane's port alone.

    A path is a proxy's, and so is HTTPS, which no server of ours speaks: `host:8100` does not
    lead to a model server there.
    """
    parts = urlsplit(public_url)
    return parts.scheme == "https" or parts.path not in {"", "/"}


def endpoint_url(public_url: str, name: str, port: int) -> str:
    """`{PUBLIC_URL}/d/{name}` behind a proxy, else PUBLIC_URL's host with the deployment's port."""
    if is_one_port(public_url):
        return f"{public_url.rstrip('/')}/d/{name}"
    parts = urlsplit(public_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"
