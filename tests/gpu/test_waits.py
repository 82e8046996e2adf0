"""How often a program waits for the GPU: not in loops, and not where it can do without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.models.loss_balancers import MovingAverageBalancer
from allennlp_heads.nn.eisner import decode_projective
from allennlp_heads.nn.mst import decode_arborescence
from allennlp_heads.training.sparsity_sets import SparsitySet
from tests.gpu.pretend_device import PretendDevice, pretend_device
from tests.gpu.storage_marks import GPU
from tests.qa_tasks import made

Decoder = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@pytest.fixture
def gpu() -> Iterator[PretendDevice]:
    with pretend_device() as watching:
        yield watching


def test_balancer(gpu: PretendDevice) -> None:
    balancer, loss = MovingAverageBalancer(["a", "b"], window=2).cuda(), torch.tensor(2.0).cuda()
    for task in ("a", "b", "a", "a"):
        balancer({task: loss})
    assert not gpu.waits
    assert balancer.history.cpu().tolist() == [[2.0, 2.0], [2.0, 0.0]]
    assert balancer.seen.cpu().tolist() == [3, 1]


@pytest.mark.parametrize("decode", [decode_projective, decode_arborescence])
def test_as_often_for_many_long_sentences(gpu: PretendDevice, decode: Decoder) -> None:
    counts = []
    for sentences, words in ((2, 5), (7, 12)):
        torch.manual_seed(words)
        scores = torch.randn(sentences, words + 1, words + 1)
        mask = torch.ones(sentences, words, dtype=torch.bool)
        wanted = decode(scores, mask)
        before = sum(gpu.waits.values())
        found = decode(scores.cuda(), mask.cuda())
        counts.append(sum(gpu.waits.values()) - before)
        assert found.device == GPU and torch.equal(found.cpu(), wanted)
    assert counts[0] == counts[1] > 0


def test_gates_are_measured_at_once(gpu: PretendDevice) -> None:
    gates = HardConcreteGates([4, 4, 2]).cuda()
    measured = SparsitySet(gates, None, gates, target=0.5, threshold=0.5)
    gpu.waits.clear()
    measured.measure()
    assert sum(gpu.waits.values()) == 1


def test_windows_are_found_once(gpu: PretendDevice, tiny_bert: str, fixtures_root: Path) -> None:
    model, _ = made(tiny_bert, fixtures_root)
    backbone = model.backbone.cuda()
    ids = torch.randint(5, 20, (2, 3, 9), device=GPU)
    mask = torch.ones(2, 3, 9, dtype=torch.bool, device=GPU)
    mask[1, 2] = False
    inputs = {"token_ids": ids, "mask": mask, "type_ids": torch.zeros_like(ids)}
    gpu.waits.clear()
    encoded = backbone({"tokens": inputs}, task=["squad", "squad"])
    assert not encoded["encoded_text"][1, 2].cpu().any()
    own = [count for line, count in gpu.waits.items() if "gated_transformer.py" in line]
    assert own == [1]
