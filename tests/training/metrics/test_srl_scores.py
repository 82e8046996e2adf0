"""Scores of semantic roles from counts."""

import pytest
import torch

from allennlp_heads.training.metrics import SrlScores


def test_counts_are_summed():
    scores = SrlScores()
    scores(torch.tensor([[1, 2, 4], [0, 1, 0]]), torch.tensor([[1, 1, 2], [0, 1, 0]]))
    scores(torch.tensor([[2, 3, 2]]), torch.tensor([[1, 1, 1]]))
    expected = {"precision": 3 / 6, "recall": 3 / 6, "f1": 3 / 6, "predicate_f1": 4 / 6}
    assert scores.get_metric(reset=True) == pytest.approx(expected)
    assert scores.get_metric() == dict.fromkeys(expected, 0.0)


def test_precision_is_not_recall():
    scores = SrlScores()
    scores(torch.tensor([[1, 2, 4]]), torch.tensor([[0, 0, 3]]))
    metrics = scores.get_metric()
    assert (metrics["precision"], metrics["recall"]) == (1 / 2, 1 / 4)
    assert metrics["f1"] == pytest.approx(1 / 3)
    assert metrics["predicate_f1"] == 0.0
