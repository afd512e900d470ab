"""Text that grows token by token."""

from backend.inference.adapters.generation.detokenize import Detokenizer


def of_bytes(ids: list[int]) -> str:
    """A tokenizer whose tokens are bytes."""
    return bytes(ids).decode("utf-8", "replace")


def pieces(text: bytes, *stop: str, prompt: bytes = b"") -> tuple[list[str], Detokenizer]:
    made = Detokenizer(of_bytes, list(prompt), stop)
    told = [made.push(byte) for byte in text]
    return [*told, made.finish()], made


def test_a_character_of_several_tokens_is_told_when_it_is_whole() -> None:
    told, made = pieces("aé😀b".encode())
    assert made.text == "".join(told) == "aé😀b"
    assert all("\ufffd" not in piece for piece in told)


def test_half_a_character_at_the_end_is_not_told() -> None:
    _, made = pieces("ok😀".encode()[:-1])
    assert made.text == "ok"


def test_bytes_that_never_become_a_character_do_not_hold_the_rest_for_ever() -> None:
    told, made = pieces(b"\xff" * 8 + b"done")
    assert made.text.endswith("done")
    assert any(told[:-1])


def test_a_part_of_a_stop_text_is_held_until_it_is_certain() -> None:
    told, made = pieces(b"one END two", "ENDING")
    assert made.text == "one END two"
    assert told[4:7] == ["", "", ""]
    _, stopped = pieces(b"one ENDING two", "ENDING")
    assert stopped.is_stopped
    assert stopped.text == "one "


def test_the_earliest_of_several_stops_counts() -> None:
    assert pieces(b"abcdef", "ef", "c")[1].text == "ab"


def test_the_prompt_is_context_and_not_answer() -> None:
    assert pieces(b" world", prompt=b"hello")[1].text == " world"
