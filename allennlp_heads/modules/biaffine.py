"""The biaffine layer: a score for every pair of a vector of one kind and a vector of another."""

import torch
from torch import Tensor
from torch.nn.functional import pad


class Biaffine(torch.nn.Module):
    """
    Scores pairs of vectors, `s(x, y) = [x; 1] W [y; 1]`, after Dozat and Manning (2017), *Deep
    Biaffine Attention for Neural Dependency Parsing*, equations 2 and 3; each of the two ones is an
    option.

    # Parameters

    first_dim : `int`
        The size of the vectors `x`.
    second_dim : `int`
        The size of the vectors `y`.
    num_labels : `int`, optional (default = `1`)
        The number of scores of a pair.
    first_bias : `bool`, optional (default = `True`)
        Append a one to `x`: a score for `y` alone.
    second_bias : `bool`, optional (default = `True`)
        Append a one to `y`: a score for `x` alone.
    initial_std : `float`, optional (default = `0.001`)
        The weights start from a normal distribution this narrow: all choices are about equally
        likely, while what lies below nevertheless receives a gradient from the first step on (which
        it would not with zeros).
    """

    def __init__(
        self,
        first_dim: int,
        second_dim: int,
        num_labels: int = 1,
        first_bias: bool = True,
        second_bias: bool = True,
        initial_std: float = 0.001,
    ) -> None:
        super().__init__()
        self.first_bias = first_bias
        self.second_bias = second_bias
        self.weight = torch.nn.Parameter(
            torch.empty(num_labels, first_dim + first_bias, second_dim + second_bias)
        )
        torch.nn.init.normal_(self.weight, std=initial_std)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """
        Scores of all pairs.

        # Parameters

        first : `torch.Tensor`
            Shape `[batch, n, first_dim]`.
        second : `torch.Tensor`
            Shape `[batch, m, second_dim]`.

        # Returns

        `torch.Tensor`
            Shape `[batch, num_labels, n, m]`.
        """
        first, second = self._with_ones(first, second)
        # [batch, num_labels * n, second] @ [batch, second, m]
        projected = self._projected(first).transpose(1, 2).flatten(1, 2)
        scores = projected @ second.transpose(1, 2)
        return scores.unflatten(1, (self.weight.size(0), first.size(1)))

    def aligned(self, first: Tensor, second: Tensor) -> Tensor:
        """
        Scores of each `x` with the few `y` that stand at its place.

        # Parameters

        first : `torch.Tensor`
            Shape `[..., first_dim]`.
        second : `torch.Tensor`
            Shape `[..., k, second_dim]`.

        # Returns

        `torch.Tensor`
            Shape `[..., k, num_labels]`.
        """
        first, second = self._with_ones(first, second)
        return second @ self._projected(first).transpose(-1, -2)

    def _projected(self, first: Tensor) -> Tensor:
        """
        The product of vectors `[..., first]` and all labels' weights, `[..., num_labels, second]`.
        """
        num_labels, first_dim, second_dim = self.weight.shape
        # One product of [..., first] with [first, labels * second], instead of one for each label
        # (for which the weights would be copied once an example).
        flat = self.weight.transpose(0, 1).reshape(first_dim, num_labels * second_dim)
        return (first @ flat).unflatten(-1, (num_labels, second_dim))

    def _with_ones(self, first: Tensor, second: Tensor) -> "tuple[Tensor, Tensor]":
        if self.first_bias:
            first = pad(first, (0, 1), value=1.0)
        if self.second_bias:
            second = pad(second, (0, 1), value=1.0)
        return first, second
