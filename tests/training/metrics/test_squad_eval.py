"""
Scores of answers against the official scripts of SQuAD, `evaluate-v1.1.py` and
`evaluate-v2.0.py`, in the folder that the variable HEADS_SQUAD_EVAL names.

The scripts add floats up in the order of the file, and the last digit of such a sum depends on the
order. The metric does not: it is the exact mean, rounded once. So the same sum of the counts that
are kept of each question must give every digit that a script prints, and the metric all but what
adding up has lost.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from allennlp_heads.training.metrics import AnswerScores, answer_scores
from tests.training.metrics.plain_answers import spoilt

CONTEXT = "The old dog saw a small cat in the garden — a “naïve” one, 3,000 miles from the sea."


def official(version: str, data: Path, said: dict[str, str], folder: Path) -> dict[str, float]:
    """What the script prints."""
    scripts = os.environ.get("HEADS_SQUAD_EVAL", "")
    script = Path(scripts) / f"evaluate-v{version}.py"
    if not scripts or not script.is_file():
        pytest.skip(f"evaluate-v{version}.py: HEADS_SQUAD_EVAL names no folder that has it")
    predictions = folder / "predictions.json"
    predictions.write_text(json.dumps(said))
    command = [sys.executable, str(script), str(data), str(predictions)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def questions(data: Path) -> list[dict[str, Any]]:
    articles = json.loads(data.read_text())["data"]
    return [
        {**question, "context": paragraph["context"]}
        for article in articles
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]


def said_by(asked: list[dict[str, Any]], seed: int) -> dict[str, str]:
    generator = random.Random(seed)
    answers = {q["id"]: [answer["text"] for answer in q["answers"]] or [""] for q in asked}
    return {
        q["id"]: spoilt(generator.choice(answers[q["id"]]), q["context"], generator) for q in asked
    }


def check(found: list[tuple[float, float]], answerable: list[bool], wanted: list[float]) -> None:
    """`wanted`: F1 and exact match as the script prints them, of all questions in its order."""
    assert [100.0 * sum(column) / len(found) for column in zip(*found)] == wanted
    metric = AnswerScores()
    shuffled = random.Random(1).sample(range(len(found)), len(found))
    metric(torch.tensor(found, dtype=torch.double)[shuffled], torch.tensor(answerable)[shuffled])
    scores = metric.get_metric()
    assert 100 * scores["token_f1"] == pytest.approx(wanted[0], rel=1e-14)
    assert 100 * scores["exact_match"] == pytest.approx(wanted[1], rel=1e-15)


@pytest.mark.parametrize("seed", range(3))
def test_version_1(heads_data: Path, seed: int, tmp_path: Path) -> None:
    data = heads_data / "squad/dev-v1.1.json"
    asked = questions(data)
    said = said_by(asked, seed)
    wanted = official("1.1", data, said, tmp_path)
    found = [answer_scores(said[q["id"]], [a["text"] for a in q["answers"]], False) for q in asked]
    check(found, [True] * len(found), [wanted["f1"], wanted["exact_match"]])


@pytest.mark.parametrize("seed", range(3))
def test_version_2(seed: int, tmp_path: Path) -> None:
    generator = random.Random(seed)
    parts = [
        "the",
        "a",
        "dog",
        "old dog",
        "3,000 miles",
        "“naïve” one",
        "a small cat in the garden",
    ]
    asked = [
        {
            "id": str(number),
            "question": "What?",
            "is_impossible": number % 3 == 0,
            "answers": [
                {"text": text, "answer_start": CONTEXT.find(text)}
                for text in generator.sample(parts, number % 3)
            ],
        }
        for number in range(300)
    ]
    data = tmp_path / "dev.json"
    paragraph = {"context": CONTEXT, "qas": asked}
    data.write_text(json.dumps({"version": "v2.0", "data": [{"paragraphs": [paragraph]}]}))
    said = said_by(questions(data), seed)
    wanted = official("2.0", data, said, tmp_path)
    texts = [[answer["text"] for answer in q["answers"]] for q in asked]  # type: ignore[attr-defined]
    found = [answer_scores(said[str(n)], answers, True) for n, answers in enumerate(texts)]
    check(found, [bool(answers) for answers in texts], [wanted["f1"], wanted["exact"]])
    kinds = {"HasAns": 1, "NoAns": 0}
    metric = AnswerScores()
    metric(
        torch.tensor(found, dtype=torch.double), torch.tensor([bool(answers) for answers in texts])
    )
    scores = metric.get_metric()
    assert {f"{kind}_total": sum(bool(a) == n for a in texts) for kind, n in kinds.items()} == {
        key: value for key, value in wanted.items() if key in ("HasAns_total", "NoAns_total")
    }
    for name, key in (
        ("has_answer_token_f1", "HasAns_f1"),
        ("has_answer_exact_match", "HasAns_exact"),
        ("no_answer_accuracy", "NoAns_exact"),
    ):
        assert 100 * scores[name] == pytest.approx(wanted[key], rel=1e-14)
