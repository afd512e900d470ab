"""LayoutLM answers a question about an image whose words nobody sends: the extra `ocr`.

RapidOCR is not installed here: it comes from the package registry, as for a user.
"""

import base64
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import InferenceClient
from PIL import Image, ImageDraw, ImageFont

from tests.fakes import tiny_models
from tests.fakes.control_plane import HTTP, Plane, running_plane

TASK = "document-question-answering"
LINES = ("The film was wonderful", "the actor was bad", "Total amount: 1,234.50")
# The words of an image, by the library itself: a box is the smallest around its four corners.
RECOGNISE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import rapidocr
from PIL import Image
image = Image.open(sys.argv[2])
engine = rapidocr.RapidOCR(params={"Global.return_word_box": True, "Global.log_level": "error"})
words = [(word, box) for line in engine(image).word_results for word, _, box in line]
print(json.dumps([
    [word, [1000 * min(x for x, _ in box) // image.width,
            1000 * min(y for _, y in box) // image.height,
            1000 * max(x for x, _ in box) // image.width,
            1000 * max(y for _, y in box) // image.height]]
    for word, box in words
]))
"""


def page(*lines: str) -> bytes:
    image = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((40, 40 + 80 * i), line, fill="black", font=ImageFont.load_default(28))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def recognised(plane: Plane, image: bytes) -> list[list[Any]]:
    # The folder of extras can be a link, which rglob does not follow.
    extras = (plane.folder / "storage" / "environments").resolve()
    config = next(extras.rglob("*/rapidocr/config.yaml"))
    file = plane.folder / "page.png"
    file.write_bytes(image)
    command = [sys.executable, "-c", RECOGNISE, str(config.parents[1]), str(file)]
    return json.loads(subprocess.check_output(command, timeout=120))


def ask(url: str, image: bytes, **more: object) -> Any:
    given = {"image": base64.b64encode(image).decode(), "question": "what was bad", **more}
    body = {"inputs": given, "parameters": {"top_k": 5}}
    return HTTP.post(url + "/predict", json=body, timeout=120)


@pytest.mark.slow
def test_words_of_an_image_are_recognised(tmp_path: Path) -> None:
    local = tmp_path / "storage" / "local"
    names = {"plain": tiny_models.documents.layoutlm, "v3": tiny_models.documents.layoutlm_v3}
    for name, build in names.items():
        (local / name).mkdir(parents=True)
        build(local / name)
    with running_plane(tmp_path) as plane:
        items = plane.preflight("plain", source="local", task=TASK)["items"]
        assert any("ocr" in f"{item}" for item in items), items
        for name in names:
            plane.deploy(name, source="local", task=TASK, name=name)
        urls = {name: plane.wait(name, "running")["url"] for name in names}
        image = page(*LINES)
        words = recognised(plane, image)
        assert [word for word, _ in words] == " ".join(LINES).split()
        for url in urls.values():
            answers = ask(url, image)
            assert answers.status_code == 200, answers.text
            assert answers.json() == ask(url, image, word_boxes=words).json()
            assert answers.json()[0]["answer"] in " ".join(LINES)
            assert HTTP.get(url + "/info").json()["model"]["needs_word_boxes"] is False
        client = InferenceClient(model=urls["plain"] + "/predict", timeout=60)
        found = client.document_question_answering(image, "what was bad", top_k=5)
        best = ask(urls["plain"], image).json()
        assert [one.answer for one in found] == [one["answer"] for one in best]
        empty = ask(urls["plain"], page())
        assert (empty.status_code, empty.json()["code"]) == (422, "invalid-input")
        assert "No words" in empty.json()["detail"]
