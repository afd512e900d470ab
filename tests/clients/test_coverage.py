"""Every client method has a case or a stated reason for having none."""

from backend.tasks import TASKS
from backend.tasks.registry import ALIASES
from tests.clients.clients import CLIENTS
from tests.clients.hub.methods import NEVER, NOT_YET

# Its methods, by task; where it is missing here the JavaScript client has none for a URL.
JAVASCRIPT = {
    "audio-classification": "audioClassification",
    "automatic-speech-recognition": "automaticSpeechRecognition",
    "document-question-answering": "documentQuestionAnswering",
    "feature-extraction": "featureExtraction",
    "fill-mask": "fillMask",
    "image-classification": "imageClassification",
    "image-segmentation": "imageSegmentation",
    "image-to-text": "imageToText",
    "object-detection": "objectDetection",
    "question-answering": "questionAnswering",
    "sentence-similarity": "sentenceSimilarity",
    "summarization": "summarization",
    "table-question-answering": "tableQuestionAnswering",
    "text-classification": "textClassification",
    "text-generation": "textGeneration",
    "text-to-image": "textToImage",
    "text-to-speech": "textToSpeech",
    "token-classification": "tokenClassification",
    "translation": "translation",
    "visual-question-answering": "visualQuestionAnswering",
    "zero-shot-classification": "zeroShotClassification",
    "zero-shot-image-classification": "zeroShotImageClassification",
}


def test_methods_of_served_tasks_have_case() -> None:
    served = TASKS.keys() | ALIASES.keys()
    assert {method: task for method, task in NOT_YET.items() if task in served} == {}


def test_method_with_case_is_not_exempt() -> None:
    assert {*NOT_YET, *NEVER}.isdisjoint(CLIENTS["hub2"].names())


def test_javascript_client_has_case_for_every_task_method() -> None:
    served = TASKS.keys() | ALIASES.keys()
    wanted = {method for task, method in JAVASCRIPT.items() if task in served}
    assert wanted - set(CLIENTS["huggingface-js"].names()) == set()
