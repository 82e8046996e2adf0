"""The perceptron and its dropout."""

import torch

from allennlp_heads.modules.mlp import SharedDropoutMLP


def test_the_function_it_computes():
    mlp = SharedDropoutMLP(6, 4).eval()
    inputs = torch.randn(2, 3, 6)
    linear = inputs @ mlp.linear.weight.T + mlp.linear.bias
    expected = torch.where(linear > 0, linear, 0.1 * linear)
    torch.testing.assert_close(mlp(inputs), expected)


def test_it_starts_orthogonal():
    mlp = SharedDropoutMLP(6, 4)
    torch.testing.assert_close(mlp.linear.weight @ mlp.linear.weight.T, torch.eye(4))
    assert not mlp.linear.bias.any()


def test_the_same_features_are_dropped_for_all_words():
    torch.manual_seed(0)
    mlp = SharedDropoutMLP(8, 300, dropout=0.33)
    inputs = torch.randn(5, 7, 8)
    dropped = mlp(inputs) == 0
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])
    assert abs(dropped.float().mean() - 0.33) < 0.05
    kept = mlp.eval()(inputs)[~dropped] / (1 - 0.33)
    torch.testing.assert_close(kept, _again(mlp.train(), inputs)[~dropped])


def _again(mlp: SharedDropoutMLP, inputs: torch.Tensor) -> torch.Tensor:
    torch.manual_seed(0)
    SharedDropoutMLP(8, 300)  # the same use of the generator as at the start of the test
    torch.randn(5, 7, 8)
    return mlp(inputs)
