"""The rest of a perceptron whose first linear layer was computed elsewhere."""

import torch
from torch.nn.functional import relu


class HiddenScorer(torch.nn.Module):
    """
    From the output of the first linear layer of a perceptron with two hidden layers to its scores:
    ReLU, dropout, the second linear layer, ReLU, dropout, and the layer of the scores.

    # Parameters

    hidden_dim : `int`
        The size of both hidden layers.
    output_dim : `int`
        How many scores.
    dropout : `float`
        The probability of a hidden feature to be dropped.
    """

    def __init__(self, hidden_dim: int, output_dim: int, dropout: float) -> None:
        super().__init__()
        self.second = torch.nn.Linear(hidden_dim, hidden_dim)
        self.output = torch.nn.Linear(hidden_dim, output_dim)
        self.dropout = dropout

    def forward(self, first: torch.Tensor) -> torch.Tensor:
        """
        # Parameters

        first : `torch.Tensor`
            Shape `[..., hidden_dim]`.

        # Returns

        `torch.Tensor`
            Shape `[..., output_dim]`, in single precision at least.
        """
        scores = self.output(self._activate(self.second(self._activate(first))))
        return scores.to(torch.promote_types(scores.dtype, torch.float32))

    def _activate(self, hidden: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return relu(hidden)
        # Dropout may as well come first. Then the backward pass needs the ReLU's result and a mask
        # of one byte a number, and no tensor more; `dropout` keeps two on a CPU.
        return torch.native_dropout(hidden, self.dropout, True)[0].relu_()
