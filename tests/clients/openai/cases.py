"""OpenAI's own Python client."""

import base64
from pathlib import Path

import httpx2
import openai
from openai import AsyncOpenAI, OpenAI

HELLO = [{"role": "user", "content": "hi"}]
SHORT = {"max_tokens": 8, "temperature": 0}
MODEL = "any-name"


def _client(url, **more):
    return OpenAI(base_url=f"{url}/v1", **{"api_key": "none", "max_retries": 0, **more})


def _raised(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def models(urls, files):
    client = _client(urls["text-generation"])
    [model] = client.models.list()
    assert model.id == "tiny/text-generation"
    retrieved = client.models.retrieve(model.id).to_dict()
    assert {name: retrieved[name] for name in model.to_dict()} == model.to_dict()
    _raised(openai.NotFoundError, lambda: client.models.retrieve("gpt"))


def chat(urls, files):
    client = _client(urls["text-generation"])
    response = client.chat.completions.create(model=MODEL, messages=HELLO, **SHORT)
    [choice] = response.choices
    assert (choice.message.role, choice.finish_reason) == ("assistant", "length")
    assert response.usage.completion_tokens == 8
    parts = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]
    again = client.chat.completions.create(
        model=MODEL, messages=parts, max_completion_tokens=8, temperature=0
    )
    assert again.choices == response.choices


def chat_streamed(urls, files):
    client = _client(urls["text-generation"])
    whole = client.chat.completions.create(model=MODEL, messages=HELLO, **SHORT)
    with client.chat.completions.create(
        model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}, **SHORT
    ) as stream:
        *chunks, last = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "length"
    assert (last.choices, last.usage) == ([], whole.usage)


def chat_stream_helper(urls, files):
    client = _client(urls["text-generation"])
    whole = client.chat.completions.create(model=MODEL, messages=HELLO, **SHORT)
    text = whole.choices[0].message.content
    # The helper raises for a response cut at its token limit, so this one ends by itself.
    with client.chat.completions.stream(
        model=MODEL, messages=HELLO, stop=text[4:6], **SHORT
    ) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.content == text[: text.index(text[4:6])]


def completions(urls, files):
    client = _client(urls["text-generation"])
    response = client.completions.create(model=MODEL, prompt=["Once", "upon"], **SHORT)
    assert [choice.index for choice in response.choices] == [0, 1]
    stream = client.completions.create(model=MODEL, prompt="Once", stream=True, **SHORT)
    assert "".join(chunk.choices[0].text for chunk in stream) == response.choices[0].text


def embeddings(urls, files):
    client = _client(urls["feature-extraction"])
    texts = ["the film", "a museum in kyoto"]
    packed = client.embeddings.create(model=MODEL, input=texts)
    numbers = client.embeddings.create(model=MODEL, input=texts, encoding_format="float")
    assert [entry.index for entry in packed.data] == [0, 1]
    for one, other in zip(packed.data, numbers.data, strict=True):
        assert len(one.embedding) == 32
        assert max(abs(a - b) for a, b in zip(one.embedding, other.embedding, strict=True)) < 1e-6
    assert packed.usage.prompt_tokens > 0
    short = client.embeddings.create(model=MODEL, input="the film", dimensions=8)
    assert len(short.data[0].embedding) == 8


def transcriptions(urls, files):
    create = _client(urls["automatic-speech-recognition"]).audio.transcriptions.create
    text = create(model=MODEL, file=Path(files["audio"])).text
    transcription = create(
        model=MODEL,
        file=Path(files["audio"]),
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )
    assert transcription.text == text
    assert transcription.words[0].end >= transcription.words[0].start
    lines = create(model=MODEL, file=Path(files["audio"]), response_format="vtt")
    assert lines.startswith("WEBVTT")


def speech(urls, files):
    create = _client(urls["text-to-speech"]).audio.speech.create
    assert create(model=MODEL, voice="alloy", input="the film").content[:4] == b"RIFF"


def images(urls, files):
    generate = _client(urls["text-to-image"]).images.generate
    made = generate(model=MODEL, prompt="a boat", size="128x64", n=2, extra_body={"seed": 3})
    assert len(made.data) == 2
    assert base64.b64decode(made.data[0].b64_json).startswith(b"\x89PNG")
    edit = _client(urls["image-to-image/diffusion"]).images.edit
    changed = edit(model=MODEL, image=Path(files["image"]), prompt="a boat")
    assert base64.b64decode(changed.data[0].b64_json).startswith(b"\x89PNG")


def below_predict(urls, files):
    client = _client(f"{urls['text-generation']}/predict")
    response = client.chat.completions.create(model=MODEL, messages=HELLO, **SHORT)
    assert response.choices[0].message.content


async def asynchronous(urls, files):
    async with AsyncOpenAI(base_url=f"{urls['text-generation']}/v1", api_key="none") as client:
        stream = await client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True, **SHORT
        )
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        whole = await client.chat.completions.create(model=MODEL, messages=HELLO, **SHORT)
        assert whole.choices[0].message.content == text


def token_ids_raise_bad_request(urls, files):
    client = _client(urls["feature-extraction"])
    error = _raised(
        openai.BadRequestError, lambda: client.embeddings.create(model=MODEL, input=[1, 2, 3])
    )
    assert "check_embedding_ctx_length" in error.message


def errors_use_client_exception_classes(urls, files):
    create = _client(urls["text-generation"]).chat.completions.create
    error = _raised(
        openai.UnprocessableEntityError,
        lambda: create(model=MODEL, messages=HELLO, temperature=9),
    )
    assert (error.param, error.code) == ("temperature", "invalid-request")
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    error = _raised(
        openai.UnprocessableEntityError, lambda: create(model=MODEL, messages=HELLO, tools=tools)
    )
    assert error.code == "option-not-supported"
    long = [{"role": "user", "content": "x" * 300}]
    error = _raised(
        openai.UnprocessableEntityError,
        lambda: create(model=MODEL, messages=long, stream=True),
    )
    assert error.code == "input-too-long"
    other = _client(urls["text-classification"]).chat.completions.create
    _raised(openai.NotFoundError, lambda: other(model=MODEL, messages=HELLO))


def full_queue_raises_rate_limit_error(urls, files):
    client = _client(urls["busy"])
    create = client.completions.create
    with create(model=MODEL, prompt="Once", max_tokens=3000, stream=True) as stream:
        next(iter(stream))
        error = _raised(openai.RateLimitError, lambda: create(model=MODEL, prompt="Once"))
    assert int(error.response.headers["retry-after"]) >= 1


def failure_during_stream_raises_api_error(urls, files):
    create = _client(urls["failing"]).completions.create
    stream = create(model=MODEL, prompt="Once upon", max_tokens=16, temperature=0, stream=True)
    assert next(stream).choices
    error = _raised(openai.APIError, lambda: list(stream))
    assert "finite" in error.message


def key_is_sent_and_checked(urls, files):
    url = urls["keyed"]
    assert _client(url, api_key="k" * 20).models.list().data
    _raised(openai.PermissionDeniedError, _client(url, api_key="wrong").models.list)
    bare = httpx2.get(f"{url}/v1/models")
    assert (bare.status_code, bare.json()["error"]["code"]) == (401, "unauthorized")


def unknown_fields_are_listed_in_warning_header(urls, files):
    create = _client(urls["text-generation"]).chat.completions.with_raw_response.create
    response = create(model=MODEL, messages=HELLO, service_tier="auto", store=False, **SHORT)
    assert "service_tier" in response.headers["warning"]
    assert response.parse().choices
