"""Every reader, on files that are a little wrong: one line that says where, or instances."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.data.dataset_readers import (
    AgPairReader,
    BioColumnsReader,
    BracketedTreesReader,
    ConlluReader,
    DelimitedTextReader,
    GlueReader,
    OntonotesReader,
    SquadJsonReader,
)
from allennlp_heads.data.dataset_readers.bracketed_trees import VIEWS as TREES
from allennlp_heads.data.dataset_readers.conllu import VIEWS as TREEBANKS
from allennlp_heads.data.dataset_readers.ontonotes import VIEWS as ONTONOTES
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer
from tests.conftest import ROOT
from tests.fuzz.mutations import changed_bytes, changed_json

Readers = Callable[[Any], list[DatasetReader]]

DATA = ROOT / "fixtures"
ROWS = '"3","Fears, again","Short-sellers, \\ band"\n"4","A ""b""","c\nd"\n' * 4
SQUAD: dict[str, Any] = {
    "version": "v2.0",
    "data": [
        {
            "title": "Dog",
            "paragraphs": [
                {
                    "context": "The old dog saw a small cat in the garden.",
                    "qas": [
                        {
                            "id": "1",
                            "question": "who saw ?",
                            "answers": [{"text": "old dog", "answer_start": 4}],
                            "is_impossible": False,
                        },
                        {"id": "2", "question": "why ?", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
    ],
}


def _squad(tokenizer: TransformerPiecesTokenizer) -> SquadJsonReader:
    return SquadJsonReader(tokenizer, max_length=24, stride=4, max_question_length=8)


def _head(name: str, blocks: int = 2) -> bytes:
    return b"\n\n".join((DATA / name).read_bytes().split(b"\n\n")[:blocks]) + b"\n\n"


def _lines(name: str, lines: int = 3) -> bytes:
    return b"".join((DATA / name).read_bytes().splitlines(keepends=True)[:lines])


CASES: dict[str, tuple[str, list[bytes], Readers]] = {
    "conllu": (
        "x.conllu",
        [_head("ewt/train.conllu"), _head("formats/stanford.conllx")],
        lambda _: [ConlluReader(view) for view in TREEBANKS],
    ),
    "ontonotes": (
        "x.gold_conll",
        [_head("ewt/train.gold_conll"), _head("ewt/dev.gold_conll", 3)],
        lambda _: [
            *map(OntonotesReader, ONTONOTES),
            OntonotesReader("ner", "BIO", only_documents_with_names=True),
            OntonotesReader("srl", only_documents_with_propositions=True),
        ],
    ),
    "bracketed_trees": (
        "x.mrg",
        [_lines("ewt/train.mrg"), _lines("ewt/dev.mrg", 12)],
        lambda _: [
            *map(BracketedTreesReader, TREES),
            BracketedTreesReader(remove_traces=False, remove_function_tags=False),
        ],
    ),
    "bio_columns": (
        "x.conll",
        [_head("ewt/train.ner.conll", 3)],
        lambda _: [
            BioColumnsReader(),
            BioColumnsReader(scheme="BIOES", coding="spans", strict=False),
            BioColumnsReader(scheme="plain", separator="\t", comment="#"),
        ],
    ),
    "glue": (
        "x.tsv",
        [_lines(f"glue/{name}/dev.tsv") for name in ("CoLA", "QQP", "STS-B", "RTE")],
        lambda tokenizer: [
            GlueReader(task, tokenizer) for task in ("cola", "qqp", "stsb", "rte", "ax")
        ],
    ),
    "delimited_text": (
        "x.csv",
        [ROWS.encode(), b'text,label\n"a, b",1\nc,2\n', b'{"text": "a", "label": 1}\n' * 2],
        lambda tokenizer: [
            DelimitedTextReader(tokenizer, format="csv"),
            DelimitedTextReader(tokenizer, format="jsonl"),
            DelimitedTextReader(tokenizer, text=[1, -1], label=0, format="csv", header=False),
            DelimitedTextReader(tokenizer, text=0, score=-1, format="tsv", header=False),
        ],
    ),
    "ag_pair": ("x.csv", [ROWS.encode()], lambda tokenizer: [AgPairReader(tokenizer)]),
    "squad_json": (
        "x.json",
        [json.dumps(SQUAD).encode()],
        lambda tokenizer: [_squad(tokenizer)],
    ),
}


def of_ours() -> set[str]:
    names = DatasetReader.list_available()
    classes = {name: DatasetReader.resolve_class_name(name)[0] for name in names}
    return {name for name, kind in classes.items() if kind.__module__.startswith("allennlp_heads.")}


def test_no_reader_is_left_out() -> None:
    assert set(CASES) == of_ours() - {"multitask_heads"}, "which reads by the others"


@pytest.fixture(scope="module")
def tokenizer(tiny_bert: str) -> TransformerPiecesTokenizer:
    return TransformerPiecesTokenizer(tiny_bert)


def read_or_refuse(reader: DatasetReader, path: Path) -> list[Instance] | None:
    """The instances; `None` where one line told the file, and where it could the line."""
    try:
        return list(reader.read(str(path)))
    except ConfigurationError as error:
        message = str(error)
        assert message.isprintable(), repr(message)
        assert re.match(rf"{re.escape(str(path))}(:\d+)?: .", message), message
        assert len(message) < 3000
    return None


@pytest.mark.parametrize("name", CASES)
def test_the_right_files_are_read(
    name: str, tmp_path: Path, tokenizer: TransformerPiecesTokenizer
) -> None:
    file, seeds, readers = CASES[name]
    for seed in seeds:
        (tmp_path / file).write_bytes(seed)
        read = [read_or_refuse(reader, tmp_path / file) for reader in readers(tokenizer)]
        assert any(read), f"no reader reads {seed!r}"


@pytest.mark.parametrize("name", CASES)
def test_files_that_are_a_little_wrong(
    name: str, tmp_path: Path, tokenizer: TransformerPiecesTokenizer
) -> None:
    file, seeds, make = CASES[name]
    readers = make(tokenizer)

    @settings(max_examples=settings.default.max_examples // 2)
    @given(content=changed_bytes(seeds), packed=st.sampled_from(["", "", "", ".gz"]))
    def check(content: bytes, packed: str) -> None:
        path = tmp_path / f"{file}{packed}"
        path.write_bytes(content)
        for reader in readers:
            read_or_refuse(reader, path)

    check()


def test_questions_that_are_a_little_wrong(
    tmp_path: Path, tokenizer: TransformerPiecesTokenizer
) -> None:
    reader = _squad(tokenizer)
    path = tmp_path / "x.json"

    @given(document=changed_json(SQUAD))
    def check(document: Any) -> None:
        path.write_text(json.dumps(document))
        try:
            list(reader.read(str(path)))
        except ConfigurationError as error:
            assert str(error).startswith(f"{path}:") and str(error).isprintable()

    check()
