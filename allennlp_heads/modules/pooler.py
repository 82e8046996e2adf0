"""What stands between an encoder's pooled vector and the decision about a whole text."""

from torch import Tensor, nn


class Pooler(nn.Linear):
    """
    A dense layer with tanh, as BERT has it on its first piece (Devlin et al. 2019, *BERT*), but new
    and of one task.

    # Parameters

    input_dim : `int`
        The size of the vectors, which they keep.
    """

    def __init__(self, input_dim: int) -> None:
        super().__init__(input_dim, input_dim)

    def forward(self, pooled: Tensor) -> Tensor:
        """
        # Parameters

        pooled : `torch.Tensor`
            `[batch, input_dim]`.

        # Returns

        `torch.Tensor`
            `[batch, input_dim]`, between -1 and 1.
        """
        return super().forward(pooled).tanh()
