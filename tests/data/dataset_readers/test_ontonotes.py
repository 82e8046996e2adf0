import gzip
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Instance, Vocabulary
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allennlp_heads.data.dataset_readers import OntonotesReader
from allennlp_heads.data.ptb_escapes import plain_word
from allennlp_heads.data.span_codings import tags_of_spans
from allennlp_heads.data.trees import bracketed, normalized
from tests.data.dataset_readers.ontonotes_files import (
    Sentence,
    document,
    plain_sentence,
    sentences,
    write,
)
from tests.data.dataset_readers.writers import predicate_columns, tree_of, value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corpus=st.lists(sentences(), min_size=1, max_size=3),
    gap=st.sampled_from([" ", "\t", "    "]),
    verbs=st.booleans(),
    undo=st.booleans(),
)
def test_round_trip(
    tmp_path: Path, corpus: list[Sentence], gap: str, verbs: bool, undo: bool
) -> None:
    path = tmp_path / "x.gold_conll"
    path.write_bytes("".join(write(one, gap=gap, verbs=verbs) for one in corpus).encode())
    views = {
        view: list(OntonotesReader(view, undo_escapes=undo).read(path))
        for view in ("pos", "ner", "con", "srl")
    }
    for number, one in enumerate(corpus):
        pos, ner, con, srl = (views[view][number] for view in ("pos", "ner", "con", "srl"))
        words = [plain_word(word) for word in one.words] if undo else one.words
        assert value(pos, "tokens") == value(pos, "metadata")["words"] == words
        assert value(pos, "tags") == one.pos
        assert value(ner, "spans") == one.names
        tree = normalized(one.tree)  # labels without function tags
        assert tree_of(con, one.words) == tree
        assert value(con, "metadata")["tree"] == bracketed(tree)
        assert [place for place, mark in enumerate(value(srl, "predicates")) if mark] == [
            *one.propositions
        ]
        assert value(srl, "arguments") == [
            (place, *span) for place, spans in one.propositions.items() for span in spans
        ]


def _read(path: Path | str, **options: Any) -> list[Instance]:
    return list(OntonotesReader(**options).read(path))


def _words(instances: Iterable[Instance]) -> list[str]:
    return [" ".join(value(instance, "tokens")) for instance in instances]


def _folder(root: Path, *names: str, words: str = "abc") -> None:
    for name, word in zip(names, words, strict=True):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        opener = gzip.open if name.endswith("gz") else open
        with opener(path, "wt") as file:
            file.write(document(word, write(plain_sentence(word))))  # type: ignore[operator]


def test_official_layout(tmp_path: Path) -> None:
    _folder(
        tmp_path,
        "data/english/annotations/bc/cctv/00/cctv_0000.v4_gold_conll",
        "data/english/annotations/bc/cctv/00/cctv_0001.v4_gold_conll.gz",
        "data/english/annotations/wb/a2e/00/a2e_0000.gold_conll",
    )
    _folder(tmp_path, "data/english/annotations/bc/cctv/00/cctv_0000.v4_auto_conll", words="x")
    assert _words(_read(tmp_path)) == ["a", "b", "c"]
    assert _words(_read(f"{tmp_path}/**/bc/**/*gold_conll")) == ["a"]


def test_parts_and_documents(tmp_path: Path) -> None:
    path = tmp_path / "x.gold_conll"
    first, second = (write(plain_sentence(word), "bc/x") for word in "ab")
    path.write_text(document("bc/x", first) + document("bc/x", second.replace("bc/x 0", "bc/x 1")))
    found = [value(one, "metadata") for one in _read(path)]
    assert [(one["document"], one["part"]) for one in found] == [("bc/x", "0"), ("bc/x", "1")]


DOCUMENTS = {
    "neither": [plain_sentence("a"), plain_sentence("b")],
    "names": [plain_sentence("c"), plain_sentence("d", names=[(0, 0, "PER")])],
    "predicates": [plain_sentence("e", predicates=1), plain_sentence("f")],
    "both": [plain_sentence("g", predicates=1), plain_sentence("h", names=[(0, 0, "PER")])],
}


