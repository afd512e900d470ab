"""Requests that join and leave a running batch: the same tokens as `generate` for each alone."""

import asyncio
import contextlib
import itertools
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import torch

from backend.errors.inference import GenerationFailed, InvalidInput
from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.generation import slot_limits
from backend.inference.adapters.generation.streamed_token import StreamedToken
from backend.inference.adapters.generation.text_generation import TextGeneration
from backend.inference.engine import Engine, Outcome
from backend.inference.metrics import Metrics
from backend.tasks import TASKS
from tests.fakes.launch import spec
from tests.fakes.tiny_models.causal import APART, CONFIGS, causal

TASK = TASKS["text-generation"]
# Of different lengths; some are longer than the window of the models that have one.
PROMPTS = (
    "Once upon a time",
    "a",
    "the lighthouse at the end of the long road",
    "to be",
    "day 7: ",
)

# One of each kind of cache, mask and positions; the others run in the long form.
USUAL = ("llama", "mistral", "gemma3", "gpt2", "bloom", "bart", "mamba")


class Served:
    """A model with an engine in this process, and a second adapter that is never batched."""

    def __init__(self, model: Any, tokenizer: Any, **more: Any) -> None:
        made = spec("text-generation", Path("none"), **more)
        loaded = LoadedModel(spec=made, model=model, processor=tokenizer)
        self.model, self.tokenizer = model, tokenizer
        self.adapter = TextGeneration(loaded)
        self._alone = TextGeneration(loaded)
        self.metrics = Metrics(made)
        self.engine = Engine(made, self.adapter, self.metrics)

    async def predict(self, inputs: str, **parameters: Any) -> dict[str, Any]:
        """One result, with details."""
        outcome = await self.engine.predict([inputs], self._parameters(parameters))
        return outcome.outputs[0][0]

    async def stream(
        self, inputs: str, **parameters: Any
    ) -> AsyncIterator[StreamedToken | Outcome]:
        async for piece in self.engine.stream(inputs, self._parameters(parameters)):
            yield piece

    def alone(self, inputs: str, **parameters: Any) -> dict[str, Any]:
        """The same with one `generate`, in this thread."""
        given = self._parameters(parameters)
        prepared = self._alone.encode(inputs, given)
        [raw] = self._alone.forward([prepared])
        return self._alone.decode(raw, prepared, given)[0]

    def rows(self) -> tuple[float, float]:
        """Number of steps, and of the tokens that they made."""
        text = self.metrics.text().decode()
        found = dict(
            re.findall(r"^slipway_batch_size_(count|sum)\{.*\} (\S+)$", text, re.MULTILINE)
        )
        return float(found["count"]), float(found["sum"])

    @staticmethod
    def _parameters(given: dict[str, Any]) -> Any:
        return TASK.parameters.model_validate({"details": True, **given})


@contextlib.asynccontextmanager
async def serving(model: Any, tokenizer: Any, **more: Any) -> AsyncIterator[Served]:
    served = Served(model, tokenizer, **more)
    try:
        yield served
    finally:
        served.engine.close()


