"""Labels of words from trees, by both readers that have trees."""

from pathlib import Path

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Vocabulary
from nltk import Tree

from allennlp_heads.data.chunks import chunks
from allennlp_heads.data.dataset_readers import BracketedTreesReader, OntonotesReader
from allennlp_heads.data.dataset_readers.tree_views import TREE_VIEWS
from allennlp_heads.data.span_codings import tags_of_spans
from allennlp_heads.data.tree_labels import LEVELS, ancestor_labels
from tests.data.dataset_readers.writers import value

TREE = (
    "( (S (NP-SBJ (NNP Anna) (POS 's) (NN dog)) (VP (VBD saw) (NP (-NONE- *T*))"
    " (NP-2 (-LRB- -LRB-) (NNS cats))) (. .)))\n"
)
TAGS = {
    "parent": ["NP", "NP", "NP", "VP", "NP", "NP", "S"],
    "gparent": ["S", "S", "S", "S", "VP", "VP", "TOP"],
    "ggparent": ["TOP", "TOP", "TOP", "TOP", "S", "S", "TOP"],
    "chunk": ["B-NP", "I-NP", "I-NP", "B-VP", "O", "B-NP", "O"],
}


@pytest.fixture
def treebank(tmp_path: Path) -> Path:
    path = tmp_path / "a.mrg"
    path.write_text(TREE)
    return path


@pytest.mark.parametrize("view", TREE_VIEWS)
def test_views(treebank: Path, view: str) -> None:
    options = {"coding": "BIO"} if view == "chunk" else {}
    [instance] = BracketedTreesReader(view, **options).read(treebank)
    assert set(instance.fields) == {"tokens", "tags", "metadata"}
    assert value(instance, "tokens") == ["Anna", "'s", "dog", "saw", "(", "cats", "."]
    assert value(instance, "tags") == TAGS[view]
    assert value(instance, "metadata")["pos"][4] == "-LRB-"
    # labels have a namespace of the view's own
    vocab = Vocabulary.from_instances([instance])
    assert set(vocab.get_token_to_index_vocabulary(f"{view}_labels")) >= set(TAGS[view])


def test_chunks_as_spans_and_in_another_code(treebank: Path) -> None:
    [instance] = BracketedTreesReader("chunk").read(treebank)
    assert value(instance, "spans") == [(0, 2, "NP"), (3, 3, "VP"), (5, 5, "NP")]
    [instance] = BracketedTreesReader("chunk", coding="BIOES").read(treebank)
    assert value(instance, "tags") == ["B-NP", "I-NP", "E-NP", "S-VP", "O", "S-NP", "O"]


def test_function_tags_where_they_are_kept(treebank: Path) -> None:
    [instance] = BracketedTreesReader("parent", remove_function_tags=False).read(treebank)
    assert value(instance, "tags")[0] == "NP-SBJ"
    [instance] = BracketedTreesReader("chunk", remove_function_tags=False).read(treebank)
    assert value(instance, "spans")[0] == (0, 2, "NP")


@pytest.mark.parametrize("view", ["con", "pos", "parent"])
def test_a_coding_where_there_is_none(view: str) -> None:
    with pytest.raises(ConfigurationError, match=f"for the view 'chunk', not '{view}'"):
        BracketedTreesReader(view, coding="BIO")


def test_a_mistake_in_the_file_is_named(treebank: Path) -> None:
    treebank.write_text(TREE + "(TOP (NP a))\n(TOP (NP a b))")
    with pytest.raises(ConfigurationError, match="a.mrg:3: "):
        list(BracketedTreesReader("ggparent").read(treebank))


@pytest.mark.parametrize("view", TREE_VIEWS)
@pytest.mark.parametrize("name", ["bracketed_trees", "ontonotes"])
def test_from_params(name: str, view: str) -> None:
    reader = DatasetReader.from_params(Params({"type": name, "view": view}))
    assert isinstance(reader, (BracketedTreesReader, OntonotesReader))
    assert reader.label_namespace == f"{view}_labels"


@pytest.mark.parametrize("view", TREE_VIEWS)
@pytest.mark.parametrize("split", ["dev", "test"])
def test_both_readers_say_the_same(heads_data: Path, split: str, view: str) -> None:
    """The two files hold the same trees; the labels are those of the trees as nltk reads them."""
    folder = heads_data / "ewt"
    name = "spans" if view == "chunk" else "tags"
    brackets = BracketedTreesReader(view).read(folder / f"{split}.mrg")
    columns = OntonotesReader(view).read(folder / f"{split}.gold_conll")
    lines = (folder / f"{split}.mrg").read_text("utf-8").splitlines()
    for one, other, line in zip(brackets, columns, lines, strict=True):
        tree = Tree.fromstring(line)
        expected = chunks(tree) if view == "chunk" else ancestor_labels(tree, LEVELS[view])
        assert value(one, name) == value(other, name) == expected


def test_coded_chunks_of_ontonotes(heads_data: Path) -> None:
    path = heads_data / "ewt" / "dev.gold_conll"
    spans = OntonotesReader("chunk").read(path)
    for one, coded in zip(spans, OntonotesReader("chunk", coding="BIO").read(path), strict=True):
        size = len(value(one, "tokens"))
        assert value(coded, "tags") == tags_of_spans(value(one, "spans"), size)
