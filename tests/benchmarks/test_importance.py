"""What the benchmark of importance compares, without its clock."""

from pathlib import Path

import numpy
import pytest
import torch

import benchmarks.importance as benchmark
from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.models import MultiTaskHeads
from benchmarks.importance import agreements, difference, drawn_batches, evaluation, training_pass
from benchmarks.peers.importance import by_definition, by_transformers, methods
from tests.collect.models import EXAMPLES, data_of, one_at_a_time, tiny

TASKS = ["dep", "sent"]
Pieces = tuple[MultiTaskHeads, TaskData]


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    model, loader = tiny(tiny_bert, fixtures_root, tasks=TASKS)
    return model, data_of(loader)


@pytest.mark.parametrize("task", TASKS)
def test_one_at_a_time_is_the_definition(pieces: Pieces, task: str) -> None:
    model, data = pieces
    expected = sum(abs(values) for values in one_at_a_time(model, data, task).values())
    found = by_definition(model, drawn_batches(data, task, 1))
    numpy.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("task", TASKS)
def test_peers_take_absolute_values_of_batches(pieces: Pieces, task: str) -> None:
    """All but the script that never clears the gradient, which is the absolute running sum's."""
    model, data = pieces
    encoder = encoder_of(model.eval())
    sums = []
    for batch in drawn_batches(data, task, 4):
        gates = torch.ones(encoder.layers, max(encoder.heads), requires_grad=True)
        with encoder.tap.scale(gates, "importance"):
            sums.append(torch.autograd.grad(model(**batch)["loss"], gates)[0])
    of_batches = torch.stack(sums).abs().sum(0)
    running = torch.stack(sums).cumsum(0).abs().sum(0)
    assert len(sums) == 3 and (running - of_batches).abs().max() > 1e-3 * of_batches.max()
    for name, method in methods().items():
        wanted = running if name == "run_bertology" else of_batches
        found = method(model, drawn_batches(data, task, 4))
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-6, msg=name)
    assert not encoder.transformer._forward_pre_hooks


def test_only_ours_is_independent_of_batches(
    pieces: Pieces, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = pieces
    assert difference(model, data, "dep") < 1e-6
    monkeypatch.setattr(benchmark, "PEERS_BATCH_SIZES", (1, EXAMPLES))
    found = agreements(model, data, "dep", {"as it is": by_transformers})
    assert found["ours", 1] == found["ours", EXAMPLES] == pytest.approx(1)
    assert found["as it is", EXAMPLES] < 0.999


def test_passes(tiny_bert: str, fixtures_root: Path) -> None:
    """Of training, after which the model predicts its data better, and of evaluation."""
    model, loader = tiny(tiny_bert, fixtures_root, tasks=TASKS)
    data = data_of(loader)
    metrics = evaluation(model, data)
    assert {"dep_LAS", "sent_accuracy"} <= metrics.keys() and model.get_metrics() == {}

    def loss() -> float:
        return sum(float(model.eval()(**batch)["loss"].detach()) for batch in data.batches("sent"))

    before = loss()
    for _ in range(10):
        training_pass(model, data, "sent")()
    assert loss() < before


def test_ratios(pieces: Pieces) -> None:
    model, data = pieces
    peers = {"a peer": by_transformers}
    found = benchmark.seconds_of_importance(model, data, "sent", peers, repeats=2)
    assert len(found) == 4 and min(found.values()) > 0
    assert benchmark.seconds_of_mask(model, data, repeats=2) > 0
