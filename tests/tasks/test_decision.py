"""decision on real servers, compared with transformers' own pipeline."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import transformers

from backend.errors.inference import ClientGone, InvalidInput
from backend.errors.request import PayloadTooLarge
from backend.errors.server import LoadFailed
from backend.inference.loading import load
from backend.tasks import TASKS
from tests.fakes import launch, model_servers
from tests.tasks.matrix import differences

TASK = "decision"
OPTION_LETTERS = "decision/letters"
PICK: dict[str, Any] = {
    "type": "choice", "instructions": "Tone?", "criteria": {"calm": None, "angry": "Loud."},
}  # fmt: skip


def inputs_of(state: object, **questions: Any) -> dict[str, Any]:
    return {"state": state, "questions": questions or {"tone": PICK}}


def test_classification_head_matches_pipeline(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    pipe: Any = transformers.pipeline(TASK, model=str(models[TASK]), device="cpu")
    shown: Any = [TASKS[TASK].sample(seed).shown for seed in range(3)]
    items = [*(one["inputs"] for one in shown), inputs_of({"said": ["Go <|mark|> away", 7, None]})]
    outputs = predict(TASK, items).json()
    assert set(outputs[0]) == {"again", "mood", "stars"}
    assert sum(outputs[0]["mood"]["probabilities"].values()) == pytest.approx(1)
    assert outputs[0]["mood"] != outputs[1]["mood"]
    for item, output in zip(items, outputs, strict=True):
        assert differences(output, pipe(item)) == []


def test_generative_model_chooses_option_letters_as_in_pipeline(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    pipe: Any = transformers.pipeline(TASK, model=str(models[OPTION_LETTERS]), device="cpu")
    levels = {"type": "score", "criteria": ["Low", "High"]}
    for state in ("Go away!", {"said": "Hello."}):
        item = inputs_of(state, tone=PICK, heat=levels)
        assert differences(predict(OPTION_LETTERS, item).json(), pipe(item)) == []


@pytest.mark.parametrize(
    ("name", "item", "words"),
    [
        (TASK, inputs_of("a") | {"assets": {"img": "http://127.0.0.1:1/cat.png"}}, "assets"),
        (TASK, inputs_of("a", tone={"type": "mood"}), "tone"),
        (TASK, inputs_of("a", tone={"type": "choice", "criteria": {}}), "criteria"),
        (TASK, inputs_of("a", tone=PICK | {"more": 1}), "more"),
        (TASK, {"state": "a", "questions": {}}, "questions"),
        (TASK, inputs_of("a", heat={"type": "score", "criteria": ["x"] * 7}), "at most 6 options"),
        (
            OPTION_LETTERS,
            inputs_of("a", heat={"type": "score", "criteria": ["x"] * 27}),
            "at most 26 options",
        ),
        (TASK, inputs_of("long " * 200), "at most 512"),
    ],
)
def test_bad_request_returns_422_with_reason(
    name: str, item: object, words: str, predict: model_servers.Predict
) -> None:
    response = predict(name, item)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_labels_of_several_tokens_are_rejected(models: dict[str, Path]) -> None:
    adapter = load(launch.spec(TASK, models["text-generation"]))
    with pytest.raises(InvalidInput, match=r"Yes.*not distinct single tokens"):
        adapter.encode(inputs_of("a", sure={"type": "noul"}), None)


def test_image_url_in_state_is_text_and_not_fetched(predict: model_servers.Predict) -> None:
    image = [{"type": "image", "image": "http://127.0.0.1:1/cat.png"}]
    assert predict(TASK, inputs_of(image)).status_code == 200


def test_head_in_separate_files_is_rejected(models: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(models[OPTION_LETTERS], tmp_path / "model")
    (folder / "judge_config.json").write_text("{}")
    with pytest.raises(LoadFailed, match="stored in separate files"):
        load(launch.spec(TASK, folder))


def test_custom_decision_template_handles_all_questions_in_one_prompt(
    models: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(models[TASK], tmp_path / "model")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(LoadFailed, match="no chat template"):
        load(launch.spec(TASK, folder))
    (folder / "decision_template.jinja").write_text(
        "{{ state }}{% for q in questions %}{{ q.instructions }}<|mark|>{% endfor %}"
    )
    pipe: Any = transformers.pipeline(TASK, model=str(folder), device="cpu")
    adapter = load(launch.spec(TASK, folder))
    item = inputs_of("Go away!", tone=PICK, sure={"type": "noul", "instructions": "Sure?"})
    prepared = adapter.encode(item, None)
    assert len(prepared.rows[0]) == 1
    output = adapter.decode(adapter.forward([prepared])[0], prepared, None)
    assert differences(output, pipe(item)) == []


def test_batch_matches_single_requests(models: dict[str, Path]) -> None:
    adapter = load(launch.spec(TASK, models[TASK]))
    group = [adapter.encode(inputs_of(state), None) for state in ("Go!", "Hello there.")]
    together = [
        adapter.decode(raw, one, None)
        for raw, one in zip(adapter.forward(group), group, strict=True)
    ]
    alone = [adapter.decode(adapter.forward([one])[0], one, None) for one in group]
    assert differences(together, alone, near=0) == []
    assert together[0] != together[1]


def test_state_size_is_limited_per_question_and_forward_stops_on_disconnect(
    models: dict[str, Path],
) -> None:
    adapter = load(launch.spec(TASK, models[TASK]))
    many = {f"tone {i}": PICK for i in range(60)}
    with pytest.raises(PayloadTooLarge, match=r"12,000,120 .*at most 10,000,000"):
        adapter.encode(inputs_of("a" * 200_000, **many), None)
    prepared = adapter.encode(inputs_of("a", **many), None)
    passes = iter([False] * 3 + [True])
    with pytest.raises(ClientGone):
        adapter.forward([replace(prepared, stop=lambda: next(passes))])
    assert next(passes, None) is None
