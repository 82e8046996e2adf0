"""All files of `ewt`: read, made instances, and written again from the instances alone."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from nltk import Tree

from allennlp_heads.data.dataset_readers import (
    BioColumnsReader,
    BracketedTreesReader,
    ConlluReader,
    OntonotesReader,
)
from allennlp_heads.data.ptb_escapes import plain_word
from allennlp_heads.data.span_codings import spans_of_tags, tags_of_spans
from allennlp_heads.data.trees import bracketed
from tests.data.dataset_readers.writers import (
    cells,
    predicate_columns,
    tree_cells,
    tree_of,
    value,
)

SPLITS = ["train", "dev", "test"]
SENTENCES = {"train": 2000, "dev": 500, "test": 500}
TOKENS = {"train": 31672, "dev": 6363, "test": 6055}
ENTITIES = {
    "train": {"PER": 464, "LOC": 484, "ORG": 288},
    "dev": {"PER": 79, "LOC": 136, "ORG": 54},
    "test": {"PER": 111, "LOC": 83, "ORG": 86},
}
CONSTITUENTS = {"train": 27343, "dev": 5469, "test": 5149}
WNUT17 = {"train": (3394, 1975), "dev": (1009, 836), "test": (1287, 1079)}
PREDICATES = {"train": 6208, "dev": 1232, "test": 1159}
# the README counts the C-V too, of which there are 17, 4 and 5
ARGUMENTS = {"train": 12473 - 17, "dev": 2352 - 4, "test": 2277 - 5}

pytestmark = pytest.mark.parametrize("split", SPLITS)


def _columns(path: Path, separator: str, comment: str = "#") -> Iterator[list[list[str]]]:
    """The columns of each sentence, cut without any code of the readers."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(comment)]
        if lines:
            yield [list(column) for column in zip(*(line.split(separator) for line in lines))]


def _without_verb(column: list[str]) -> list[str]:
    """A predicate's column with `(V*` and `(C-V*` rubbed out; they never nest."""
    kept, inside = [], False
    for cell in column:
        inside = inside or cell.startswith(("(V*", "(C-V*"))
        kept.append("*" if inside else cell)
        inside = inside and ")" not in cell
    return kept


@pytest.mark.parametrize("view", ["pos", "ner", "con", "srl"])
def test_ontonotes(heads_data: Path, split: str, view: str) -> None:
    path = heads_data / "ewt" / f"{split}.gold_conll"
    instances = list(OntonotesReader(view, undo_escapes=False).read(path))
    columns = list(_columns(path, " "))
    assert len(instances) == len(columns) == SENTENCES[split]
    for instance, (document, part, _, words, pos, parse, *rest) in zip(instances, columns):
        length = len(words)
        metadata = value(instance, "metadata")
        assert value(instance, "tokens") == metadata["words"] == words
        assert [metadata["document"], metadata["part"]] == [document[0], part[0]]
        assert metadata["pos"] == pos
        if view == "pos":
            assert value(instance, "tags") == pos
        elif view == "ner":
            assert cells(value(instance, "spans"), length, star_in_one_word=False) == rest[4]
        elif view == "con":
            assert tree_cells(tree_of(instance, words)) == parse
            assert tree_cells(Tree.fromstring(metadata["tree"])) == parse
        else:
            assert predicate_columns(instance) == [_without_verb(one) for one in rest[5:-1]]
            assert value(instance, "predicates") == [int(cell != "-") for cell in rest[1]]


@pytest.mark.parametrize("coding", ["BIO", "spans"])
def test_bio_columns(heads_data: Path, split: str, coding: str) -> None:
    path = heads_data / "ewt" / f"{split}.ner.conll"
    columns = list(_columns(path, " ", comment="-DOCSTART-"))
    instances = list(BioColumnsReader(coding=coding).read(path))
    assert len(instances) == len(columns)
    for instance, (words, _, _, tags) in zip(instances, columns):
        assert value(instance, "tokens") == words
        found = value(instance, "spans" if coding == "spans" else "tags")
        assert (tags_of_spans(found, len(words)) if coding == "spans" else found) == tags


