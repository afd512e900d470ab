"""Incremental detokenization: never emits part of a character or of a stop sequence."""

from collections.abc import Callable, Sequence

# A character has at most four bytes; an incomplete one after more tokens is invalid.
_PATIENCE = 6
_CONTEXT = 6


class Detokenizer:
    """The text of one sequence during generation. `push` returns the text that is final.

    The text ends before a sequence of `stop`, or after the token that completes one of `ends`.
    """

    def __init__(
        self,
        decode: Callable[[list[int]], str],
        prompt: Sequence[int],
        stop: Sequence[str],
        ends: Sequence[str] = (),
    ) -> None:
        self._decode = decode
        self._stop = tuple(stop)
        self._ends = tuple(ends)
        # Starts with some tokens of the prompt, since tokenizers drop the space before a text.
        self._ids = list(prompt[-_CONTEXT:])
        self._from, self._read = 0, len(self._ids)
        self._held = ""
        self.text = ""
        self.is_stopped = False

    def push(self, token: int) -> str:
        """Add a token id; return new text, which may be empty or of several tokens."""
        if self.is_stopped:
            return ""
        self._ids.append(token)
        return self._release(self._new_text(is_last=False))

    def finish(self) -> str:
        """Return the remaining text, without an incomplete character at its end."""
        if self.is_stopped:
            return ""
        piece = self._held + self._new_text(is_last=True).rstrip("\ufffd")
        self._held = ""
        self.text += piece
        return piece

    def _new_text(self, *, is_last: bool) -> str:
        known = self._decode(self._ids[self._from : self._read])
        now = self._decode(self._ids[self._from :])
        waits = now.endswith("\ufffd") and len(self._ids) - self._read < _PATIENCE
        if len(now) <= len(known) or (waits and not is_last):
            return ""
        self._from, self._read = self._read, len(self._ids)
        return now[len(known) :]

    def _release(self, piece: str) -> str:
        text = self._held + piece
        places = [place for stop in self._stop if (place := text.find(stop)) >= 0]
        if places:
            self.is_stopped = True
            self._held, piece = "", text[: min(places)]
        elif self._has_ended(text):
            self.is_stopped = True
            self._held, piece = "", text
        else:
            keep = self._could_begin_a_stop(text)
            self._held, piece = text[len(text) - keep :], text[: len(text) - keep]
        self.text += piece
        return piece

    def _has_ended(self, new: str) -> bool:
        longest = max((len(end) for end in self._ends), default=0)
        text = self.text[-longest:] + new if longest else ""
        return any(end in text for end in self._ends)

    def _could_begin_a_stop(self, text: str) -> int:
        """Length of the longest suffix of `text` that is a prefix of a stop sequence."""
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stop):
                return length
        return 0
