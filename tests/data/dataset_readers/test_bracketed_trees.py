import gzip
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allennlp_heads.data.dataset_readers import BracketedTreesReader
from allennlp_heads.data.trees import bracketed, normalized, read_bracketed
from tests.data.dataset_readers.ontonotes_files import Sentence, sentences
from tests.data.dataset_readers.writers import tree_of, value

TREEBANK = """( (S
    (NP-SBJ-1 (NNP Ms.) (NNP Haag) )
    (VP (VBZ plays)
      (NP=2 (NNP Elianti) (-LRB- -LRB-))
      (S (NP-SBJ (-NONE- *-1) )
         (VP (-NONE- *?*))))
    (. .) ))
(TOP (NP (NN One)))(S1 (NP (NN Two)))

( (NP (-NONE- *) (-NONE- 0)) )
(X
(NN a\\/b))
"""
TREES = [
    "(TOP (S (NP (NNP Ms.) (NNP Haag)) (VP (VBZ plays) (NP (NNP Elianti) (-LRB- -LRB-))) (. .)))",
    "(TOP (NP (NN One)))",
    "(S1 (NP (NN Two)))",
    "(X (NN a\\/b))",
]


def _read(path: Path, **options: Any) -> list[Instance]:
    return list(BracketedTreesReader(**options).read(path))


def _trees(instances: list[Instance]) -> list[str]:
    return [value(instance, "metadata")["tree"] for instance in instances]


@pytest.fixture()
def treebank(tmp_path: Path) -> Path:
    path = tmp_path / "wsj.mrg"
    path.write_text(TREEBANK)
    return path


def test_treebank(treebank: Path) -> None:
    instances = _read(treebank)
    assert _trees(instances) == TREES
    assert value(instances[0], "tokens") == ["Ms.", "Haag", "plays", "Elianti", "(", "."]
    pos = ["NNP", "NNP", "VBZ", "NNP", "-LRB-", "."]
    assert value(instances[0], "metadata")["pos"] == pos
    tagged = _read(treebank, view="pos")
    assert value(tagged[0], "tags") == pos
    assert value(tagged[3], "tokens") == ["a/b"]
    assert "spans" not in tagged[0].fields


def test_traces_and_function_tags_kept(treebank: Path) -> None:
    with_traces = _read(treebank, remove_traces=False)
    assert len(with_traces) == 5
    assert "(S (NP (-NONE- *-1)) (VP (-NONE- *?*)))" in _trees(with_traces)[0]
    assert value(with_traces[0], "tokens")[-3:] == ["*-1", "*?*", "."]
    tagged = _trees(_read(treebank, remove_function_tags=False))[0]
    assert tagged.startswith("(TOP (S (NP-SBJ-1 (NNP Ms.)") and "(NP=2 " in tagged


def test_escapes_kept(treebank: Path) -> None:
    instances = _read(treebank, undo_escapes=False)
    assert value(instances[0], "tokens")[4] == "-LRB-"
    assert value(instances[3], "tokens") == ["a\\/b"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corpus=st.lists(sentences(), min_size=1, max_size=3),
    margin=st.sampled_from([0, 20, 10**6]),
    function_tags=st.booleans(),
)
def test_round_trip(
    tmp_path: Path, corpus: list[Sentence], margin: int, function_tags: bool
) -> None:
    trees = [read_bracketed(bracketed(one.tree)) for one in corpus]
    path = tmp_path / "x.mrg"
    lines = [tree.pformat(margin=margin) for tree in trees]
    path.write_bytes("\n".join(lines).encode())
    options = {"undo_escapes": False, "remove_function_tags": not function_tags}
    instances = _read(path, **options)
    expected = [normalized(tree, function_tags=function_tags) for tree in trees]
    assert _trees(instances) == [bracketed(tree) for tree in expected]
    for instance, tree in zip(instances, expected, strict=True):
        assert tree_of(instance, value(instance, "tokens")) == tree


@pytest.mark.parametrize(
    "text, line, problem",
    [
        ("(X (N a)))", 2, "')' is outside of all trees"),
        ("\nplain words", 3, "'plain words' is outside of all trees"),
        ("(X (N a)) b (X (N c))", 2, "'b' is outside of all trees"),
        ("(X (N a)\n\n(Y (N b)\n", 2, "the tree that starts here: 2 closing brackets are missing"),
        ("(X\n(N a b))", 2, "'N' has the children ['a', 'b']"),
        ("\n(X (N a)\n(Y))", 3, "'Y' has the children []"),
        ("(X a (N b))", 2, "'X' has the children ['a', "),
        ("()", 2, "has the children []"),
        ("( a)", 2, "'a' has the children []"),
        ("(X ((N a) (N b)))", 2, "the node above 'a b' has no label"),
    ],
)
@pytest.mark.parametrize("view", ["con", "pos"])
def test_errors(tmp_path: Path, text: str, line: int, problem: str, view: str) -> None:
    path = tmp_path / "bad.mrg"
    path.write_text("(TOP (X (N w)))\n" + text)
    with pytest.raises(ConfigurationError) as error:
        _read(path, view=view)
    assert f"{path}:{line}: " in str(error.value)
    assert problem in str(error.value)


def test_no_tree(tmp_path: Path) -> None:
    path = tmp_path / "empty.mrg"
    path.write_text("\n\n")
    with pytest.raises(ConfigurationError, match="empty.mrg:1: no tree in this file"):
        _read(path)


def test_lazy(treebank: Path) -> None:
    treebank.write_text(TREEBANK + ")")
    instances = BracketedTreesReader().read(treebank)
    assert _trees([next(instances) for _ in range(4)]) == TREES
    with pytest.raises(ConfigurationError):
        next(instances)


def test_folders(tmp_path: Path) -> None:
    for name, word in [("wsj/01/b.mrg", "b"), ("wsj/00/a.mrg", "a"), ("wsj/02/c.txt.gz", "c")]:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        opener = gzip.open if name.endswith("gz") else open
        with opener(path, "wt") as file:
            file.write(f"(TOP (N {word}))")  # type: ignore[operator]
    assert [value(one, "tokens") for one in _read(tmp_path)] == [["a"], ["b"], ["c"]]


def test_from_params() -> None:
    reader = DatasetReader.from_params(Params({"type": "bracketed_trees", "view": "pos"}))
    assert isinstance(reader, BracketedTreesReader) and reader.label_namespace == "pos_labels"
    with pytest.raises(ConfigurationError, match="'view' is 'ner', but must be one of con, pos"):
        BracketedTreesReader("ner")
