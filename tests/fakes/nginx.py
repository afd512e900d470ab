"""A real nginx in front of a control plane, with the configuration of DEPLOYMENT_GUIDE.md.

`python -m tests.fakes.nginx FOLDER PORT BACKEND_PORT FORM` runs one until it is ended, for the
browser tests.
"""

import contextlib
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tests.fakes.control_plane import ROOT, until

# `removes`: nginx removes /slipway and says so in X-Forwarded-Prefix. `keeps`: the path stays, and
# only PUBLIC_URL has it.
Form = Literal["removes", "keeps"]
FORMS: tuple[Form, ...] = ("removes", "keeps")
_SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
NGINX = shutil.which("nginx", path=_SEARCHED)
_FRAME = """daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    types {{ }}
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{documented}
}}
"""


def documented() -> str:
    """The nginx block of the guide."""
    found = re.search(r"```nginx\n(.*?)```", (ROOT / "DEPLOYMENT_GUIDE.md").read_text(), re.DOTALL)
    assert found, "DEPLOYMENT_GUIDE.md has no nginx block"
    return found[1]


def configuration(folder: Path, port: int, backend_port: int, form: Form) -> str:
    """The guide's block with our port, certificate and upstream; every replacement must fit."""
    text = documented()
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/certs/example.org.pem": f"{folder}/own.pem",
        "/etc/ssl/private/example.org.key": f"{folder}/own.key",
        "http://127.0.0.1:8000/;": f"http://127.0.0.1:{backend_port}/;",
    }
    if form == "keeps":
        changes |= {
            "http://127.0.0.1:8000/;": f"http://127.0.0.1:{backend_port};",
            "proxy_set_header X-Forwarded-Prefix /slipway;": "",
        }
    for old, new in changes.items():
        assert old in text, f"the guide's nginx block has no {old!r}"
        text = text.replace(old, new)
    user = "user root;" if os.geteuid() == 0 else ""
    return _FRAME.format(folder=folder, user=user, documented=text)


def make_certificate(folder: Path) -> None:
    """A self-signed certificate for 127.0.0.1 and example.org."""
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=example.org",
            "-addext", "subjectAltName=DNS:example.org,IP:127.0.0.1",
            "-keyout", str(folder / "own.key"), "-out", str(folder / "own.pem"),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip


def trusting(folder: Path) -> ssl.SSLContext:
    """For clients: the certificate is checked, against itself."""
    return ssl.create_default_context(cafile=str(folder / "own.pem"))


def write_files(folder: Path, port: int, backend_port: int, form: Form) -> list[str]:
    """Configuration and certificate; the command that runs nginx with them."""
    assert NGINX is not None
    folder.mkdir(parents=True, exist_ok=True)
    make_certificate(folder)
    (folder / "nginx.conf").write_text(configuration(folder, port, backend_port, form))
    log = str(folder / "error.log")
    return [NGINX, "-p", str(folder), "-e", log, "-c", str(folder / "nginx.conf")]


@contextlib.contextmanager
def running_nginx(folder: Path, port: int, backend_port: int, form: Form) -> Iterator[None]:
    """nginx on 127.0.0.1:`port`, ended afterwards."""
    command = write_files(folder, port, backend_port, form)
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until(lambda: (folder / "nginx.pid").exists() or process.poll() is not None, "nginx", 20)
        assert process.poll() is None, (folder / "output.txt").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    """Become nginx, so that whoever started this process ends it by its pid."""
    folder, port, backend_port, form = sys.argv[1:]
    assert form in FORMS
    command = write_files(Path(folder).resolve(), int(port), int(backend_port), form)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
