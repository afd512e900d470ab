"""huggingface_hub's InferenceClient, 1.x and 2.x; a case has the name of the method it is for."""

import inspect
from functools import partial
from pathlib import Path

from huggingface_hub import AsyncInferenceClient, InferenceClient
from huggingface_hub.errors import (
    GenerationError,
    HfHubHTTPError,
    OverloadedError,
    TextGenerationError,
    ValidationError,
)
from methods import NEVER, NOT_YET

TEXT = "Maria found the museum in Kyoto wonderful."
WORDS = [["film", [0, 0, 100, 50]], ["museum", [110, 0, 200, 50]]]
HELLO = [{"role": "user", "content": "hi"}]


def _client(url: str, **more) -> InferenceClient:
    return InferenceClient(model=f"{url}/predict", **more)


def _raised(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def every_method_has_a_case(urls, files):
    functions = inspect.getmembers(InferenceClient, inspect.isfunction)
    methods = {name for name, _ in functions if name[0] != "_"}
    cases = {name for name, value in globals().items() if inspect.isfunction(value)}
    assert methods - cases - NEVER.keys() == NOT_YET.keys(), methods - cases - NEVER.keys()


def text_classification(urls, files):
    labels = _client(urls["text-classification"]).text_classification(TEXT)
    assert len(labels) == 3
    assert labels[0].score >= labels[1].score
    [best] = _client(urls["text-classification"]).text_classification(TEXT, top_k=1)
    assert best == labels[0]


def token_classification(urls, files):
    found = _client(urls["token-classification"]).token_classification(TEXT)
    assert {entity.entity_group for entity in found} <= {"PER", "LOC"}
    assert all(
        TEXT[one.start : one.end].lower() == one.word.replace(" ##", "") for one in found[:1]
    )


def fill_mask(urls, files):
    found = _client(urls["fill-mask"]).fill_mask("the film was [MASK] .", top_k=3)
    assert len(found) == 3
    assert found[0].token_str in found[0].sequence


def feature_extraction(urls, files):
    client = _client(urls["feature-extraction"])
    assert client.feature_extraction(TEXT).shape == (1, 32)
    assert client.feature_extraction([TEXT, "a"], normalize=True).shape == (2, 32)


def image_classification(urls, files):
    client = _client(urls["image-classification"])
    labels = client.image_classification(files["image"])
    assert len(labels) == 3
    [best] = client.image_classification(files["image"], top_k=1)
    assert best.label == labels[0].label
    assert client.image_classification(Path(files["image"]).read_bytes()) == labels


def audio_classification(urls, files):
    client = _client(urls["audio-classification"])
    labels = client.audio_classification(files["audio"])
    assert len(labels) == 3
    [best] = client.audio_classification(files["audio"], top_k=1)
    assert best.label == labels[0].label


def object_detection(urls, files):
    client = _client(urls["object-detection"])
    found = client.object_detection(files["image"], threshold=0.0)
    assert found[0].box.xmax >= found[0].box.xmin
    assert len(client.object_detection(files["image"])) <= len(found)


def image_segmentation(urls, files):
    client = _client(urls["image-segmentation"])
    for found in (
        client.image_segmentation(files["image"]),
        client.image_segmentation(files["image"], subtask="semantic"),
    ):
        assert {segment.score for segment in found} == {1.0}
        assert found[0].mask.size == (64, 64)


def image_to_image(urls, files):
    client = _client(urls["image-to-image"])
    assert client.image_to_image(files["image"]).size == (128, 128)
    error = _raised(HfHubHTTPError, lambda: client.image_to_image(files["image"], prompt="red"))
    assert "prompt" in str(error)


def text_to_image(urls, files):
    client = _client(urls["text-to-image"])
    given = {"width": 128, "height": 64, "num_inference_steps": 2, "guidance_scale": 5.0}
    drawn = client.text_to_image("a boat", negative_prompt="fog", seed=1, **given)
    assert drawn.size == (128, 64)
    changed = _client(urls["image-to-image/diffusion"])
    size = {"width": 128, "height": 64}
    options = {"prompt": "a boat", "num_inference_steps": 4, "target_size": size}
    assert changed.image_to_image(files["image"], **options).size == (128, 64)


def zero_shot_image_classification(urls, files):
    client = _client(urls["zero-shot-image-classification"])
    labels = ["a disc", "a bird"]
    found = client.zero_shot_image_classification(files["image"], labels)
    assert {entry.label for entry in found} == set(labels)


def question_answering(urls, files):
    client = _client(urls["question-answering"])
    best = client.question_answering("who found it?", TEXT)
    assert TEXT[best.start : best.end] == best.answer
    several = client.question_answering("who found it?", TEXT, top_k=3)
    assert several[0] == best
    assert len(several) == 3


def document_question_answering(urls, files):
    client = _client(urls["document-question-answering"])
    found = client.document_question_answering(files["image"], "what is it?", word_boxes=WORDS)
    assert isinstance(found[0].answer, str)


def visual_question_answering(urls, files):
    client = _client(urls["visual-question-answering"])
    found = client.visual_question_answering(files["image"], "what is it?")
    assert found[0].score >= found[-1].score


def zero_shot_classification(urls, files):
    client = _client(urls["zero-shot-classification"])
    found = client.zero_shot_classification(TEXT, ["film", "museum"])
    assert {one.label for one in found} == {"film", "museum"}
    both = client.zero_shot_classification(TEXT, ["film", "museum"], multi_label=True)
    assert len(both) == 2


def summarization(urls, files):
    result = _client(urls["summarization"]).summarization(TEXT)
    assert isinstance(result.summary_text, str)


def translation(urls, files):
    result = _client(urls["translation"]).translation(TEXT)
    assert isinstance(result.translation_text, str)


def table_question_answering(urls, files):
    table = {"name": ["maria", "a"], "film": ["boring", "wonderful"]}
    result = _client(urls["table-question-answering"]).table_question_answering(table, "who ?")
    assert isinstance(result.answer, str)


def sentence_similarity(urls, files):
    client = _client(urls["sentence-similarity"])
    numbers = client.sentence_similarity(TEXT, other_sentences=[TEXT, "a", "the film"])
    assert len(numbers) == 3
    assert numbers[0] > 0.999


def image_to_text(urls, files):
    assert isinstance(
        _client(urls["image-to-text"]).image_to_text(files["image"]).generated_text, str
    )


def automatic_speech_recognition(urls, files):
    client = _client(urls["automatic-speech-recognition"])
    transcription = client.automatic_speech_recognition(files["audio"])
    assert isinstance(transcription.text, str)
    again = client.automatic_speech_recognition(Path(files["audio"]).read_bytes())
    assert again.text == transcription.text


def text_to_speech(urls, files):
    client = _client(urls["text-to-speech"])
    audio = client.text_to_speech(TEXT, extra_body={"seed": 1})
    assert audio.startswith(b"RIFF")
    assert audio == client.text_to_speech(TEXT, extra_body={"seed": 1})


def text_generation(urls, files):
    client = _client(urls["text-generation"])
    text = client.text_generation("Once", max_new_tokens=8)
    assert isinstance(text, str)
    result = client.text_generation("Once", max_new_tokens=8, details=True)
    assert (result.generated_text, result.details.generated_tokens) == (text, 8)
    assert "".join(client.text_generation("Once", max_new_tokens=8, stream=True)) == text
    pieces = list(client.text_generation("Once", max_new_tokens=8, stream=True, details=True))
    assert pieces[-1].generated_text == text
    assert pieces[-1].details.finish_reason == "length"
    whole = client.text_generation("Once", max_new_tokens=8, return_full_text=True)
    assert whole == "Once" + text


def chat_completion(urls, files):
    client = _client(urls["text-generation"])
    options = {"max_tokens": 8, "temperature": 0}
    response = client.chat_completion(HELLO, **options)
    text = response.choices[0].message.content
    assert response.usage.completion_tokens == 8
    chunks = list(
        client.chat_completion(
            HELLO, stream=True, stream_options={"include_usage": True}, **options
        )
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == text
    assert chunks[-1].usage.completion_tokens == 8
    by_root = InferenceClient(base_url=urls["text-generation"]).chat.completions.create(
        model="tiny/text-generation", messages=HELLO, **options
    )
    assert by_root.choices[0].message.content == text


async def asynchronous(urls, files):
    async with AsyncInferenceClient(model=f"{urls['text-generation']}/predict") as client:
        options = {"max_new_tokens": 8}
        text = await client.text_generation("Once", **options)
        stream = await client.text_generation("Once", stream=True, **options)
        assert "".join([piece async for piece in stream]) == text


def get_endpoint_info(urls, files):
    info = _client(urls["fill-mask"], provider="hf-inference").get_endpoint_info()
    assert info["model_id"] == "tiny/fill-mask"


def health_check(urls, files):
    assert _client(urls["fill-mask"], provider="hf-inference").health_check() is True


def bad_value_raises_validation_error(urls, files):
    client = _client(urls["text-generation"])
    error = _raised(ValidationError, lambda: client.text_generation("Once", temperature=-1.0))
    assert "temperature" in str(error)


def full_queue_raises_overloaded_error(urls, files):
    client = _client(urls["busy"])
    stream = client.text_generation("Once", max_new_tokens=3000, stream=True)
    next(stream)
    _raised(OverloadedError, lambda: client.text_generation("Once", max_new_tokens=1))
    stream.close()


def failing_model_raises_generation_error(urls, files):
    client = _client(urls["failing"])
    _raised(GenerationError, lambda: client.text_generation("Once upon", max_new_tokens=16))
    stream = client.text_generation("Once upon", max_new_tokens=16, stream=True)
    next(stream)
    _raised(GenerationError, lambda: list(stream))


def other_tasks_return_reason(urls, files):
    client = _client(urls["text-classification"])
    error = _raised(HfHubHTTPError, lambda: client.text_classification("x " * 100))
    assert error.response.status_code == 422
    assert "at most" in str(error)
    client = _client(urls["image-classification"])
    error = _raised(HfHubHTTPError, lambda: client.image_classification(b"no picture"))
    assert error.response.status_code == 422
    assert "could not be decoded" in str(error)


def key_is_sent_and_checked(urls, files):
    url = urls["keyed"]
    assert _client(url, token="k" * 20).text_generation("Once", max_new_tokens=1) is not None
    for client in (_client(url), _client(url, token="wrong")):
        error = _raised(TextGenerationError, partial(client.text_generation, "Once"))
        assert "key" in str(error)


def unknown_chat_options_are_accepted(urls, files):
    client = _client(urls["text-generation"])
    response = client.chat_completion(HELLO, max_tokens=2, extra_body={"nobody": 1})
    assert response.choices[0].message.content is not None


def response_format_is_rejected_with_remedy(urls, files):
    client = _client(urls["text-generation"])
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    error = _raised(HfHubHTTPError, lambda: client.chat_completion(HELLO, response_format=schema))
    assert "describe the format" in str(error)
