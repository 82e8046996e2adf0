"""Metrics that workers count apart and merge: what one process counts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from nltk import Tree

from allennlp_heads.distributed import rank, world_size
from allennlp_heads.training.metrics import (
    AnswerScores,
    BracketScores,
    DependencyScores,
    Measured,
    SpanScores,
    SrlScores,
)
from tests.distributed.launch import run_workers

EXAMPLES = 7


def _counted(examples: range) -> dict[str, dict[str, float]]:
    """Every metric after these examples, one by one; `get_metric` merges in workers."""
    metrics: dict[str, Any] = {
        "spans": SpanScores(["a", "b"], per_label=True),
        "srl": SrlScores(),
        "brackets": BracketScores(),
        "dependencies": DependencyScores(),
        "additive": Measured(["accuracy"]),
        "correlations": Measured(["pearson", "spearman"]),
        "answers": AnswerScores(),
    }
    generator = torch.Generator().manual_seed(0)
    gold = Tree.fromstring("(S (NP (D a) (N b)) (VP (V c)))")
    trees = [gold, Tree.fromstring("(S (NP (D a)) (VP (N b) (V c)))")]
    for number in range(EXAMPLES):
        counts = torch.randint(0, 5, (1, 3, 3), generator=generator)
        heads = torch.randint(0, 2, (4, 1, 6), generator=generator)
        values = torch.randn(1, 2, generator=generator, dtype=torch.double)
        if number not in examples:
            continue
        metrics["spans"](counts)
        metrics["srl"](counts[:, 0], counts[:, 1])
        metrics["brackets"]([trees[number % 2]], [gold])
        metrics["dependencies"](*heads, torch.ones(1, 6, dtype=torch.bool))
        metrics["additive"](counts[:, 0])
        metrics["correlations"](values)
        metrics["answers"](values.abs().clamp(max=1), torch.tensor([number % 3 > 0]))
    for metric in metrics.values():
        metric.merge()
    return {name: metric.get_metric(reset=True) for name, metric in metrics.items()}


def count_apart(last_has_none: bool) -> Any:
    takers = world_size() - last_has_none
    own = range(rank(), EXAMPLES, takers) if rank() < takers else range(0)
    return _counted(own)


@pytest.mark.parametrize("last_has_none", [False, True])
def test_merged_metrics_are_those_of_one_process(last_has_none: bool) -> None:
    alone = _counted(range(EXAMPLES))
    assert all(any(values.values()) for values in alone.values())
    for found in run_workers(count_apart, 3, last_has_none):
        assert found.keys() == alone.keys()
        for name, values in alone.items():
            assert found[name] == pytest.approx(values, abs=1e-12), name
