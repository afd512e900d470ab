"""The socket and the control of the fake Hub."""

import threading
from collections.abc import Callable, Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Self

from tests.fakes.hub.faults import Fault, Faults, RecordedRequest
from tests.fakes.hub.handler import Handler
from tests.fakes.hub.repos import Repo, scan


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""


class FakeHub:
    """`with FakeHub() as hub:` serves `hub.url` from threads until the block ends."""

    def __init__(self, models: Path | None = None, port: int = 0) -> None:
        self.repos: dict[str, Repo] = scan(models) if models else {}
        self.faults = Faults()
        self.redirects: dict[str, str] = {}  # old id -> new id
        self.before: Callable[[RecordedRequest], None] | None = None
        self._server = _Server(("127.0.0.1", port), Handler)
        self._server.hub = self  # type: ignore[attr-defined]  # how a handler finds its hub
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(
        self, model_id: str, files: Path | Mapping[str, Path | bytes], **settings: object
    ) -> Repo:
        """Add a repository, from a folder or from named contents."""
        repo = Repo(model_id, **settings)  # type: ignore[arg-type]
        if isinstance(files, Path):
            repo.commit_folder(files)
        else:
            repo.commit(files)
        self.repos[model_id] = repo
        return repo

    def fault(self, fault: Fault) -> None:
        """Enable a fault."""
        self.faults.active.append(fault)

    def clear_faults(self) -> None:
        """Disable all faults."""
        self.faults.active.clear()

    def requests(self, part: str) -> list[RecordedRequest]:
        """Recorded requests whose path contains `part`."""
        return [seen for seen in self.faults.seen if part in seen.path]

    def sent(self, part: str) -> int:
        """Body bytes sent of files whose path contains this."""
        return sum(size for path, size in self.faults.sent.items() if part in path)
