"""Multiply-adds by formula against those that PyTorch counts."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertConfig, BertModel

from allennlp_heads.analysis import Cost, expected_speedup, multiply_adds

LAYERS, HEADS, HEAD_DIM, HIDDEN, INTERMEDIATE = 3, 4, 6, 24, 40


def counted(removed: dict[int, list[int]], tokens: int) -> int:
    """The multiply-adds that PyTorch sees in a pruned BERT (not of embeddings and pooler)."""
    config = BertConfig(
        vocab_size=11,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        hidden_size=HIDDEN,
        intermediate_size=INTERMEDIATE,
        attn_implementation="eager",  # PyTorch counts nothing of the fused kernel of CPUs
    )
    encoder = BertModel(config, add_pooling_layer=False).eval()
    encoder.prune_heads(removed)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        encoder(torch.ones(1, tokens, dtype=torch.long))
    flops: int = counter.get_total_flops()
    return flops // 2


@pytest.mark.parametrize("tokens", [1, 7, 20])
@pytest.mark.parametrize("removed", [{}, {0: [1]}, {0: [0, 3], 2: [1, 2, 3]}])
def test_as_pytorch_counts(removed: dict[int, list[int]], tokens: int) -> None:
    heads = [HEADS - len(removed.get(layer, [])) for layer in range(LAYERS)]
    found = multiply_adds(heads, HIDDEN, INTERMEDIATE, HEAD_DIM, tokens)
    assert found.total == counted(removed, tokens)


def test_parts_of_a_layer() -> None:
    assert multiply_adds([2, 0], hidden=10, intermediate=30, head_dim=5, tokens=3) == Cost(
        attention_projections=4 * 3 * 10 * 10,
        attention_products=2 * 9 * 10,
        feed_forward=2 * (2 * 3 * 10 * 30),
    )


def test_speedup_expected_of_half_the_heads() -> None:
    """BERT-base, short sequences: two thirds are feed-forward, so 6/5 and, without heads, 3/2."""
    full, half, none = (multiply_adds([heads] * 12, 768, 3072, 64, 1) for heads in (12, 6, 0))
    assert expected_speedup(full, full) == 1.0
    assert expected_speedup(full, half) == pytest.approx(6 / 5, rel=1e-3)
    assert expected_speedup(full, none) == pytest.approx(3 / 2, rel=1e-3)


@pytest.mark.parametrize("heads", [[], [4, -1]])
def test_heads_that_cannot_be(heads: list[int]) -> None:
    with pytest.raises(ValueError, match="each layer's number of heads"):
        multiply_adds(heads, HIDDEN, INTERMEDIATE, HEAD_DIM, 5)


def test_sizes_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        multiply_adds([4], HIDDEN, INTERMEDIATE, HEAD_DIM, tokens=0)