def close(made: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether all of two results is equal, with log probabilities up to rounding."""
    return without_logprobs(made) == without_logprobs(expected) and logprobs(made) == pytest.approx(
        logprobs(expected), abs=2e-4
    )


def logprobs(result: dict[str, Any]) -> list[float]:
    return [token["logprob"] for token in result["details"]["tokens"]]


def without_logprobs(result: dict[str, Any]) -> dict[str, Any]:
    details = result["details"]
    tokens = [{**token, "logprob": None} for token in details["tokens"]]
    return {**result, "details": {**details, "tokens": tokens}}


async def first_pieces(stream: AsyncIterator[Any], count: int) -> list[Any]:
    return [await anext(stream) for _ in range(count)]


@pytest.mark.parametrize(
    "kind",
    [kind if kind in USUAL else pytest.param(kind, marks=pytest.mark.long) for kind in CONFIGS],
)
async def test_greedy_tokens_of_rows_that_join_and_leave_equal_generate(kind: str) -> None:
    async with serving(*causal(kind)) as served:
        lengths = [24, 3, 12, 30, 7]
        first = served.stream(PROMPTS[0], max_new_tokens=lengths[0])
        pieces = await first_pieces(first, 4)
        # The others join while the first is running, and leave before it or after it.
        others = [
            asyncio.ensure_future(served.predict(prompt, max_new_tokens=most))
            for prompt, most in zip(PROMPTS[1:], lengths[1:], strict=True)
        ]
        outcome = [*pieces, *[piece async for piece in first]][-1]
        assert isinstance(outcome, Outcome)
        results = [outcome.outputs[0][0], *[await other for other in others]]
        steps, tokens = served.rows()
        facts = served.adapter.facts()["continuous_batching"]
    for prompt, most, result in zip(PROMPTS, lengths, results, strict=True):
        ids = served.tokenizer(prompt, return_tensors="pt").input_ids
        with torch.inference_mode():
            made = served.model.generate(ids, max_new_tokens=most, do_sample=False)
        expected = made[0, ids.shape[1] :].tolist()
        assert [token["id"] for token in result["details"]["tokens"]] == expected
    is_batched = isinstance(facts, dict) and facts["enabled"]
    assert is_batched == (kind not in APART), facts
    assert not is_batched or tokens > 1.5 * steps, "rows share steps"


async def test_a_model_in_half_precision_takes_part() -> None:
    model, tokenizer = causal("llama", hidden_size=64, num_hidden_layers=8, initializer_range=0.1)
    async with serving(model.to(torch.bfloat16), tokenizer, dtype="bfloat16") as served:
        await served.predict(PROMPTS[0], max_new_tokens=2)
        facts = served.adapter.facts()["continuous_batching"]
    assert isinstance(facts, dict)
    assert facts["enabled"], facts


SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"details": True},
    {"temperature": 3.0},
    {"top_k": 5, "temperature": 2.0},
    {"top_p": 0.7, "repetition_penalty": 1.3},
    {"min_p": 0.05, "typical_p": 0.9},
    {"top_h": 0.4},
    {"eta_cutoff": 0.1},
    {"frequency_penalty": 1.5},
    {"no_repeat_ngram_size": 2},
    {"encoder_repetition_penalty": 3.0},
    {"bad_words_ids": [[86], [96, 86]]},
    {"suppress_tokens": list(range(97, 259)), "min_new_tokens": 4},
    {"begin_suppress_tokens": list(range(80, 97))},
    {"forced_eos_token_id": 1},
    {"exponential_decay_length_penalty": [2, 9.0], "eos_token_id": 70},
    {"eos_token_id": list(range(60, 90))},
    {"stop": ["e", "zz"]},
    {"watermarking_config": {"bias": 30.0, "greenlist_ratio": 0.3}},
    {"renormalize_logits": True, "remove_invalid_values": True},
    {"max_time": 1e-6},
    {"num_beams": 3},
    {"num_return_sequences": 2, "do_sample": True},
    {"use_cache": False},
    {"guidance_scale": 1.8},
)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 9))]
)
async def test_random_requests_at_random_moments_have_their_result_alone(seed: int) -> None:
    drawn = random.Random(seed)
    kind = drawn.choice(["llama", "mistral", "gemma3", "bloom"])
    requests: list[tuple[str, dict[str, Any]]] = []
    for _ in range(24):
        settings = dict(drawn.choice(SETTINGS))
        settings["max_new_tokens"] = drawn.randint(4, 16)
        settings["seed"] = drawn.randrange(2**40)
        prompt = "".join(drawn.choices("abcdefgh ,.", k=drawn.randint(1, 90)))
        requests.append((prompt, settings))
    async with serving(*causal(kind), max_batch_size=drawn.choice([2, 5, 16])) as served:

        async def ask(prompt: str, settings: dict[str, Any]) -> dict[str, Any]:
            await asyncio.sleep(drawn.random() * 0.4)
            return await served.predict(prompt, **settings)

        results = await asyncio.gather(*(ask(*request) for request in requests))
        for (prompt, settings), result in zip(requests, results, strict=True):
            assert close(result, served.alone(prompt, **settings)), settings


async def test_a_seed_gives_the_tokens_of_generate_beside_other_requests() -> None:
    async with serving(*causal("llama")) as served:
        settings: dict[str, Any] = {"temperature": 2.0, "top_k": 40, "max_new_tokens": 20}
        results = await asyncio.gather(
            *(served.predict(PROMPTS[0], seed=seed, **settings) for seed in (1, 2, 1)),
            served.predict(PROMPTS[2], max_new_tokens=20),
        )
        ids = served.tokenizer(PROMPTS[0], return_tensors="pt").input_ids
        for seed, result in zip((1, 2, 1), results, strict=False):
            torch.manual_seed(seed)
            with torch.inference_mode():
                made = served.model.generate(ids, do_sample=True, **settings)
            expected = made[0, ids.shape[1] :].tolist()
            assert [token["id"] for token in result["details"]["tokens"]] == expected


async def test_a_client_that_leaves_stops_its_row_within_a_step() -> None:
    async with serving(*causal("llama")) as served:
        gone = served.engine.stream(PROMPTS[0], served._parameters({"max_new_tokens": 900}))
        stays = served.stream(PROMPTS[1], max_new_tokens=60)
        await first_pieces(gone, 3)
        await first_pieces(stays, 1)
        before = served.rows()[1]
        await gone.aclose()
        [*_, outcome] = [piece async for piece in stays]
        assert isinstance(outcome, Outcome)
        expected = served.alone(PROMPTS[1], max_new_tokens=60)
        assert close(outcome.outputs[0][0], expected)
        made = served.rows()[1] - before
        # Tokens of the stream, and those between the last piece that was read and the end.
        assert made < 60 + 40


async def test_a_request_that_fails_does_not_disturb_others() -> None:
    model, tokenizer = causal("llama")
    [poison] = tokenizer("Z").input_ids
    with torch.no_grad():
        model.get_input_embeddings().weight[poison] = float("nan")
    async with serving(model, tokenizer) as served:

        def ask(prompt: str, most: int) -> "asyncio.Task[dict[str, Any]]":
            settings = {"max_new_tokens": most, "suppress_tokens": [poison]}
            return asyncio.ensure_future(served.predict(prompt, **settings))

        good = [ask(prompt, 40) for prompt in PROMPTS]
        bad = [
            served.predict("x Z y", max_new_tokens=40),
            served.predict(PROMPTS[0], suppress_tokens=list(range(259))),
        ]
        # Its numbers stay in the batch as long as it generates, and in its row afterwards.
        stained = served.predict("x Z y", max_new_tokens=9, remove_invalid_values=True)
        *errors, invalid = await asyncio.gather(*bad, stained, return_exceptions=True)
        assert [type(error) for error in errors] == [GenerationFailed, InvalidInput]
        assert isinstance(invalid, dict)
        assert invalid["details"]["generated_tokens"] == 9
        later = [ask(prompt, 30) for prompt in PROMPTS[::-1]]
        for prompt, one in zip((*PROMPTS, *PROMPTS[::-1]), (*good, *later), strict=True):
            most = 40 if one in good else 30
            expected = served.alone(prompt, max_new_tokens=most, suppress_tokens=[poison])
            assert close(await one, expected)


async def test_a_step_that_raises_fails_the_row_that_is_the_cause() -> None:
    model, tokenizer = causal("llama")
    async with serving(model, tokenizer) as served:
        texts = [served.alone(prompt, max_new_tokens=20) for prompt in PROMPTS]
        made = [[token["id"] for token in text["details"]["tokens"]] for text in texts]
        others = {token for tokens in made[1:] for token in tokens}
        cause = next(token for token in made[0][:-1] if token not in others)

        def fail(module: Any, args: Any, given: dict[str, Any]) -> None:
            del module, args
            if bool((given["input_ids"] == cause).any()):
                raise ZeroDivisionError

        hook = model.register_forward_pre_hook(fail, with_kwargs=True)
        results = await asyncio.gather(
            *(served.predict(prompt, max_new_tokens=20) for prompt in PROMPTS),
            return_exceptions=True,
        )
        hook.remove()
        assert isinstance(results[0], GenerationFailed)
        for result, expected in zip(results[1:], texts[1:], strict=True):
            assert isinstance(result, dict)
            assert close(result, expected)


class Calls:
    """Shapes `[rows, tokens]` of the calls of a model."""

    def __init__(self, model: Any) -> None:
        self.shapes: list[tuple[int, int]] = []
        model.register_forward_pre_hook(self._record, with_kwargs=True)

    def _record(self, module: Any, args: Any, given: dict[str, Any]) -> None:
        del module, args
        rows, tokens = given["input_ids"].shape
        self.shapes.append((rows, tokens))


async def test_a_long_prompt_is_read_in_parts_between_the_tokens_of_a_stream() -> None:
    model, tokenizer = causal("llama")
    async with serving(model, tokenizer) as served:
        stream = served.stream(PROMPTS[0], max_new_tokens=200)
        await first_pieces(stream, 2)
        calls = Calls(model)
        prompt = "a long story " * 50
        result = await served.predict(prompt, max_new_tokens=4)
        [*_, outcome] = [piece async for piece in stream]
        assert isinstance(outcome, Outcome)
    reading = [tokens for _, tokens in calls.shapes if tokens > 1]
    assert sum(reading) == len(prompt)
    assert max(reading) <= 256
    places = [i for i, (_, tokens) in enumerate(calls.shapes) if tokens > 1]
    assert all(later - sooner > 1 for sooner, later in itertools.pairwise(places))
    assert close(result, served.alone(prompt, max_new_tokens=4))
    assert close(outcome.outputs[0][0], served.alone(PROMPTS[0], max_new_tokens=200))


async def test_streams_go_on_during_a_beam_search_and_join_meanwhile() -> None:
    model, tokenizer = causal("llama")
    async with serving(model, tokenizer) as served:
        stream = served.stream(PROMPTS[0], max_new_tokens=120)
        await first_pieces(stream, 2)
        calls = Calls(model)
        beams = asyncio.ensure_future(served.predict(PROMPTS[2], num_beams=3, max_new_tokens=40))
        async for _ in stream:
            if (3, 1) in calls.shapes:
                break
        late = await served.predict(PROMPTS[3], max_new_tokens=5)
        assert not beams.done()
        found = await beams
        [*_, outcome] = [piece async for piece in stream]
        assert isinstance(outcome, Outcome)
    search = [place for place, shape in enumerate(calls.shapes) if shape == (3, 1)]
    assert len(search) == 39
    assert all(later - sooner > 1 for sooner, later in itertools.pairwise(search))
    assert close(found, served.alone(PROMPTS[2], num_beams=3, max_new_tokens=40))
    assert close(late, served.alone(PROMPTS[3], max_new_tokens=5))
    assert close(outcome.outputs[0][0], served.alone(PROMPTS[0], max_new_tokens=120))


async def test_memory_of_the_batch_is_bounded_and_a_larger_request_runs_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, tokenizer = causal("llama")
    monkeypatch.setattr(slot_limits, "LEAST_TOKENS", 100)
    # Without memory to spare, the batch has room for 100 tokens.
    async with serving(model, tokenizer, memory_limit_bytes=1) as served:
        await served.predict(PROMPTS[1], max_new_tokens=1)
        calls = Calls(model)
        requests = [("to be", 100), *[("to be", 40)] * 3]
        results = await asyncio.gather(
            *(served.predict(p, max_new_tokens=n, min_new_tokens=n) for p, n in requests)
        )
        expected = served.alone("to be", max_new_tokens=40, min_new_tokens=40)
    steps = [rows for rows, tokens in calls.shapes if tokens == 1]
    assert steps[:99] == [1] * 99, "105 tokens are more than 100: alone"
    assert steps[99:138] == [2] * 39, "45 tokens in each of 2 rows"
    assert steps[138:177] == [1] * 39
    assert results[0]["details"]["generated_tokens"] == 100
    assert all(close(one, expected) for one in results[1:])


async def test_sequences_beyond_the_length_that_changes_the_frequencies_run_apart() -> None:
    rope = {
        "rope_type": "longrope", "rope_theta": 10_000.0, "original_max_position_embeddings": 64,
        "short_factor": [1.0] * 4, "long_factor": [3.0] * 4,
    }  # fmt: skip
    model, tokenizer = causal("llama", rope_parameters=rope)
    async with serving(model, tokenizer) as served:
        requests = [(prompt, most) for prompt in PROMPTS[:3] for most in (8, 80)]
        results = await asyncio.gather(
            *(served.predict(prompt, max_new_tokens=most) for prompt, most in requests)
        )
        for (prompt, most), result in zip(requests, results, strict=True):
            assert close(result, served.alone(prompt, max_new_tokens=most))
