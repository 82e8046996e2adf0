"""Spans of tags against other readings: AllenNLP's, those of the data readers, seqeval's."""

from itertools import product

import pytest
import torch
from allennlp.data.dataset_readers.dataset_utils.span_utils import (
    bio_tags_to_spans,
    bioul_tags_to_spans,
    bmes_tags_to_spans,
    iob1_tags_to_spans,
)

from allennlp_heads.data.span_codings import spans_of_tags
from allennlp_heads.modules.span_tags import SpanTags, is_tag_of

LETTERS = {"BIO": "BI", "IOB1": "BI", "BIOUL": "BILU", "BIOES": "BIES", "BMES": "BMES"}
THEIRS = {
    "BIO": bio_tags_to_spans,
    "IOB1": iob1_tags_to_spans,
    "BIOUL": bioul_tags_to_spans,
    "BIOES": lambda tags: bioul_tags_to_spans([_bioul(tag) for tag in tags]),
    "BMES": bmes_tags_to_spans,
}


def _bioul(tag: str) -> str:
    return {"E": "L", "S": "U"}.get(tag[0], tag[0]) + tag[1:]


def tags_of(coding: str) -> list[str]:
    typed = [f"{letter}-{label}" for label in "XY" for letter in LETTERS[coding]]
    return typed if coding == "BMES" else ["O", *typed]


def all_sequences(tags: list[str], words: int) -> list[tuple[str, ...]]:
    """Of all lengths up to `words`."""
    return [row for length in range(words + 1) for row in product(tags, repeat=length)]


def read(tags: list[str], sequences: list[tuple[str, ...]]) -> list[list[tuple]]:
    """All sequences in one batch, padded with the first tag."""
    reader = SpanTags(tags)
    words = max(map(len, sequences))
    rows = [[tags.index(tag) for tag in row] + [0] * (words - len(row)) for row in sequences]
    mask = [[place < len(row) for place in range(words)] for row in sequences]
    spans = reader(torch.tensor(rows), torch.tensor(mask))
    return [
        [(reader.labels[label], (start, end)) for start, end, label in row if start >= 0]
        for row in spans.tolist()
    ]


@pytest.mark.parametrize("coding", sorted(THEIRS))
def test_all_sequences_that_allennlp_reads(coding):
    tags = tags_of(coding)
    sequences = all_sequences(tags, 4)
    compared = 0
    for sequence, spans in zip(sequences, read(tags, sequences)):
        if coding not in ("BIO", "IOB1") and not _is_lawful(sequence):
            continue  # AllenNLP refuses it or joins words of different labels
        assert spans == sorted(THEIRS[coding](list(sequence)), key=lambda span: span[1]), sequence
        compared += 1
    assert compared > 80


def _is_lawful(sequence: tuple[str, ...]) -> bool:
    """In a coding whose spans have ends: an open span goes on, with the same label."""
    pairs = zip(("O", *sequence), (*sequence, "O"))
    return all(
        b[0] in "IMEL" and a[1:] == b[1:] if a[0] in "BIM" else b[0] in "OBSU" for a, b in pairs
    )


@pytest.mark.parametrize("coding", ["BIO", "IOB1", "BIOES", "BIOUL"])
def test_all_sequences_as_the_readers_read_them(coding):
    """Those that break the rules too."""
    tags = tags_of(coding)
    sequences = all_sequences(tags, 4)
    for sequence, spans in zip(sequences, read(tags, sequences)):
        expected = [(label, (start, end)) for start, end, label in spans_of_tags(sequence)]
        assert spans == expected, sequence


@pytest.mark.parametrize("coding", ["BIO", "IOB1", "BIOES"])
def test_all_sequences_as_seqeval_reads_them(coding):
    """Those that break the rules too."""
    reason = "the development extra has it; it is the usual scorer of named entities"
    seqeval = pytest.importorskip("seqeval.metrics.sequence_labeling", reason=reason)
    tags = tags_of(coding)
    sequences = all_sequences(tags, 4)
    for sequence, spans in zip(sequences, read(tags, sequences)):
        expected = [(label, (a, b)) for label, a, b in seqeval.get_entities(list(sequence))]
        assert spans == expected, sequence


def test_tags_without_labels():
    assert read(["O", "B", "I"], [("B", "I", "O", "I", "B")]) == [
        [("", (0, 1)), ("", (3, 3)), ("", (4, 4))]
    ]


def test_labels_with_hyphens_and_words_that_are_no_tags():
    tags = ["B-a-b", "I-a-b", "Other", "@@UNKNOWN@@"]
    assert read(tags, [tuple(tags), ("B-a-b", "Other")]) == [
        [("a-b", (0, 1))],
        [("a-b", (0, 0))],
    ]
    assert SpanTags(["O"]).labels == []


def test_tags_not_seen_in_training():
    reader = SpanTags(["O", "B-X", "I-X"])
    tags = torch.tensor([[-1, -1, 0, -1, 1, -1, 2, 2]])
    spans = reader(tags, torch.ones_like(tags).bool())
    assert spans.tolist() == [[[0, 1, -1], [3, 3, -1], [4, 4, 0], [5, 5, -1], [6, 7, 0]]]
    cut = reader(tags, torch.arange(8)[None, :] < 1)
    assert cut.tolist() == [[[0, 0, -1]]]


def test_no_words_and_no_spans():
    reader = SpanTags(["O", "B-X"])
    nothing = torch.zeros(2, 0, dtype=torch.long)
    assert reader(nothing, nothing.bool()).shape == (2, 0, 3)
    zeros = torch.zeros(2, 3, dtype=torch.long)
    assert reader(zeros, torch.ones(2, 3).bool()).shape == (2, 0, 3)


@pytest.mark.parametrize(
    "coding, tag, answer",
    [("BIO", "O", True), ("BIO", "B-X", True), ("IOB1", "I", True), ("BIOES", "E-X", True)]
    + [("BIO", "S-X", False), ("BIOUL", "E-X", False), ("BMES", "O", False), ("BIO", "", False)]
    + [("BIO", "O-X", False), ("BIO", "INTJ", False), ("BMES", "M-", True)],
)
def test_tags_of_a_coding(coding, tag, answer):
    assert is_tag_of(coding, tag) == answer


def test_nothing_of_it_is_saved():
    assert not SpanTags(["O", "B-X"]).state_dict()
