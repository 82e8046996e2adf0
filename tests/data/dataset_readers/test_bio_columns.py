from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allennlp_heads.data.dataset_readers import BioColumnsReader
from allennlp_heads.data.span_codings import SCHEMES, Span, tags_of_spans
from tests.data.dataset_readers.writers import value
from tests.data.test_span_codings import flat_spans


def _read(path: Path, **options: Any) -> list[Instance]:
    return list(BioColumnsReader(**options).read(path))


def _file(folder: Path, text: str) -> Path:
    path = folder / "x.conll"
    path.write_bytes(text.encode())
    return path


WORDS = ["#", "a\u00a0b", "-", "'s", "_", "O"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corpus=st.lists(flat_spans().filter(lambda drawn: drawn[1] > 0), min_size=1, max_size=3),
    scheme=st.sampled_from(SCHEMES),
    coding=st.sampled_from(["spans", "BIO", "BIOES"]),
    separator=st.sampled_from([" ", "\t", "  "]),
    word_column=st.integers(0, 2),
    tag_column=st.sampled_from([0, 1, 2, -1]),
    data=st.data(),
)
def test_round_trip(
    tmp_path: Path,
    corpus: list[tuple[list[Span], int]],
    scheme: str,
    coding: str,
    separator: str,
    word_column: int,
    tag_column: int,
    data: st.DataObject,
) -> None:
    if word_column == tag_column % 3:
        word_column = (word_column + 1) % 3
    text = "-DOCSTART- -X- O\n\n".replace(" ", separator)
    sentences = []
    for spans, length in corpus:
        words = [data.draw(st.sampled_from(WORDS)) for _ in range(length)]
        sentences.append(words)
        rows = [["x"] * 3 for _ in words]
        for row, word, tag in zip(rows, words, tags_of_spans(spans, length, scheme), strict=True):
            row[word_column], row[tag_column] = word, tag
        text += "".join(separator.join(row) + "\n" for row in rows) + "\n"
    instances = _read(
        _file(tmp_path, text),
        word_column=word_column,
        tag_column=tag_column,
        separator=data.draw(st.sampled_from([None, separator])),
        scheme=scheme,
        coding=coding,
    )
    for instance, words, (spans, length) in zip(instances, sentences, corpus, strict=True):
        assert value(instance, "tokens") == value(instance, "metadata")["words"] == words
        if coding == "spans":
            assert value(instance, "spans") == spans
        else:
            assert value(instance, "tags") == tags_of_spans(spans, length, coding)


@pytest.mark.parametrize(
    "name, scheme", [("IOB2", "BIO"), ("IOBES", "BIOES"), ("BILOU", "BIOUL"), ("IOB1", "IOB1")]
)
def test_names_of_schemes(name: str, scheme: str) -> None:
    assert BioColumnsReader(scheme=name).scheme == scheme


def test_words_with_blanks_need_a_separator(tmp_path: Path) -> None:
    path = _file(tmp_path, "New York\tB-LOC\n  \tO\n")
    assert value(_read(path, separator="\t")[0], "tokens") == ["New York", "  "]
    with pytest.raises(ConfigurationError, match=":2: 1 columns, but the sentence's first line"):
        _read(path)


def test_comments_are_an_option(tmp_path: Path) -> None:
    path = _file(tmp_path, "# id 1\n\n# id 2\na O\n#b B-X\n")
    instances = _read(path, comment="# ")
    assert [value(one, "tokens") for one in instances] == [["a", "#b"]]


def test_document_starts_are_no_sentences(tmp_path: Path) -> None:
    """Also without a blank line after them."""
    path = _file(tmp_path, "-DOCSTART- O\n\na O\n\n-DOCSTART- O\nb O\n")
    assert [value(one, "tokens") for one in _read(path)] == [["a"], ["b"]]
    assert len(_read(path, max_instances=1)) == 1


@pytest.mark.parametrize(
    "tags, scheme, repaired",
    [
        ("O I-A I-A", "BIO", "O B-A I-A"),
        ("B-A I-B O", "BIO", "B-A B-B O"),
        ("B-A B-A I-A", "IOB1", "B-A B-A I-A"),
        ("B-A I-A O", "BIOES", "B-A I-A O"),
        ("S-A I-A E-A", "BIOES", "B-A B-A I-A"),
    ],
)
def test_invalid_tags(tmp_path: Path, tags: str, scheme: str, repaired: str) -> None:
    path = _file(tmp_path, "".join(f"w {tag}\n" for tag in tags.split()))
    assert value(_read(path, scheme=scheme, strict=False)[0], "tags") == repaired.split()
    with pytest.raises(ConfigurationError, match=f"Is 'scheme' {scheme}. Set 'strict' to false"):
        _read(path, scheme=scheme)


GOOD = "a O\nb B-X\n\n"


@pytest.mark.parametrize(
    "text, options, line, problem",
    [
        ("a B-X\nb\n", {}, 5, "1 columns, but the sentence's first line has 2"),
        ("a O\nb X\n", {}, 5, "'X' is no tag of BIO"),
        ("a O\nb X\n", {"strict": False}, 5, "'X' is no tag of BIO"),
        ("a O\nb O\nc I-X\n", {}, 6, "'I-X' continues no span"),
        ("a B-X\n", {"scheme": "BIOES"}, 2, "no tag ends the span of 'B-X'"),
        ("a O\n", {"tag_column": 2}, 1, "there is no column 2 ('tag_column'), the line has 2"),
        ("a O\n", {"word_column": -3}, 1, "there is no column -3 ('word_column')"),
        ("a O\n", {"separator": ","}, 1, "both looked for in column 0 of 1; does 'separator'"),
        ("\tO\n", {"separator": "\t", "tag_column": 1}, 1, "there is no column 1"),
    ],
)
def test_errors(
    tmp_path: Path, text: str, options: dict[str, Any], line: int, problem: str
) -> None:
    path = _file(tmp_path, GOOD + text)
    with pytest.raises(ConfigurationError) as error:
        _read(path, **options)
    assert f"{path}:{line}: " in str(error.value)
    assert problem in str(error.value)


def test_empty_word(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=":2: column 0 has no word"):
        _read(_file(tmp_path, "a\tO\n\tO\n"), separator="\t")


def test_options(tmp_path: Path) -> None:
    reader = DatasetReader.from_params(Params({"type": "bio_columns", "scheme": "IOB1"}))
    assert isinstance(reader, BioColumnsReader) and reader.label_namespace == "ner_labels"
    with pytest.raises(ConfigurationError, match="'scheme' is 'BMES', but must be one of IOB1"):
        BioColumnsReader(scheme="BMES")
    with pytest.raises(ConfigurationError, match="'coding' is 'IOB2'"):
        BioColumnsReader(coding="IOB2")
    with pytest.raises(ConfigurationError, match="'comment' is empty"):
        BioColumnsReader(comment="")


def test_labels_that_are_not_of_spans(tmp_path: Path) -> None:
    path = _file(tmp_path, "Ms. N/N\nHaag N\nplays (S\\NP)/NP\n\nYes I-\n")
    instances = _read(path, scheme="plain", separator=" ", label_namespace="ccg_labels")
    assert [value(one, "tags") for one in instances] == [["N/N", "N", "(S\\NP)/NP"], ["I-"]]
    assert "spans" not in instances[0].fields
    bad = _file(tmp_path, "a X\nb \n")
    with pytest.raises(ConfigurationError, match="x.conll:2: column -1 has no label"):
        _read(bad, scheme="plain", separator=" ")