@pytest.fixture()
def mixed(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.gold_conll"
    path.write_text(
        "".join(
            document(name, *(write(one, name) for one in corpus))
            for name, corpus in DOCUMENTS.items()
        )
    )
    return path


@pytest.mark.parametrize(
    "names, propositions, expected",
    [
        (False, False, "abcdefgh"),
        (True, False, "cdgh"),
        (False, True, "efgh"),
        (True, True, "gh"),
    ],
)
@pytest.mark.parametrize("limit", [None, 1])
def test_only_annotated_documents(
    mixed: Path, names: bool, propositions: bool, expected: str, limit: int | None
) -> None:
    found = _read(
        mixed,
        view="ner",
        only_documents_with_names=names,
        only_documents_with_propositions=propositions,
        max_instances=limit,
    )
    assert _words(found) == list(expected)[:limit]


def test_left_out_documents_are_logged(mixed: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _read(mixed, view="ner", only_documents_with_names=True)
    assert "view ner: 2 of 4 documents left out" in caplog.text


def test_documents_of_one_name_in_two_files_are_two(tmp_path: Path) -> None:
    for name, corpus in [("a", DOCUMENTS["neither"]), ("b", DOCUMENTS["names"])]:
        (tmp_path / f"{name}.gold_conll").write_text("".join(write(one) for one in corpus))
    assert _words(_read(tmp_path, only_documents_with_names=True)) == ["c", "d"]


@pytest.mark.parametrize("coding", ["BIO", "BIOES"])
def test_names_as_tags(tmp_path: Path, coding: str) -> None:
    path = tmp_path / "x.gold_conll"
    names = [(0, 1, "PER"), (2, 2, "ORG")]
    path.write_text(write(plain_sentence("a", "b", "c", "d", names=names)))
    instance = _read(path, view="ner", coding=coding)[0]
    assert value(instance, "tags") == tags_of_spans(names, 4, coding)
    assert "spans" not in instance.fields
    assert vars(OntonotesReader("ner", coding=coding))["label_namespace"] == "ner_labels"


def _columns(*rows: str) -> str:
    """Rows of `NE [predicates..]` with all other columns filled."""
    lines = []
    for place, row in enumerate(rows):
        frame = "01" if row.endswith("!") else "-"
        lines.append(f"d 0 {place} w X * do {frame} - - {row.rstrip('! ')} -\n")
    return "".join(lines) + "\n"


def test_verbs_of_several_words_and_their_continuation(tmp_path: Path) -> None:
    path = tmp_path / "x.gold_conll"
    path.write_text(_columns("* (ARG0*)", "* (V*", "* *) !", "* (C-V*)", "* (ARG1*)"))
    instance = _read(path, view="srl")[0]
    assert value(instance, "predicates") == [0, 0, 1, 0, 0]
    assert value(instance, "arguments") == [(2, 0, 0, "ARG0"), (2, 4, 4, "ARG1")]
    assert predicate_columns(instance) == [["(ARG0*)", "*", "*", "*", "(ARG1*)"]]


def test_predicate_without_frameset(tmp_path: Path) -> None:
    path = tmp_path / "x.gold_conll"
    path.write_text(_columns("* (ARG0*)", "* (V*)"))
    assert value(_read(path, view="srl")[0], "predicates") == [0, 1]


def test_two_names_or_roles_in_one_place(tmp_path: Path) -> None:
    path = tmp_path / "x.gold_conll"
    path.write_text(_columns("(ORG(GPE*)) (V*) !", "(PER) (ARG1(ARG2*))"))
    assert value(_read(path, view="ner")[0], "spans") == [(0, 0, "ORG"), (1, 1, "PER")]
    assert value(_read(path, view="srl")[0], "arguments") == [(0, 1, 1, "ARG1")]


def test_predicates_in_a_batch(tmp_path: Path) -> None:
    path = tmp_path / "x.gold_conll"
    path.write_text(
        write(plain_sentence("a", "b", predicates=1)) + write(plain_sentence("c", "d", "e"))
    )
    reader = OntonotesReader("srl")
    batch = Batch([*reader.read(path)])
    for instance in batch.instances:
        reader.apply_token_indexers(instance)
    batch.index_instances(Vocabulary.from_instances(batch.instances))
    tensors: Any = batch.as_tensor_dict()
    assert tensors["predicates"].tolist() == [[1, 0, 0], [0, 0, 0]]
    assert tensors["arguments"].shape == (2, 0, 4)


def test_for_prediction() -> None:
    reader = OntonotesReader("srl")
    instance = reader.text_to_instance(words=["a", "b"], predicates=[1])
    assert value(instance, "predicates") == [0, 1]
    assert set(instance.fields) == {"tokens", "metadata", "predicates"}
    words_only = OntonotesReader("con").text_to_instance(words=["a"], pos=["X"])
    assert value(words_only, "metadata") == {"words": ["a"], "pos": ["X"]}
    assert set(words_only.fields) == {"tokens", "metadata"}
    with pytest.raises(ConfigurationError, match="predicate 2 is no word of the sentence: 0 to 1"):
        reader.text_to_instance(words=["a", "b"], predicates=[2])
    with pytest.raises(ConfigurationError, match="at least one word"):
        reader.text_to_instance(words=[])


def test_from_params() -> None:
    params = {"type": "ontonotes", "view": "srl", "only_documents_with_propositions": True}
    reader = DatasetReader.from_params(Params({**params, "label_namespace": "roles"}))
    assert isinstance(reader, OntonotesReader) and reader.label_namespace == "roles"
    with pytest.raises(ConfigurationError, match="'view' is 'dep', but must be one of pos, ner"):
        DatasetReader.from_params(Params({"type": "ontonotes", "view": "dep"}))
    with pytest.raises(ConfigurationError, match="'coding' is 'IOB1', but must be one of spans"):
        OntonotesReader("ner", coding="IOB1")
