"""The perceptron in front of a biaffine layer."""

import torch
from allennlp.modules import InputVariationalDropout


class SharedDropoutMLP(torch.nn.Module):
    """
    A linear layer (orthogonal weights, zero bias), a leaky ReLU, and dropout that drops the same
    features of all words of a sentence (Dozat and Manning 2017).

    # Parameters

    input_dim : `int`
        The size of the input vectors.
    output_dim : `int`
        The size of the output vectors.
    dropout : `float`, optional (default = `0.33`)
        The probability of a feature to be dropped.
    negative_slope : `float`, optional (default = `0.1`)
        The slope of the leaky ReLU below zero.
    """

    def __init__(
        self, input_dim: int, output_dim: int, dropout: float = 0.33, negative_slope: float = 0.1
    ) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(input_dim, output_dim)
        self.activation = torch.nn.LeakyReLU(negative_slope)
        self.dropout = InputVariationalDropout(dropout)
        torch.nn.init.orthogonal_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """
        # Parameters

        vectors : `torch.Tensor`
            Shape `[batch, words, input_dim]`.

        # Returns

        `torch.Tensor`
            Shape `[batch, words, output_dim]`.
        """
        return self.dropout(self.activation(self.linear(vectors)))