def test_bracketed_trees(heads_data: Path, split: str) -> None:
    path = heads_data / "ewt" / f"{split}.mrg"
    lines = path.read_text(encoding="utf-8").splitlines()
    instances = list(BracketedTreesReader("con", undo_escapes=False).read(path))
    tagged = list(BracketedTreesReader("pos").read(path))
    assert len(instances) == len(tagged) == len(lines)
    for instance, tags, line in zip(instances, tagged, lines):
        assert value(instance, "metadata")["tree"] == line
        assert bracketed(tree_of(instance, value(instance, "tokens"))) == line
        assert value(tags, "tags") == value(instance, "metadata")["pos"]


def test_conllu(heads_data: Path, split: str) -> None:
    path = heads_data / "ewt" / f"{split}.conllu"
    views = {view: ConlluReader(view).read(path) for view in ("upos", "xpos", "dependency")}
    rows = (
        [row for row in zip(*columns) if row[0].isdecimal()] for columns in _columns(path, "\t")
    )
    for upos, xpos, tree, sentence in zip(*views.values(), rows, strict=True):
        rebuilt = zip(
            value(tree, "tokens"),
            value(upos, "tags"),
            value(xpos, "tags"),
            map(str, value(tree, "head_indices")),
            value(tree, "head_tags"),
            strict=True,
        )
        assert list(rebuilt) == [(row[1], row[3], row[4], row[6], row[7]) for row in sentence]


def test_all_formats_have_the_same_sentences(heads_data: Path, split: str) -> None:
    folder = heads_data / "ewt"
    conllu = ConlluReader().read(folder / f"{split}.conllu")
    others = [
        OntonotesReader("ner").read(folder / f"{split}.gold_conll"),
        BracketedTreesReader().read(folder / f"{split}.mrg"),
        BioColumnsReader(coding="spans").read(folder / f"{split}.ner.conll"),
    ]
    tokens = 0
    for dependencies, names, tree, entities in zip(conllu, *others, strict=True):
        words = value(dependencies, "tokens")
        tokens += len(words)
        assert value(entities, "tokens") == words
        # UD has typographic quotes, which the two others make plain
        plain = [plain_word(word) for word in words]
        assert value(names, "tokens") == value(tree, "tokens") == plain
        assert value(names, "spans") == value(entities, "spans")
    assert tokens == TOKENS[split]


def test_counts(heads_data: Path, split: str) -> None:
    """The figures of the data's own README."""
    path = heads_data / "ewt" / f"{split}.gold_conll"
    names = [span for one in OntonotesReader("ner").read(path) for span in value(one, "spans")]
    assert Counter(label for _, _, label in names) == ENTITIES[split]
    propositions = list(OntonotesReader("srl").read(path))
    assert sum(len(value(one, "arguments")) for one in propositions) == ARGUMENTS[split]
    assert sum(sum(value(one, "predicates")) for one in propositions) == PREDICATES[split]
    trees = [tree_of(one, value(one, "tokens")) for one in OntonotesReader("con").read(path)]
    brackets = sum(cell.count("(") for tree in trees for cell in tree_cells(tree))
    # the README does not count the roots
    assert brackets - len(trees) == CONSTITUENTS[split]


@pytest.mark.parametrize("coding", ["BIO", "BIOES", "spans"])
def test_wnut17(heads_data: Path, split: str, coding: str) -> None:
    """A second layout: tabs, and words that begin with `#`."""
    path = heads_data / "wnut17" / f"{split}.conll"
    instances = list(BioColumnsReader(separator="\t", coding=coding).read(path))
    columns = list(_columns(path, "\t", comment="no comment"))
    assert len(instances) == len(columns) == WNUT17[split][0]
    entities = 0
    for instance, (words, tags) in zip(instances, columns, strict=True):
        assert value(instance, "tokens") == words
        found = value(instance, "spans" if coding == "spans" else "tags")
        spans = found if coding == "spans" else spans_of_tags(found)
        assert tags_of_spans(spans, len(words)) == tags
        entities += len(spans)
    assert entities == WNUT17[split][1]
