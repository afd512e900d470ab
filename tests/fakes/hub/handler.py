"""HTTP of the fake Hub: the response of each path."""

import json
import re
import socket
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.hub import responses
from tests.fakes.hub.faults import Fault, Kind, RecordedRequest
from tests.fakes.hub.repos import MediaFile, Repo, digest

if TYPE_CHECKING:
    from tests.fakes.hub.server import FakeHub

ID = r"(?P<id>[\w.-]+(?:/[\w.-]+)?)"
ROUTES = [
    ("models", re.compile(r"/api/models")),
    ("whoami", re.compile(r"/api/whoami-v2")),
    ("tree", re.compile(rf"/api/models/{ID}/tree/(?P<rev>[^/]+)(?:/(?P<path>.*))?")),
    ("info", re.compile(rf"/api/models/{ID}/revision/(?P<rev>[^/]+)")),
    ("paths", re.compile(rf"/api/models/{ID}/paths-info/(?P<rev>[^/]+)")),
    ("refs", re.compile(rf"/api/models/{ID}/refs")),
    ("discussions", re.compile(rf"/api/models/{ID}/discussions")),
    ("auth", re.compile(rf"/api/models/{ID}/auth-check")),
    ("file", re.compile(rf"/{ID}/resolve/(?P<rev>[^/]+)/(?P<path>.+)")),
    ("info", re.compile(rf"/api/models/{ID}")),
]


