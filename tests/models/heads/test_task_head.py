"""What all heads share."""

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from allennlp_heads.models.heads import TaskHead
from allennlp_heads.models.heads.task_head import (
    accuracy_counts,
    example_losses,
    unpad,
    words_of,
)
from tests.models.heads.head_batches import vocabulary


def test_losses_by_hand():
    unit_loss = torch.tensor([[1.0, 2.0, 9.0], [4.0, 9.0, 9.0], [float("nan")] * 3])
    units = torch.tensor([[True, True, False], [True, False, False], [False] * 3])
    losses = example_losses(unit_loss, units)
    assert losses["example_loss"].tolist() == [3.0, 4.0, 0.0]
    assert losses["example_units"].tolist() == [2, 1, 0]
    assert losses["loss"].item() == pytest.approx((1.5 + 4.0 + 0.0) / 3)
    summed = example_losses(torch.tensor([3.0, 4.0, 0.0]), units)
    assert summed["loss"] == losses["loss"]


def test_counts_by_hand():
    right = torch.tensor([[True, True, False], [False, True, True]])
    scored = torch.tensor([[True, False, True], [False] * 3])
    assert accuracy_counts(right, scored).tolist() == [[1, 2, 2], [0, 0, 0]]


def test_unpad():
    mask = torch.tensor([[True, True], [False, False]])
    assert unpad(torch.tensor([[3, 4], [5, 6]]), mask) == [[3, 4], []]


def test_words():
    assert words_of([{"words": ["a"]}, {"words": ["b", 1]}]) == [["a"], ["b", "1"]]
    assert words_of([{"words": ["a"]}, {}]) is None
    assert words_of(None) is None


@pytest.mark.parametrize("vocab", [vocabulary(xpos_labels=["NN"]), Vocabulary.empty()])
@pytest.mark.parametrize("namespace", ["upos_labels", "words"])
def test_a_namespace_without_labels(vocab, namespace):
    """Also one that AllenNLP would pad, and so say is of size 2."""
    with pytest.raises(ConfigurationError, match=f"label_namespace: .* '{namespace}'.*"):
        TaskHead(vocab, namespace)
    assert namespace not in vocab.get_namespaces()
