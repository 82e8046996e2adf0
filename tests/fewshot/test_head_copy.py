"""Weights that fit go over, by their labels; all else stays new."""

from __future__ import annotations

import torch
from allennlp.data import Vocabulary

from allennlp_heads.fewshot.head_copy import copy_head
from allennlp_heads.models.heads import TaggerHead, TextClassifierHead, TextRegressorHead

VOCAB = Vocabulary(
    non_padded_namespaces=["*labels"],
    tokens_to_add={
        "old_labels": ["a", "b", "c"],
        "same_labels": ["a", "b", "c"],
        "new_labels": ["c", "x", "a"],
        "other_labels": ["v", "w"],
    },
)


def classifier(namespace: str, dim: int = 4) -> TextClassifierHead:
    return TextClassifierHead(VOCAB, dim, namespace)


def test_the_same_labels_take_everything() -> None:
    old, new = classifier("old_labels"), classifier("same_labels")
    assert copy_head(new, old, {}) == [name for name, _ in new.named_parameters()]
    assert all(torch.equal(p, old.state_dict()[name]) for name, p in new.named_parameters())
    new.projection.weight.data.zero_()
    assert old.projection.weight.any(), "the two share no memory"


def test_rows_follow_their_labels() -> None:
    old, new = classifier("old_labels"), classifier("new_labels")
    first = new.projection.weight.detach().clone()
    copied = copy_head(new, old, {})
    assert copied == ["pooler.weight", "pooler.bias", "projection.weight", "projection.bias"]
    assert torch.equal(new.projection.weight[[0, 2]], old.projection.weight[[2, 0]])
    assert torch.equal(new.projection.bias[[0, 2]], old.projection.bias[[2, 0]])
    assert torch.equal(new.projection.weight[1], first[1])


def test_labels_that_are_called_otherwise() -> None:
    old, new = classifier("old_labels"), classifier("other_labels")
    first = new.projection.weight.detach().clone()
    assert copy_head(new, old, {"w": "b"})[-1] == "projection.bias"
    assert torch.equal(new.projection.weight[1], old.projection.weight[1])
    assert torch.equal(new.projection.weight[0], first[0])


def test_strange_labels_leave_the_last_layer_new() -> None:
    old, new = classifier("old_labels"), classifier("other_labels")
    first = new.projection.weight.detach().clone()
    assert copy_head(new, old, {}) == ["pooler.weight", "pooler.bias"]
    assert torch.equal(new.projection.weight, first)


def test_what_could_be_of_single_labels_stays_new_where_these_differ() -> None:
    old = TaggerHead(VOCAB, 4, "old_labels", crf=True)
    new = TaggerHead(VOCAB, 4, "new_labels", crf=True)
    torch.nn.init.normal_(old.chain.transitions)
    assert copy_head(new, old, {}) == ["projection.weight", "projection.bias"]
    assert not new.chain.transitions.any()
    same = TaggerHead(VOCAB, 4, "same_labels", crf=True)
    copy_head(same, old, {})
    assert torch.equal(same.chain.transitions, old.chain.transitions)


def test_other_sizes_and_other_heads_fit_nowhere() -> None:
    assert copy_head(classifier("old_labels"), classifier("old_labels", dim=6), {}) == []
    regressor = TextRegressorHead(VOCAB, 4)
    assert copy_head(regressor, classifier("old_labels"), {}) == ["pooler.weight", "pooler.bias"]
