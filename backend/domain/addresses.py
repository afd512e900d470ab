"""The URL of an endpoint for other machines, derived from PUBLIC_URL."""

from urllib.parse import urlsplit


def is_one_port(public_url: str) -> bool:
    """Return whether a reverse proxy exposes only the control plane's port.

    This is the case if PUBLIC_URL has a path or uses HTTPS, which our servers do not support;
    `host:8100` then does not reach a model server.
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
