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
LETTERS = "decision/letters"
PICK: dict[str, Any] = {
    "type": "choice", "instructions": "Tone?", "criteria": {"calm": None, "angry": "Loud."},
}  # fmt: skip


def asked(state: object, **questions: Any) -> dict[str, Any]:
    return {"state": state, "questions": questions or {"tone": PICK}}


def test_the_answers_of_a_head_are_those_of_the_pipeline(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    pipe: Any = transformers.pipeline(TASK, model=str(models[TASK]), device="cpu")
    shown: Any = [TASKS[TASK].sample(seed).shown for seed in range(3)]
    items = [*(one["inputs"] for one in shown), asked({"said": ["Go <|mark|> away", 7, None]})]
    answers = predict(TASK, items).json()
    assert set(answers[0]) == {"again", "mood", "stars"}
    assert sum(answers[0]["mood"]["probabilities"].values()) == pytest.approx(1)
    assert answers[0]["mood"] != answers[1]["mood"]
    for item, answer in zip(items, answers, strict=True):
        assert differences(answer, pipe(item)) == []


def test_a_model_that_writes_is_asked_for_the_letters_of_the_options(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    pipe: Any = transformers.pipeline(TASK, model=str(models[LETTERS]), device="cpu")
    levels = {"type": "score", "criteria": ["Low", "High"]}
    for state in ("Go away!", {"said": "Hello."}):
        item = asked(state, tone=PICK, heat=levels)
        assert differences(predict(LETTERS, item).json(), pipe(item)) == []


@pytest.mark.parametrize(
    ("name", "item", "words"),
    [
        (TASK, asked("a") | {"assets": {"img": "http://127.0.0.1:1/cat.png"}}, "assets"),
        (TASK, asked("a", tone={"type": "mood"}), "tone"),
        (TASK, asked("a", tone={"type": "choice", "criteria": {}}), "criteria"),
        (TASK, asked("a", tone=PICK | {"more": 1}), "more"),
        (TASK, {"state": "a", "questions": {}}, "questions"),
        (TASK, asked("a", heat={"type": "score", "criteria": ["x"] * 7}), "at most 6 options"),
        (LETTERS, asked("a", heat={"type": "score", "criteria": ["x"] * 27}), "at most 26 options"),
        (TASK, asked("long " * 200), "at most 512"),
    ],
)
def test_bad_requests_are_refused_with_what_is_wrong(
    name: str, item: object, words: str, predict: model_servers.Predict
) -> None:
    response = predict(name, item)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_labels_that_are_several_tokens_are_refused(models: dict[str, Path]) -> None:
    adapter = load(launch.spec(TASK, models["text-generation"]))
    with pytest.raises(InvalidInput, match=r"Yes.*not distinct single tokens"):
        adapter.encode(asked("a", sure={"type": "noul"}), None)


def test_a_picture_in_a_state_is_text_and_not_fetched(predict: model_servers.Predict) -> None:
    image = [{"type": "image", "image": "http://127.0.0.1:1/cat.png"}]
    assert predict(TASK, asked(image)).status_code == 200


def test_a_head_in_files_beside_the_weights_is_not_served_as_if_it_were_not_there(
    models: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(models[LETTERS], tmp_path / "model")
    (folder / "judge_config.json").write_text("{}")
    with pytest.raises(LoadFailed, match="beside its weights"):
        load(launch.spec(TASK, folder))


def test_a_template_of_its_own_is_enough_and_may_ask_all_at_once(
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
    item = asked("Go away!", tone=PICK, sure={"type": "noul", "instructions": "Sure?"})
    prepared = adapter.encode(item, None)
    assert len(prepared.rows[0]) == 1
    answer = adapter.decode(adapter.forward([prepared])[0], prepared, None)
    assert differences(answer, pipe(item)) == []


def test_a_group_is_answered_as_each_alone(models: dict[str, Path]) -> None:
    adapter = load(launch.spec(TASK, models[TASK]))
    group = [adapter.encode(asked(state), None) for state in ("Go!", "Hello there.")]
    together = [
        adapter.decode(raw, one, None)
        for raw, one in zip(adapter.forward(group), group, strict=True)
    ]
    alone = [adapter.decode(adapter.forward([one])[0], one, None) for one in group]
    assert differences(together, alone, near=0) == []
    assert together[0] != together[1]


def test_a_state_is_read_beside_each_question_and_passes_end_when_nobody_waits(
    models: dict[str, Path],
) -> None:
    adapter = load(launch.spec(TASK, models[TASK]))
    many = {f"tone {i}": PICK for i in range(60)}
    with pytest.raises(PayloadTooLarge, match=r"12,000,120 .*at most 10,000,000"):
        adapter.encode(asked("a" * 200_000, **many), None)
    prepared = adapter.encode(asked("a", **many), None)
    passes = iter([False] * 3 + [True])
    with pytest.raises(ClientGone):
        adapter.forward([replace(prepared, stop=lambda: next(passes))])
    assert next(passes, None) is None
