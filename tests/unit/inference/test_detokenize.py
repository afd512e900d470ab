"""Text that grows token by token."""

from backend.inference.adapters.generation.detokenize import Detokenizer


def of_bytes(ids: list[int]) -> str:
    """A tokenizer whose tokens are bytes."""
    return bytes(ids).decode("utf-8", "replace")


def pieces(text: bytes, *stop: str, prompt: bytes = b"") -> tuple[list[str], Detokenizer]:
    made = Detokenizer(of_bytes, list(prompt), stop)
    emitted = [made.push(byte) for byte in text]
    return [*emitted, made.finish()], made


def test_multi_token_character_is_emitted_when_complete() -> None:
    emitted, made = pieces("aé😀b".encode())
    assert made.text == "".join(emitted) == "aé😀b"
    assert all("\ufffd" not in piece for piece in emitted)


def test_incomplete_character_at_end_is_not_emitted() -> None:
    _, made = pieces("ok😀".encode()[:-1])
    assert made.text == "ok"


def test_invalid_bytes_do_not_block_output() -> None:
    emitted, made = pieces(b"\xff" * 8 + b"done")
    assert made.text.endswith("done")
    assert any(emitted[:-1])


def test_partial_stop_sequence_is_buffered() -> None:
    emitted, made = pieces(b"one END two", "ENDING")
    assert made.text == "one END two"
    assert emitted[4:7] == ["", "", ""]
    _, stopped = pieces(b"one ENDING two", "ENDING")
    assert stopped.is_stopped
    assert stopped.text == "one "


def test_earliest_stop_sequence_wins() -> None:
    assert pieces(b"abcdef", "ef", "c")[1].text == "ab"


def test_prompt_is_not_part_of_output() -> None:
    assert pieces(b" world", prompt=b"hello")[1].text == " world"
