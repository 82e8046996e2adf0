"""Span scores against counting by hand, sets, and seqeval."""

from typing import Any

import pytest
import torch
from allennlp.training.metrics import Metric
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.modules.span_tags import SpanTags
from allennlp_heads.training.metrics import SpanScores, span_counts

LABELS = ["LOC", "PER"]
PREDICTED = torch.tensor([[[0, 1, 0], [3, 3, 1]], [[0, 0, 1], [-1, -1, -1]]])
GOLD = torch.tensor([[[0, 1, 0], [3, 3, 0], [5, 6, 1]], [[0, 0, -1], [-1, -1, -1], [-1, -1, -1]]])


def test_by_hand():
    counts = span_counts(PREDICTED, GOLD, 2)
    assert counts[0].tolist() == [[1, 1, 2], [0, 1, 1], [0, 0, 0]]
    assert counts[1].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]
    metric: Any = Metric.by_name("span_scores")(LABELS, per_label=True)
    metric(counts)
    expected = {"precision": 1 / 3, "recall": 1 / 4, "f1": 2 / 7}
    expected |= {"precision-LOC": 1.0, "recall-LOC": 1 / 2, "f1-LOC": 2 / 3}
    expected |= {"precision-PER": 0.0, "recall-PER": 0.0, "f1-PER": 0.0}
    assert metric.get_metric() == pytest.approx(expected)
    # Batches are added up, spans (not batches) weigh the same, and a reset forgets.
    metric(counts[:1])
    assert metric.get_metric(reset=True)["recall"] == pytest.approx(2 / 7)
    assert set(metric.get_metric().values()) == {0.0}


def rows(num_labels: int, lowest: int = 0) -> Any:
    span = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(lowest, num_labels - 1))
    return st.lists(span, max_size=8)


@given(st.lists(st.tuples(rows(2), rows(2, -1)), min_size=1, max_size=3))
def test_counts_are_those_of_sets(examples):
    padded: list[torch.Tensor] = []
    for spans in zip(*examples):
        width = max(map(len, spans))
        both = [[list(span) for span in row] + [[-1] * 3] * (width - len(row)) for row in spans]
        padded.append(torch.tensor(both, dtype=torch.long).view(len(spans), width, 3))
    counts = span_counts(padded[0], padded[1], 2)
    for row, (predicted, gold) in enumerate(examples):
        for label in (0, 1, -1):
            said = {span for span in predicted if span[2] == label}
            there = {span for span in gold if span[2] == label}
            expected = [len(said & there), len(said), len(there)]
            assert counts[row, label].tolist() == expected


def test_more_columns():
    """As of arguments, which have a predicate too."""
    predicted = torch.tensor([[[4, 0, 1, 1], [4, 2, 2, 0]]])
    gold = torch.tensor([[[4, 0, 1, 1], [5, 2, 2, 0]]])
    assert span_counts(predicted, gold, 2).sum(1).tolist() == [[1, 2, 2]]


@pytest.mark.parametrize("coding", ["BIO", "BIOES"])
def test_random_tags_as_seqeval_scores_them(coding):
    reason = "the development extra has it; it is the usual scorer of named entities"
    seqeval = pytest.importorskip("seqeval.metrics", reason=reason)
    tags = ["O", *(f"{letter}-{label}" for label in LABELS for letter in coding if letter != "O")]
    generator = torch.Generator().manual_seed(0)
    gold = torch.randint(0, len(tags), (200, 12), generator=generator)
    change = torch.rand(200, 12, generator=generator) < 0.2
    predicted = torch.where(
        change, torch.randint(0, len(tags), (200, 12), generator=generator), gold
    )
    lengths = torch.randint(1, 13, (200, 1), generator=generator)
    _check_seqeval(seqeval, tags, predicted, gold, torch.arange(12)[None, :] < lengths)


@pytest.mark.parametrize("name", ["wnut17", "ewt"])
def test_real_tags_as_seqeval_scores_them(heads_data, name):
    """Predictions are the gold tags with one in ten forgotten or moved to the next word."""
    reason = "the development extra has it; it is the usual scorer of named entities"
    seqeval = pytest.importorskip("seqeval.metrics", reason=reason)
    sentences = _column(sorted((heads_data / name).glob("dev*ner*" if name == "ewt" else "*dev*")))
    tags = sorted({tag for sentence in sentences for tag in sentence})
    width = max(map(len, sentences))
    mask = torch.tensor([[i < len(sentence) for i in range(width)] for sentence in sentences])
    gold = torch.tensor(
        [[tags.index(tag) for tag in row] + [0] * (width - len(row)) for row in sentences]
    )
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(gold.shape, generator=generator)
    predicted = torch.where(noise < 0.1, tags.index("O"), gold)
    predicted = torch.where(noise > 0.9, predicted.roll(1, -1), predicted)
    scores = _check_seqeval(seqeval, tags, predicted, gold, mask)
    assert 0.5 < scores["f1"] < 0.9


def _column(paths: Any) -> list[list[str]]:
    """The last columns of a file of one word a line, without lines that mark documents."""
    sentences: list[list[str]] = [[]]
    for line in paths[0].read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("-DOCSTART-"):
            sentences[-1].append(line.split()[-1])
        elif sentences[-1]:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _check_seqeval(seqeval: Any, tags: Any, predicted: Any, gold: Any, mask: Any) -> Any:
    reader = SpanTags(tags)
    metric = SpanScores(reader.labels, per_label=True)
    counts = span_counts(reader(predicted, mask), reader(gold, mask), len(reader.labels))
    for start in range(0, len(counts), 64):
        metric(counts[start : start + 64])
    lengths = mask.sum(-1).tolist()
    named = [
        [[tags[tag] for tag in row[:length]] for row, length in zip(rows.tolist(), lengths)]
        for rows in (gold, predicted)
    ]
    report = seqeval.classification_report(*named, output_dict=True, zero_division=0)
    scores = metric.get_metric()
    for label, suffix in [("micro avg", ""), *((label, f"-{label}") for label in reader.labels)]:
        theirs = report[label]
        ours = [scores[f"{name}{suffix}"] for name in ("precision", "recall", "f1")]
        assert ours == pytest.approx([theirs[n] for n in ("precision", "recall", "f1-score")])
    return scores
