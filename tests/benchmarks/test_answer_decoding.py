"""What the benchmark of decoding answers compares, without its clock."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch

import benchmarks.answer_decoding as answer_decoding
from allennlp_heads.models.heads import SpanQaHead
from allennlp_heads.modules import GatedTransformerBackbone
from allennlp_heads.nn import best_answer_spans
from tests.models.heads.head_batches import vocabulary


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of 24 pieces instead of 384."""
    for name, value in {"PIECES": 24, "QUESTION": 4, "STRIDE": 8, "MAX_LENGTH": 5}.items():
        monkeypatch.setattr(answer_decoding, name, value)


def test_the_plain_loop_finds_what_its_borders_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    """With as many borders as there are pieces the loop misses nothing."""
    ids = torch.zeros(3, 2, answer_decoding.PIECES, dtype=torch.long)
    mask = answer_decoding.answer_mask(ids)
    metadata = answer_decoding.texts(3, 2)
    characters = torch.from_numpy(numpy.stack([numpy.stack(m["offsets"]) for m in metadata])).long()
    start, end = torch.randn(2, *ids.shape, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(answer_decoding, "N_BEST", 24)
    exact = best_answer_spans(start, end, mask, characters, 5, 24)[1]
    for wanted, found in zip(exact.tolist(), answer_decoding.plain(start, end, mask, characters)):
        assert found == pytest.approx(wanted, rel=1e-6)


def test_ratios(tiny_bert: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is timed runs, and each ratio is of the seconds that it names."""
    seconds = {"forward": 8.0, "spans": 2.0, "answers": 4.0, "plain": 6.0}

    def clock(timed: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
        for run in timed.values():
            run()
        assert timed.keys() == seconds.keys()
        return seconds

    monkeypatch.setattr(answer_decoding, "medians", clock)
    monkeypatch.setattr(torch, "randint", lambda low, high, size: torch.full(size, 5))
    backbone = GatedTransformerBackbone(tiny_bert).eval()
    head = SpanQaHead(vocabulary(), backbone.get_output_dim()).eval()
    with torch.inference_mode():
        found = answer_decoding.of_batch(backbone, head, 2, 3)
    assert list(found.values()) == [0.25, 0.5, 3.0]
    assert all(name.endswith("2 questions x 3 windows") for name in found)
