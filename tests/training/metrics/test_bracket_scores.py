"""Bracket scores against counting by hand, and against EVALB where there is one."""

import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from allennlp.training.metrics import Metric
from nltk import Tree

from allennlp_heads.data.trees import binarized_spans, bracketed, tree_of_spans
from allennlp_heads.training.metrics import BracketScores

GOLD = "(TOP (S (NP (DT the) (NN dog)) (, ,) (VP (VBD sat) (PRT (RP down))) (. .)))"
PARAMETERS = """LABELED 1
DELETE_LABEL TOP
DELETE_LABEL -NONE-
DELETE_LABEL ,
DELETE_LABEL :
DELETE_LABEL ``
DELETE_LABEL ''
DELETE_LABEL .
DELETE_LABEL_FOR_LENGTH -NONE-
EQ_LABEL ADVP PRT
"""


def counts(predicted: str, gold: str = GOLD, **options: Any) -> list[int]:
    metric = BracketScores(**options)
    return metric([Tree.fromstring(predicted)], [Tree.fromstring(gold)])[0].tolist()


@pytest.mark.parametrize(
    "predicted, expected",
    [
        (GOLD, [4, 4, 4]),
        # Parts of speech do not matter, punctuation attaches anywhere, ADVP is PRT.
        (
            "(TOP (S (NP (XX the) (XX dog) (XX ,)) (VP (XX sat) (ADVP (XX down)) (XX .))))",
            [4, 4, 4],
        ),
        ("(TOP (S (NP (XX the) (XX dog) (XX ,) (XX sat)) (NP (XX down)) (XX .)))", [1, 3, 4]),
        # Roots and brackets around punctuation only are no brackets; function tags are cut.
        (
            "(S1 (S-X (NP=1 (XX the) (XX dog)) (X (XX ,)) (VP (XX sat) (XX down)) (Y (XX .))))",
            [3, 3, 4],
        ),
        # A bracket twice is right once.
        ("(TOP (S (S (NP (NP (XX the) (XX dog))) (XX ,) (XX sat) (XX down) (XX .))))", [2, 4, 4]),
        ("(TOP (XX the) (XX dog) (XX ,) (XX sat) (XX down) (XX .))", [0, 0, 4]),
    ],
)
def test_by_hand(predicted, expected):
    assert counts(predicted) == expected


def test_brackets_in_the_text_are_words():
    gold = "(TOP (NP (NP (NN a)) (PRN (-LRB- -LRB-) (NP (NN b)) (-RRB- -RRB-))))"
    assert counts(gold, gold) == [4, 4, 4]
    moved = "(TOP (NP (NP (NN a) (-LRB- -LRB-)) (PRN (NP (NN b)) (-RRB- -RRB-))))"
    assert counts(moved, gold) == [2, 4, 4]


def test_batches_add_up():
    metric: Any = Metric.by_name("bracket_scores")()
    dot = Tree.fromstring("(TOP (FRAG (. .)))")  # nothing stays: not a sentence for `exact`
    gold = Tree.fromstring(GOLD)
    half = Tree.fromstring("(TOP (S (NP (XX the) (XX dog)) (XX ,) (XX sat) (XX down) (XX .)))")
    assert metric([half, dot], [gold, dot]).tolist() == [[2, 2, 4], [0, 0, 0]]
    metric([gold], [gold])
    expected = {"precision": 1.0, "recall": 6 / 8, "f1": 12 / 14, "exact": 1 / 2}
    assert metric.get_metric(reset=True) == pytest.approx(expected)
    assert set(metric.get_metric().values()) == {0.0}
    assert metric([], []).shape == (0, 3)


def test_options():
    assert counts(GOLD, equal_labels={}, deleted_labels=[]) == [5, 5, 5]
    predicted = GOLD.replace("PRT", "ADVP")
    assert counts(predicted, equal_labels={}) == [3, 4, 4]


def test_other_words():
    with pytest.raises(ValueError, match="a tree of 2 words for a gold tree of 6"):
        counts("(S (NN a) (NN b))")
    with pytest.raises(ValueError, match="a tree of 7 words for a gold tree of 6"):
        counts("(S " + "(NN a)" * 7 + ")")


def spoiled(tree: Tree, chance: random.Random) -> Tree:
    """The tree with labels changed and brackets added and taken away."""
    spans = []
    for i, j, label in binarized_spans(tree):
        other = chance.choice(["NP", "VP", "ADVP", "PRT", "NP-SBJ", "TOP", "S"])
        ways = [label] * 5 + [other, f"{label}+{other}", f"{other}+{label}", f"{other}|<>"]
        spans.append((i, j, label if label.endswith("|<>") else chance.choice(ways)))
    words, pos = zip(*tree.pos())
    return tree_of_spans(spans, words, pos)


def test_evalb(heads_data: Path, tmp_path: Path):
    program = os.environ.get("HEADS_EVALB")
    if not program:
        pytest.skip("HEADS_EVALB names no compiled EVALB")
    lines = (heads_data / "ewt" / "dev.mrg").read_text(encoding="utf-8").splitlines()
    gold = [Tree.fromstring(line) for line in lines]
    chance = random.Random(0)
    predicted = [spoiled(tree, chance) for tree in gold]
    (tmp_path / "evalb.prm").write_text(PARAMETERS)
    for name, trees in (("gold", gold), ("predicted", predicted)):
        (tmp_path / name).write_text("".join(bracketed(tree) + "\n" for tree in trees))
    command = [program, "-p", "evalb.prm", "gold", "predicted"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    metric = BracketScores()
    ours = metric(predicted, gold)
    # Sentence, length, status, recall, precision, right, gold, predicted, ...
    table = [row for line in said.splitlines() if len(row := line.split()) == 12]
    theirs = [[int(row[5]), int(row[7]), int(row[6])] for row in table if row[0].isdigit()]
    assert ours.tolist() == theirs
    scores = {
        line.split("=")[0].strip(): float(line.split("=")[1])
        for line in said.split("-- len")[0].splitlines()
        if "   = " in line
    }
    found = {key: round(100 * value, 2) for key, value in metric.get_metric().items()}
    assert found["precision"] == scores["Bracketing Precision"]
    assert found["recall"] == scores["Bracketing Recall"]
    assert found["f1"] == scores["Bracketing FMeasure"]
    assert found["exact"] == scores["Complete match"]
