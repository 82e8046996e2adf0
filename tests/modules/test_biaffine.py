"""The biaffine layer against its equation, one pair at a time."""

from itertools import product

import pytest
import torch

from allennlp_heads.modules.biaffine import Biaffine

BIASES = list(product([True, False], repeat=2))


def layer(first_bias: bool, second_bias: bool, labels: int = 3) -> Biaffine:
    torch.manual_seed(0)
    return Biaffine(4, 5, labels, first_bias, second_bias, initial_std=1.0).double()


def vectors(dim: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, dim, dtype=torch.float64)


@pytest.mark.parametrize("first_bias, second_bias", BIASES)
def test_each_pair_by_the_equation(first_bias, second_bias):
    biaffine = layer(first_bias, second_bias)
    first, second = vectors(4, 2, 3), vectors(5, 2, 6)
    scores = biaffine(first, second)
    assert scores.shape == (2, 3, 3, 6)
    one = torch.ones(1, dtype=torch.float64)
    for b, label, i, j in product(range(2), range(3), range(3), range(6)):
        x = torch.cat([first[b, i], one]) if first_bias else first[b, i]
        y = torch.cat([second[b, j], one]) if second_bias else second[b, j]
        torch.testing.assert_close(scores[b, label, i, j], x @ biaffine.weight[label] @ y)


@pytest.mark.parametrize("first_bias, second_bias", BIASES)
def test_aligned_pairs_are_the_diagonal(first_bias, second_bias):
    biaffine = layer(first_bias, second_bias)
    first, second = vectors(4, 2, 6), vectors(5, 2, 6, 2)
    aligned = biaffine.aligned(first, second)
    for k in range(2):
        pairs = biaffine(first, second[:, :, k])
        expected = pairs.diagonal(dim1=-2, dim2=-1).transpose(1, 2)
        torch.testing.assert_close(aligned[:, :, k], expected)


@pytest.mark.parametrize("first_bias, second_bias", BIASES)
@pytest.mark.parametrize("aligned", [True, False])
def test_gradients(first_bias, second_bias, aligned):
    biaffine = layer(first_bias, second_bias, labels=2)
    second = vectors(5, 2, 3, 2) if aligned else vectors(5, 2, 3)
    inputs = [vectors(4, 2, 3).requires_grad_(), second.requires_grad_()]
    pairs = biaffine.aligned if aligned else biaffine.forward
    # The check moves the parameter itself, so that it need not be handed on.
    assert torch.autograd.gradcheck(lambda x, y, _: pairs(x, y), [*inputs, biaffine.weight])


def test_it_starts_undecided_but_not_dead():
    torch.manual_seed(0)
    biaffine = Biaffine(100, 100)
    first = torch.randn(1, 4, 100, requires_grad=True)
    scores = biaffine(first, torch.randn(1, 4, 100))
    assert scores.abs().max() < 0.5
    scores[0, 0].log_softmax(-1).diagonal().sum().backward()
    assert first.grad.abs().min() > 0
