"""Client of llama.cpp's own server, in this process: tokens, chat template and completions.

Its routes are those of llama.cpp (github.com/ggml-org/llama.cpp, tools/server/README.md).
"""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from backend.errors.inference import GenerationFailed, InvalidInput

Json = dict[str, Any]
_EVENT, _ERROR = b"data: ", b"error: "
_CONNECT_SECONDS = 10.0
_OK = 200


class _Connection(HTTPConnection):
    """Over a Unix socket. Reading has no time limit: the caller of a completion stops it."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_CONNECT_SECONDS)
        self.sock.connect(self._path)
        self.sock.settimeout(None)


class LlamaServer:
    """`process` is the server, which ends when it is deleted. All methods may be called from
    several threads: each call has a connection of its own."""

    def __init__(self, process: object, path: Path, key: str) -> None:
        self._process = process
        self._path = path
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        properties = self._json("GET", "/props")
        self.context_tokens = int(properties["default_generation_settings"]["n_ctx"])
        self.vocabulary = int(self._json("GET", "/v1/models")["data"][0]["meta"]["n_vocab"])
        body = {"content": properties["eos_token"], "parse_special": True}
        self.end_token = int((self._json("POST", "/tokenize", body)["tokens"] or [-1])[0])

    def tokenize(self, text: str) -> list[int]:
        """Token ids of a prompt; names of special tokens in it become these tokens."""
        body = {"content": text, "add_special": True, "parse_special": True}
        return self._json("POST", "/tokenize", body)["tokens"]

    def prompt_of(self, messages: Sequence[Json]) -> str:
        """The prompt for a conversation, by the chat template of the model.

        Raises InvalidInput if the template rejects it.
        """
        try:
            return self._json("POST", "/apply-template", {"messages": messages})["prompt"]
        except GenerationFailed as error:
            # Templates reject conversations by raising an exception with a message for the user.
            raise InvalidInput(
                f"The model's chat template rejected the messages: {error.detail[:300]}"
            ) from None

    @contextmanager
    def completion(self, body: Json) -> Iterator[Iterator[Json]]:
        """The events of a completion, as they are generated; leaving the context cancels it."""
        request = {**body, "stream": True, "return_progress": True}
        with self._sent("POST", "/completion", request) as response:
            yield _events(response)

    def _json(self, method: str, path: str, body: Json | None = None) -> Json:
        with self._sent(method, path, body) as response:
            return json.loads(response.read())

    @contextmanager
    def _sent(self, method: str, path: str, body: Json | None) -> Iterator[HTTPResponse]:
        with closing(_Connection(self._path)) as connection:
            try:
                content = None if body is None else json.dumps(body).encode()
                connection.request(method, path, content, self._headers)
                response = connection.getresponse()
            except (OSError, HTTPException) as error:
                raise GenerationFailed("llama.cpp does not respond.") from error
            if response.status != _OK:
                raise _failure(response.read())
            yield response


def _events(response: HTTPResponse) -> Iterator[Json]:
    """Server-sent events: each is one line."""
    while line := response.readline():
        if line.startswith(_ERROR):
            raise _failure(line.removeprefix(_ERROR))
        if line.startswith(_EVENT):
            event = json.loads(line.removeprefix(_EVENT))
            if "error" in event:
                raise _failure(line.removeprefix(_EVENT))
            yield event
    raise GenerationFailed("llama.cpp ended without a result.")


def _failure(body: bytes) -> GenerationFailed:
    try:
        found = json.loads(body)
        error = found.get("error", found)
        text = str(error.get("message", error))
    except (ValueError, AttributeError):
        text = body.decode(errors="replace")
    return GenerationFailed(f"llama.cpp: {text[:300]}")
