"""The accumulating metric: any batches give what all examples at once give."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from allennlp_heads.training.metrics import Measured


def decisions(predicted: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
    return torch.stack([predicted & gold, predicted, gold, torch.ones_like(gold)], -1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_batches_add_up(seed: int, sizes: list[int]) -> None:
    generator = torch.Generator().manual_seed(seed)
    predicted, gold = torch.randint(0, 2, (2, sum(sizes) + 2), generator=generator)
    values = torch.randn(sum(sizes) + 2, 2, generator=generator, dtype=torch.double)
    counted, correlated = Measured(["f1", "matthews"]), Measured(["pearson", "spearman"])
    for _ in range(2):  # the second time after a reset
        for rows in torch.arange(len(gold)).split([*sizes, 2]):
            counted(decisions(predicted[rows], gold[rows]))
            correlated(values[rows])
        found, kept = counted.get_metric(reset=True), correlated.get_metric()
        assert correlated.get_metric(reset=True) == kept
        assert found["f1"] == pytest.approx(metrics.f1_score(gold, predicted, zero_division=0))
        assert found["matthews"] == pytest.approx(metrics.matthews_corrcoef(gold, predicted))
        assert kept["pearson"] == pytest.approx(stats.pearsonr(*values.T.numpy())[0])
        assert kept["spearman"] == pytest.approx(stats.spearmanr(*values.T.numpy())[0])


def test_nothing_was_counted() -> None:
    assert Measured(["f1", "matthews"]).get_metric() == {"f1": 0, "matthews": 0}
    assert Measured(["pearson", "spearman"]).get_metric(True) == {"pearson": 0, "spearman": 0}


def test_values_of_half_precision_are_kept_exactly() -> None:
    measured = Measured(["pearson"])
    values = torch.tensor([[1.0, 0.0], [1.0 + 2**-7, 1.0], [1.0, 0.0]], dtype=torch.bfloat16)
    measured(values)
    assert measured.get_metric()["pearson"] == pytest.approx(1)
