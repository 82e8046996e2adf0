"""Spans as people read them."""

import torch

from allennlp_heads.models.heads.readable_spans import readable_span_batch, readable_spans

WORDS = ["the", "old", "dog"]


def test_by_hand():
    assert readable_spans(WORDS, [(1, 2, "NP"), (0, 0, "D")]) == [
        {"start": 1, "end": 2, "label": "NP", "text": "old dog"},
        {"start": 0, "end": 0, "label": "D", "text": "the"},
    ]
    assert readable_spans(None, [(0, 0, "D")]) == [{"start": 0, "end": 0, "label": "D"}]
    assert readable_spans(WORDS, []) == []


def test_a_batch_by_hand():
    spans = torch.tensor([[[0, 1, 1], [-1, -1, -1]], [[-1] * 3, [-1] * 3], [[0, 0, 0], [1, 1, 1]]])
    words = [WORDS, [], ["a", "b"]]
    readable = readable_span_batch(words, spans, ["D", "NP"])
    assert readable == [
        readable_spans(WORDS, [(0, 1, "NP")]),
        [],
        readable_spans(["a", "b"], [(0, 0, "D"), (1, 1, "NP")]),
    ]
    assert "text" not in readable_span_batch(None, spans, ["D", "NP"])[0][0]
