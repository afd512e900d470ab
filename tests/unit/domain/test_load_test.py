"""Which requests for a load test are valid."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from backend.domain.load_test import LoadTestRequest

PNG = {"content_type": "image/png", "content": base64.b64encode(b"an image").decode()}


def test_everything_has_a_default():
    request = LoadTestRequest.model_validate({})
    assert (request.concurrency, request.seconds) == (8, 10)
    assert request.inputs is None
    assert request.file is None


def test_file_is_decoded():
    request = LoadTestRequest.model_validate({"file": PNG})
    assert request.file is not None
    assert request.file.data == b"an image"


@pytest.mark.parametrize(
    "body",
    [
        {"concurrency": 0}, {"concurrency": 129}, {"concurrency": "8"}, {"concurrency": True},
        {"seconds": 0}, {"seconds": 121}, {"seconds": 1.5},
        {"inputs": []}, {"inputs": ["a text"]}, {"inputs": [{}] * 1001},
        {"inputs": [{"inputs": "a"}], "file": PNG},
        {"file": {**PNG, "content": "not base64"}}, {"file": {**PNG, "content": ""}},
        {"file": {**PNG, "content_type": "text/html"}},
        {"file": {**PNG, "content_type": "image/png\r\nX: y"}},
        {"duration": 5},
    ],
)  # fmt: skip
def test_invalid_request_is_rejected(body: dict[str, Any]):
    with pytest.raises(ValidationError):
        LoadTestRequest.model_validate(body)
