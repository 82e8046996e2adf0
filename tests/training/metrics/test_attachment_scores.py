"""Attachment scores against counting by hand."""

from typing import Any

import pytest
import torch
from allennlp.training.metrics import AttachmentScores, Metric

from allennlp_heads.training.metrics import DependencyScores, is_punctuation, punctuation_mask

MASK = torch.tensor([[True] * 4, [True, True, False, False]])
GOLD_HEADS = torch.tensor([[2, 0, 2, 2], [0, 1, 0, 0]])
GOLD_RELATIONS = torch.tensor([[1, 2, 3, 4], [2, -1, 0, 0]])
HEADS = torch.tensor([[2, 0, 1, 2], [0, 1, 0, 0]])  # the third word is wrong
RELATIONS = torch.tensor([[1, 0, 3, 4], [2, 0, 0, 0]])  # the second, and the unseen one
PUNCTUATION = torch.tensor([[False, False, False, True], [False] * 4])


@pytest.mark.parametrize(
    "word, answer",
    [(".", True), ("...", True), ("-LRB-", False), ("«", True), ("、", True), ("n't", False)]
    + [("$", False), ("+", False), ("<", False), ("%", True), ("@", True), ("_", True)]
    + [("", False), (" ", False), ("a.", False), ("—", True)],
)
def test_punctuation(word, answer):
    assert is_punctuation(word) == answer


def test_punctuation_of_a_batch():
    sentences = [["Hi", ",", "you", "!"], [".", "a"]]
    expected = [[False, True, False, True], [True, False, False, False]]
    assert punctuation_mask(sentences, MASK).tolist() == expected
    nothing = torch.zeros(2, 4, dtype=torch.bool)
    assert not punctuation_mask(sentences, nothing).any()


def test_by_hand():
    metric: Any = Metric.by_name("dependency_scores")()
    metric(HEADS, RELATIONS, GOLD_HEADS, GOLD_RELATIONS, MASK, PUNCTUATION)
    expected = {"UAS": 4 / 5, "LAS": 2 / 5, "UAS_punct": 5 / 6, "LAS_punct": 3 / 6}
    assert metric.get_metric() == pytest.approx(expected)
    # Batches are added up, words (not batches) weigh the same, and a reset forgets.
    metric(HEADS[:1], RELATIONS[:1], GOLD_HEADS[:1], GOLD_RELATIONS[:1], MASK[:1])
    assert metric.get_metric(reset=True)["UAS"] == pytest.approx(7 / 9)
    assert set(metric.get_metric().values()) == {0.0}


def test_without_punctuation_it_is_allennlps_score():
    generator = torch.Generator().manual_seed(0)
    ours: Any = DependencyScores()
    theirs: Any = AttachmentScores()
    for _ in range(3):
        batch = [torch.randint(0, 3, (5, 7), generator=generator) for _ in range(4)]
        mask = torch.arange(7)[None, :] < torch.randint(1, 8, (5, 1), generator=generator)
        ours(*batch, mask)
        theirs(*batch, mask)
    expected = {key: theirs.get_metric()[key] for key in ("UAS", "LAS")}
    scores = ours.get_metric()
    assert {key: scores[key] for key in ("UAS", "LAS")} == pytest.approx(expected)
    assert scores["LAS_punct"] == scores["LAS"]