class Handler(BaseHTTPRequestHandler):
    """One connection. `self.hub` holds the repositories and the faults."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    headers: Message
    found: dict[Kind, Fault]

    @property
    def hub(self) -> "FakeHub":
        return self.server.hub  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet: the tests look at `hub.faults.seen`."""

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if url.path == "/_faults":
            self._control(body)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = RecordedRequest(self.command, unquote(url.path), url.query, headers)
        self.hub.faults.note(seen)
        if self.hub.before:
            self.hub.before(seen)
        self.found = self.hub.faults.take(seen.path)
        if not self._fails_at_once(url.path, url.query):
            self._route(url.path, parse_qs(url.query), body)

    def _fails_at_once(self, path: str, query: str) -> bool:
        if fault := self.found.get("redirect"):
            target = fault.location + path + (f"?{query}" if query else "")
            self._send(302, b"", {"Location": target})
        elif fault := self.found.get("status"):
            wait = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
            code = {"X-Error-Code": fault.code} if fault.code else {}
            self._send(fault.status, b'{"error":"as you wished"}', wait | code)
        elif "no-answer" in self.found:
            self._wait_for_disconnect()
        elif "gzip-bomb" in self.found:
            self._send(200, responses.bomb(), {"Content-Encoding": "gzip"})
        else:
            return False
        return True

    def _route(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
        matches = ((name, pattern.fullmatch(path)) for name, pattern in ROUTES)
        name, match = next(((name, match) for name, match in matches if match), ("", None))
        if match is None:
            self.send_json(404, {"error": "Not Found"})
            return
        values = {key: unquote(value) for key, value in match.groupdict().items() if value}
        if name == "models":
            status, response, headers = responses.search(self.hub.repos, query, self.hub.url)
            self._send(status, json.dumps(response).encode(), headers)
        elif name == "whoami":
            self.send_json(200 if self.token else 401, {"name": "tester", "type": "user"})
        else:
            self._of_repo(name, values, body)

    def _of_repo(self, name: str, values: dict[str, str], body: bytes) -> None:
        model_id = values["id"]
        if model_id in self.hub.redirects:
            target = self.path.replace(model_id, self.hub.redirects[model_id], 1)
            self._send(307, b"", {"Location": target})
            return
        repo = self.hub.repos.get(model_id)
        if repo is None or (repo.private and not repo.may_read(self.token)):
            self._refuse(401 if repo else 404, "RepoNotFound", "Repository not found")
            return
        revision = values.get("rev", "main")
        commit = repo.resolve(revision)
        if commit is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif name == "file":
            self._file(repo, commit, values["path"])
        elif name == "auth" and not repo.may_read(self.token):
            self._gated(repo)
        else:
            self.send_json(200, responses.about(name, repo, commit, values, body))

    def _file(self, repo: Repo, commit: str, path: str) -> None:
        if not repo.may_read(self.token):
            self._gated(repo)
            return
        file = repo.commits[commit].get(path)
        if file is None:
            self._refuse(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit})
            return
        start, end, status = self._range(file)
        headers = {
            "X-Repo-Commit": commit, "ETag": f'"{digest(file)}"', "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream", "Content-Length": str(end - start),
        }  # fmt: skip
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
        if status == 416:
            self._send(416, b"", {"Content-Range": f"bytes */{file.size}"})
            return
        if "truncated" in self.found:
            end = min(end, start + self.found["truncated"].after)
            headers["Content-Length"] = str(end - start)
        self.start(status, headers)
        if self.command == "GET":
            self._body(file, start, end)

    def _range(self, file: MediaFile) -> tuple[int, int, int]:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        condition = self.headers.get("if-range")
        changed = condition is not None and condition.strip('"') != digest(file)
        if not wanted or "ignore-range" in self.found or changed:
            return 0, file.size, 200
        start = int(wanted[1])
        if start >= file.size:
            return 0, 0, 416
        return start, min(int(wanted[2]) + 1, file.size) if wanted[2] else file.size, 206

    def _body(self, file: MediaFile, start: int, end: int) -> None:
        left, sent = end - start, 0
        for chunk in file.chunks(start, self._chunk_size()):
            piece = chunk[:left]
            if "wrong" in self.found and len(piece) == left and piece:
                piece = piece[:-1] + bytes([piece[-1] ^ 1])
            piece, goes_on = self._corrupt(piece, sent)
            self.wfile.write(piece)
            self.hub.faults.count(f"/{file.path}", len(piece))
            sent += len(piece)
            left -= len(piece)
            if not goes_on or not left:
                return

    def _chunk_size(self) -> int:
        throttle = self.found.get("throttle")
        return max(min(throttle.rate // 20, 1 << 18), 1) if throttle else 1 << 18

    def _corrupt(self, piece: bytes, sent: int) -> tuple[bytes, bool]:
        """What of this piece is sent, and whether more follows."""
        throttle = self.found.get("throttle")
        if throttle and sent >= throttle.after and throttle in self.hub.faults.active:
            time.sleep(len(piece) / throttle.rate)
        for kind in ("drop", "stall", "drip"):
            fault = self.found.get(kind)
            if fault and sent + len(piece) > fault.after:
                self.wfile.write(piece[: max(fault.after - sent, 0)])
                self.hub.faults.count("spoiled", max(fault.after - sent, 0))
                self.wfile.flush()
                self._end_with_fault(kind)
                return b"", False
        return piece, True

    def _end_with_fault(self, kind: str) -> None:
        self.close_connection = True
        if kind == "stall":
            self._wait_for_disconnect()
        elif kind == "drip":
            for _ in range(600):
                self.wfile.write(b"\0")
                self.wfile.flush()
                time.sleep(1)
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _wait_for_disconnect(self) -> None:
        self.close_connection = True
        while self.connection.recv(1024):
            pass

    @property
    def token(self) -> str | None:
        value = self.headers.get("authorization", "")
        return value.removeprefix("Bearer ") or None

    def _gated(self, repo: Repo) -> None:
        status = 403 if self.token else 401
        self._refuse(status, "GatedRepo", f"Access to model {repo.id} is restricted.")

    def _refuse(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        named = {"X-Error-Code": code, "X-Error-Message": message}
        self._send(status, json.dumps({"error": message}).encode(), named | (headers or {}))

    def _control(self, body: bytes) -> None:
        if self.command == "POST":
            self.hub.fault(Fault(**json.loads(body)))
        elif self.command == "DELETE":
            self.hub.clear_faults()
        self.send_json(200, self.hub.faults.as_json())

    def send_json(self, status: int, response: object) -> None:
        self._send(status, json.dumps(response).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.start(status, headers | {"Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def start(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
