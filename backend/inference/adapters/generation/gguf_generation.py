"""text-generation with a GGUF file: the requests of llama.cpp's server, each in its own thread."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.domain.gguf import GgufServer
from backend.domain.server import ServerSpec
from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import Prepared, check_client_waiting
from backend.inference.adapters.generation.gguf_settings import (
    GgufSettings,
    gguf_settings,
    seed_of,
)
from backend.inference.adapters.generation.streamed_token import StreamedToken
from backend.inference.adapters.generation.token_budget import new_tokens, token_budget
from backend.inference.adapters.items import object_item, text_item
from backend.inference.config import DEFAULT_CHAT_TOKENS, DEFAULT_NEW_TOKENS, MAX_CHARACTERS
from backend.inference.llama_cpp.client import LlamaServer
from backend.tasks.text_generation import Message

_REASONS = {"eos": "eos_token", "word": "stop_sequence"}


@dataclass(frozen=True, kw_only=True)
class _Request:
    prompt: str
    ids: list[int]
    settings: GgufSettings
    stop_strings: tuple[str, ...]
    deadline_seconds: float | None


@dataclass
class _Text:
    """One generated text; the last token is held until it is known to be the last."""

    prepared: Prepared
    text: str = ""
    pieces: list[StreamedToken] = field(default_factory=list[StreamedToken])
    count: int = 0
    start: int = 0
    finish_reason: str = "length"
    held: StreamedToken | None = None

    def continued(self) -> list[int | str]:
        """What follows the prompt if the text is continued: its tokens, or what they say."""
        pieces = [*self.pieces, *([self.held] if self.held else [])]
        ids = [piece.id for piece in pieces]
        text = "".join(piece.text for piece in pieces)
        return [*ids] if len(ids) == self.count else [text]

    def push(self, piece: StreamedToken | None) -> None:
        """Release the held token, and hold this one."""
        if self.held is not None:
            self.text += self.held.text
            self.pieces.append(self.held)
            if self.prepared.on_piece:
                self.prepared.on_piece(self.held)
        self.held = piece

    def finish(self, reason: str, ending: str) -> None:
        """Release the held token as the last one, with a text that ends the output."""
        last = self.held or StreamedToken(id=-1, text="", logprob=None, special=True)
        self.held = StreamedToken(
            id=last.id, text=last.text + ending, logprob=last.logprob, special=last.special,
            is_last=True, finish_reason=reason,
        )  # fmt: skip
        self.finish_reason = reason
        self.push(None)


class GgufGeneration:
    """Text generation by llama.cpp, which batches the requests of all threads."""

    encode_threads = 1
    max_group = 1

    def __init__(self, spec: ServerSpec, gguf: GgufServer, server: LlamaServer) -> None:
        self._parallel = spec.parallel_requests
        self._gguf = gguf
        self._server = server
        self._limit = server.context_tokens

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a prompt, or a conversation given as a list of messages."""
        is_chat = isinstance(item, list)
        prompt = self._chat(item) if isinstance(item, list) else text_item(item, MAX_CHARACTERS)
        ids = self._server.tokenize(prompt)
        if not ids:
            raise InvalidInput("The prompt has no tokens.")
        if parameters.truncate:
            ids = ids[-parameters.truncate :]
        unset = DEFAULT_CHAT_TOKENS if is_chat else DEFAULT_NEW_TOKENS
        most = token_budget(len(ids), new_tokens(parameters, len(ids)), unset, self._limit)
        ends = parameters.stop_strings or ()
        request = _Request(
            prompt=prompt,
            ids=ids,
            settings=gguf_settings(parameters, len(ids), most, self._server.vocabulary),
            stop_strings=(ends,) if isinstance(ends, str) else tuple(ends),
            deadline_seconds=parameters.max_time,
        )
        return Prepared(size=len(ids) + most, rows=(ids,), keep=request)

    def forward(self, group: Sequence[Prepared]) -> list[list[_Text]]:
        """Generate the texts of each member, one after the other."""
        made: list[list[_Text]] = []
        for prepared in group:
            count = prepared.keep.settings.sampling.returned
            made.append([self._write(prepared, index) for index in range(count)])
        return made

    def decode(
        self, raw: list[_Text], prepared: Prepared, parameters: Any
    ) -> list[dict[str, object]]:
        """The result in the format of the Hub, with details if requested."""
        request: _Request = prepared.keep
        start = request.prompt if parameters.return_full_text else ""
        made: list[dict[str, object]] = []
        for one in raw:
            made.append({"generated_text": start + one.text})
            if parameters.details:
                made[-1]["details"] = _details(one, request)
        return made

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_total_tokens": self._limit,
            "default_new_tokens": DEFAULT_NEW_TOKENS,
            "has_chat_template": self._gguf.has_chat_template,
            "parallel_requests": self._parallel,
            "file": self._gguf.file,
        }

    def _chat(self, messages: list[object]) -> str:
        if not self._gguf.has_chat_template:
            raise InvalidInput("This model has no chat template; send a text instead of messages.")
        if not messages:
            raise InvalidInput("The conversation has no messages.")
        turns = [object_item(message, Message).model_dump() for message in messages]
        return text_item(self._server.prompt_of(turns), MAX_CHARACTERS)

    def _write(self, prepared: Prepared, index: int) -> _Text:
        """Generate one text. If it ends before the requested minimum, it is continued.

        Then the end is excluded until the minimum is reached, and again possible afterwards.
        """
        request: _Request = prepared.keep
        sampling = request.settings.sampling
        body = {**request.settings.body, "seed": seed_of(sampling, index)}
        most, least = sampling.max_new_tokens, sampling.min_new_tokens or 0
        end = time.monotonic() + request.deadline_seconds if request.deadline_seconds else None
        made, endless = _Text(prepared), False
        while True:
            made.start = made.count
            event = self._run(made, end, {
                **body, "prompt": [*request.ids, *made.continued()], "ignore_eos": endless,
                "n_predict": (least if endless else most) - made.count,
            })  # fmt: skip
            stop_type = event["stop_type"] if event else "late"
            if stop_type == "eos" and made.count <= least:
                made.count, endless = made.count - 1, True
            elif endless and stop_type == "limit" and made.count < most:
                endless = False
            else:
                break
        self._finish(made, stop_type, event, request.stop_strings)
        return made

    def _run(self, made: _Text, end: float | None, body: dict[str, Any]) -> dict[str, Any] | None:
        """Process the events of one completion; its last event, None after the deadline."""
        if made.prepared.on_piece is not None:
            body["n_probs"] = 1
        with self._server.completion(body) as events:
            for event in events:
                check_client_waiting([made.prepared])
                made.count = made.start + event["tokens_predicted"]
                if event["content"] or not (event["stop"] or event.get("prompt_progress")):
                    made.push(_token(event))
                if event["stop"]:
                    return event
                if end is not None and time.monotonic() >= end:
                    break
        return None

    def _finish(
        self, made: _Text, stop_type: str, event: dict[str, Any] | None, returned: Sequence[str]
    ) -> None:
        if stop_type == "eos":
            made.push(StreamedToken(id=self._server.end_token, text="", logprob=None, special=True))
        word = event.get("stopping_word", "") if event else ""
        made.finish(_REASONS.get(stop_type, "length"), word if word in returned else "")


def _token(event: dict[str, Any]) -> StreamedToken:
    """The last token of an event: a character of several tokens is complete with the last."""
    found = event.get("completion_probabilities") or [{}]
    return StreamedToken(
        id=event["tokens"][-1] if event["tokens"] else -1, text=event["content"],
        logprob=found[-1].get("logprob"), special=False,
    )  # fmt: skip


def _details(made: _Text, request: _Request) -> dict[str, object]:
    return {
        "finish_reason": made.finish_reason,
        "generated_tokens": made.count,
        "input_length": len(request.ids),
        "seed": request.settings.sampling.seed,
        "prefill": [],
        "tokens": [
            {"id": one.id, "text": one.text, "logprob": one.logprob, "special": one.special}
            for one in made.pieces
        ],
    }
