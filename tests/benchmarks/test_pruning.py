"""What the benchmark of removed heads compares, without its clock."""

import pytest
import torch
from transformers import BertModel, PreTrainedModel

import tests.tiny as tiny
from allennlp_heads.attention import HeadTap
from benchmarks.peers.pruners import pruners
from benchmarks.pruning import bytes_saved, choose, expected, masked, without
from benchmarks.side_by_side import speedup

HEADS = [tiny.HEADS] * tiny.LAYERS


@pytest.fixture
def encoder(tiny_bert: str) -> PreTrainedModel:
    return BertModel.from_pretrained(tiny_bert).eval()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75])
def test_as_many_heads_as_asked_for(share: float) -> None:
    balanced, anywhere = (choose(pattern, HEADS, share) for pattern in ("balanced", "random"))
    assert [len(set(heads)) for heads in balanced.values()] == [tiny.HEADS * share] * tiny.LAYERS
    assert sum(len(set(heads)) for heads in anywhere.values()) == sum(HEADS) * share
    for removed in (balanced, anywhere):
        assert list(removed) == list(range(tiny.LAYERS))
        assert all(0 <= head < tiny.HEADS for heads in removed.values() for head in heads)


@pytest.mark.parametrize("pattern", ["balanced", "random"])
def test_every_way_of_removing_heads_is_a_mask(encoder: PreTrainedModel, pattern: str) -> None:
    removed = choose(pattern, HEADS, 0.5)
    ids = torch.randint(5, 20, (2, 9))
    vectors = masked(encoder, removed)(ids)
    whole = encoder(ids).last_hidden_state
    assert (whole - vectors).abs().max() > 1e-3
    for prune in (without, *pruners().values()):
        pruned = prune(encoder, removed)
        assert HeadTap(pruned).heads == [tiny.HEADS - len(removed[i]) for i in range(tiny.LAYERS)]
        torch.testing.assert_close(pruned(ids).last_hidden_state, vectors, atol=1e-5, rtol=0)
    assert HeadTap(encoder).heads == HEADS


def test_the_file_loses_exactly_what_is_removed(encoder: PreTrainedModel) -> None:
    assert bytes_saved(encoder, choose("random", HEADS, 0.5)) == 1.0
    assert bytes_saved(encoder, {0: list(range(tiny.HEADS)), 1: [2], 2: []}) == 1.0


def test_expected_speedup_grows_with_what_is_removed(encoder: PreTrainedModel) -> None:
    found = [expected(encoder, choose("balanced", HEADS, share), 8) for share in (0.0, 0.25, 0.5)]
    assert found[0] == 1.0 < found[1] < found[2]


def test_speedup_is_of_rounds() -> None:
    """Load that comes and goes slows both ways of a round alike."""
    assert speedup([2.0, 20.0, 4.0], [1.0, 10.0, 2.0]) == (2.0, 0.0)
    assert speedup([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5) == (3.0, 1.0)
