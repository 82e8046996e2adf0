import itertools

import pytest
from allennlp.data.dataset_readers.dataset_utils.span_utils import (
    bio_tags_to_spans,
    bioul_tags_to_spans,
    iob1_tags_to_spans,
)
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.span_codings import (
    SCHEMES,
    Span,
    problem_with_tags,
    spans_of_tags,
    tags_of_spans,
)

LABELS = st.sampled_from(["PER", "ORG", "x-y", "-", "O"])


@st.composite
def flat_spans(draw: st.DrawFn) -> tuple[list[Span], int]:
    """Spans side by side, with gaps or without, and the length of their sentence."""
    spans: list[Span] = []
    end = 0
    for gap, width, label in draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), LABELS), max_size=5)
    ):
        spans.append((end + gap, end + gap + width - 1, label))
        end += gap + width
    return spans, end + draw(st.integers(0, 2))


@pytest.mark.parametrize(
    "scheme, expected",
    [
        ("IOB1", "I-A B-A I-A O I-B I-B I-B I-A"),
        ("BIO", "B-A B-A I-A O B-B I-B I-B B-A"),
        ("BIOES", "S-A B-A E-A O B-B I-B E-B S-A"),
        ("BIOUL", "U-A B-A L-A O B-B I-B L-B U-A"),
    ],
)
def test_by_hand(scheme: str, expected: str) -> None:
    spans = [(0, 0, "A"), (1, 2, "A"), (4, 6, "B"), (7, 7, "A")]
    assert tags_of_spans(spans[::-1], 8, scheme) == expected.split()
    assert spans_of_tags(expected.split()) == spans


@pytest.mark.parametrize("scheme", SCHEMES)
@given(drawn=flat_spans())
def test_round_trip(scheme: str, drawn: tuple[list[Span], int]) -> None:
    spans, length = drawn
    tags = tags_of_spans(spans, length, scheme)
    assert len(tags) == length
    assert problem_with_tags(tags, scheme) is None
    assert spans_of_tags(tags) == spans


@given(drawn=flat_spans())
def test_valid_tags_as_allennlp_reads_them(drawn: tuple[list[Span], int]) -> None:
    spans, length = drawn
    expected = sorted((label, (start, end)) for start, end, label in spans)
    assert sorted(bio_tags_to_spans(tags_of_spans(spans, length, "BIO"))) == expected
    assert sorted(iob1_tags_to_spans(tags_of_spans(spans, length, "IOB1"))) == expected
    assert sorted(bioul_tags_to_spans(tags_of_spans(spans, length, "BIOUL"))) == expected


def _sequences(letters: str) -> list[tuple[str, ...]]:
    tags = ["O", *(f"{letter}-{label}" for letter in letters for label in "AB")]
    return [one for length in range(4) for one in itertools.product(tags, repeat=length)]


def test_any_bio_tags_as_allennlp_reads_them() -> None:
    """AllenNLP's function says what it does with invalid tags: as the CoNLL scripts."""
    for tags in _sequences("BI"):
        expected = sorted((start, end, label) for label, (start, end) in bio_tags_to_spans([*tags]))
        assert spans_of_tags(tags) == expected, tags
        assert problem_with_tags(tags, "BIO", strict=False) is None


@pytest.mark.parametrize("scheme, letters", [("BIO", "BI"), ("BIOES", "BIES"), ("BIOUL", "BILU")])
def test_valid_is_what_some_spans_give(scheme: str, letters: str) -> None:
    for tags in _sequences(letters):
        is_valid = tuple(tags_of_spans(spans_of_tags(tags), len(tags), scheme)) == tags
        assert (problem_with_tags(tags, scheme) is None) == is_valid, tags


def test_valid_iob1() -> None:
    for tags in _sequences("BI"):
        is_valid = tuple(tags_of_spans(spans_of_tags(tags), len(tags), "IOB1")) == tags
        assert (problem_with_tags(tags, "IOB1") is None) == is_valid, tags


def test_against_seqeval() -> None:
    """Another implementation of the CoNLL script's reading, on every short sequence."""
    get_entities = pytest.importorskip("seqeval.metrics.sequence_labeling").get_entities
    for tags in [*_sequences("BI"), *_sequences("BIES")]:
        expected = [(start, end, label) for label, start, end in get_entities([*tags])]
        assert spans_of_tags(tags) == expected, tags


@pytest.mark.parametrize(
    "scheme, tags, place, reason",
    [
        ("BIO", "O I-A", 1, "'I-A' continues no span"),
        ("BIO", "B-A I-B", 1, "'I-B' continues no span"),
        ("BIO", "O E-A", 1, "'E-A' is no tag of BIO, which has 'O', 'B-<label>', 'I-<label>'"),
        ("BIO", "B", 0, "'B' is no tag"),
        ("BIO", "B-", 0, "'B-' is no tag"),
        ("BIO", "o", 0, "'o' is no tag"),
        ("IOB1", "I-A O B-A", 2, "'B-A' begins a span that 'I' begins in IOB1"),
        ("BIOES", "O B-A O", 1, "no tag ends the span of 'B-A'"),
        ("BIOES", "B-A I-A", 1, "no tag ends the span of 'I-A'"),
        ("BIOES", "B-A E-B", 0, "no tag ends the span of 'B-A'"),
        ("BIOES", "O E-A", 1, "'E-A' continues no span"),
        ("BIOUL", "S-A", 0, "'S-A' is no tag of BIOUL"),
    ],
)
def test_problems(scheme: str, tags: str, place: int, reason: str) -> None:
    found = problem_with_tags(tags.split(), scheme)
    assert found is not None and found[0] == place and reason in found[1]


@pytest.mark.parametrize("spans", [[(0, 1, "A"), (1, 2, "B")], [(0, 2, "A"), (1, 1, "A")]])
def test_overlaps_have_no_tags(spans: list[Span]) -> None:
    with pytest.raises(ValueError, match="overlaps another one"):
        tags_of_spans(spans, 3)


@pytest.mark.parametrize("span", [(-1, 0, "A"), (2, 3, "A"), (2, 1, "A")])
def test_spans_outside_of_the_sentence(span: Span) -> None:
    with pytest.raises(ValueError, match="not in a sentence of 3"):
        tags_of_spans([span], 3)
