"""
The scores of a head with given predicates against the script of CoNLL-2005, whose path the variable
HEADS_SRL_EVAL gives (the wheel of allennlp-models has it).
"""

import os
import shutil
from pathlib import Path

import pytest
import torch

from allennlp_heads.models.heads import SrlHead
from tests.models.heads.head_batches import DIM, vocabulary
from tests.models.heads.srl_batches import gold
from tests.training.metrics.srl_props import (
    Argument,
    official_counts,
    props,
    without_continuations,
)

ROLES = ["ARG0", "ARG1", "R-ARG0", "ARGM-TMP", "C-ARG1"]
LENGTH, SENTENCES = 12, 16


@pytest.fixture(scope="module")
def script() -> Path:
    path = os.environ.get("HEADS_SRL_EVAL", "")
    if not Path(path).is_file() or not shutil.which("perl"):
        pytest.skip(f"srl-eval.pl: perl, or HEADS_SRL_EVAL (it is {path!r})")
    return Path(path)


def said(frames) -> list[list[Argument]]:
    return [
        [
            (frame["predicate"]["position"], a["start"], a["end"], a["label"])
            for frame in sentence
            for a in frame["arguments"]
        ]
        for sentence in frames
    ]


def changed(arguments: list[Argument], roles: list[str]) -> list[Argument]:
    """Some left out, some of another role, some a word shorter."""
    rows = []
    for predicate, start, end, role in arguments:
        fate = int(torch.randint(6, (1,)))
        if fate == 0:
            continue
        other = roles[(roles.index(role) + 1) % len(roles)]
        shorter = start + 1 if fate == 2 and start < end else start
        rows.append((predicate, shorter, end, other if fate == 1 else role))
    return rows


@pytest.mark.parametrize("continuations", [True, False])
def test_the_official_script(script, continuations, tmp_path):
    torch.manual_seed(0)
    roles = ROLES if continuations else ROLES[:-1]
    head = SrlHead(vocabulary(srl_labels=roles), DIM, predicates="given").eval()
    torch.nn.init.normal_(head.ranking.pair_scorer.output.weight)
    text, mask = torch.randn(SENTENCES, LENGTH, DIM), torch.ones(SENTENCES, LENGTH).bool()
    given = (torch.rand(SENTENCES, LENGTH) < 0.3).long()
    positions = [row.nonzero().flatten().tolist() for row in given]
    frames = head.make_output_human_readable(head(text, mask, predicates=given))["frames"]
    predicted = said(frames)
    right = [changed(arguments, roles) for arguments in predicted]
    rows = gold([[(*a[:3], roles.index(a[3])) for a in arguments] for arguments in right])
    output = head(text, mask, arguments=rows, predicates=given)

    def official(*sides: list[list[Argument]]) -> list[int]:
        right, said = (
            "".join(props(LENGTH, *row) for row in zip(positions, side)) for side in sides
        )
        return official_counts(script, right, said, tmp_path)

    counts = official(*(list(map(without_continuations, side)) for side in (right, predicted)))
    assert counts == output["example_counts"].sum(0).tolist()
    assert 30 < counts[0] < counts[2] < counts[1]
    assert head.get_metrics()["f1"] == pytest.approx(2 * counts[0] / (counts[1] + counts[2]))
    # As it stands, the script takes a continuation for a part of an argument.
    assert (official(right, predicted) != counts) == continuations
