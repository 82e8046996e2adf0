"""Scores of answers against a second implementation."""

import random

import pytest
import torch
from allennlp.training.metrics import Metric
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.training.metrics import AnswerScores, answer_scores
from tests.training.metrics.plain_answers import scored

WORDS = st.sampled_from(
    ["the", "The", "a", "an", "A.", "cat", "Cat's", "theory", "b-a-n", "3,000", "naïve", "İstanbul"]
)
ODD = st.sampled_from(["", " ", "\u00a0", "—", "…", "'", "_", "$", "€", "\t", "é", "e\u0301", "𝒳"])
TEXTS = st.lists(st.one_of(WORDS, ODD, st.text(max_size=3)), max_size=6).flatmap(
    lambda parts: st.sampled_from([" ".join(parts), "".join(parts)])
)


@given(TEXTS, st.lists(TEXTS, max_size=3), st.booleans())
def test_scores_are_the_plain_ones(said, answers, version2) -> None:
    f1, exact = answer_scores(said, answers, version2)
    plain_f1, plain_exact = scored(said, answers, version2)
    assert f1 == pytest.approx(float(plain_f1), rel=1e-15) and exact == plain_exact
    assert isinstance(f1, float) and isinstance(exact, float)


@given(TEXTS, st.booleans())
def test_an_answer_is_like_itself(text, version2) -> None:
    f1, exact = answer_scores(text.upper().lower() + " !", [text.upper().lower()], version2)
    assert exact == 1 and f1 == (answer_scores(text, [""], True)[0] == 0 or version2)


@pytest.mark.parametrize(
    "said, answers, version1, version2",
    [
        ("Denver Broncos", ["The Denver Broncos!", "Broncos"], (1, 1), (1, 1)),
        ("Broncos of Denver", ["Denver Broncos"], (0.8, 0), (0.8, 0)),
        ("cat cat dog", ["cat dog"], (0.8, 0), (0.8, 0)),
        ("the", ["a"], (0, 1), (1, 1)),  # nothing is left of either
        ("the", ["a", "dog"], (0, 1), (0, 0)),  # 2.0 passes over "a"
        ("", ["dog"], (0, 0), (0, 0)),
        ("", [], (1, 1), (1, 1)),
        ("dog", [], (0, 0), (0, 0)),
        ("the", [], (1, 1), (1, 1)),
    ],
)
def test_by_hand(said, answers, version1, version2) -> None:
    assert answer_scores(said, answers, False) == version1
    assert answer_scores(said, answers, True) == version2


def counted(rows: list[tuple[float, float, bool]]) -> AnswerScores:
    metric = AnswerScores()
    for start in range(0, len(rows), 7):
        part = torch.tensor([row[:2] for row in rows[start : start + 7]], dtype=torch.double)
        metric(part, torch.tensor([row[2] for row in rows[start : start + 7]]))
    return metric


def test_the_order_of_questions_changes_no_digit() -> None:
    generator = random.Random(0)
    rows = [
        (generator.random() ** 9, float(generator.random() < 0.5), generator.random() < 0.7)
        for _ in range(2000)
    ]
    found = counted(rows).get_metric()
    for _ in range(3):
        generator.shuffle(rows)
        assert counted(rows).get_metric() == found
    plain = {kind: [row for row in rows if row[2] in kind] for kind in [(True,), (False,)]}
    answered, unanswerable = plain.values()
    assert found["token_f1"] == pytest.approx(sum(row[0] for row in rows) / 2000, rel=1e-13)
    assert found["exact_match"] == sum(row[1] for row in rows) / 2000
    assert found["has_answer_token_f1"] == pytest.approx(
        sum(row[0] for row in answered) / len(answered), rel=1e-13
    )
    assert found["has_answer_exact_match"] == sum(row[1] for row in answered) / len(answered)
    assert found["no_answer_accuracy"] == sum(row[1] for row in unanswerable) / len(unanswerable)


def test_one_kind_of_questions_and_none() -> None:
    assert Metric.by_name("answer_scores") is AnswerScores
    metric = counted([(0.25, 0.0, True), (1.0, 1.0, True)])
    assert metric.get_metric(reset=True) == {"token_f1": 0.625, "exact_match": 0.5}
    assert metric.get_metric() == {}
