"""Random batches for the decoders, ties included."""

from dataclasses import dataclass

import torch
from hypothesis import strategies as st


@dataclass
class ScoreBatch:
    """Arc scores `[batch, words + 1, words + 1]`, with nonsense on padding, and their mask."""

    scores: torch.Tensor
    mask: torch.Tensor

    def sentences(self) -> list[torch.Tensor]:
        """The scores of each sentence without padding."""
        sizes = (self.mask.sum(-1) + 1).tolist()
        return [row[:size, :size] for row, size in zip(self.scores, sizes)]


def score_batch(lengths: list[int], seed: int = 0, ties: bool = False) -> ScoreBatch:
    """
    Scores of sentences of these lengths. With `ties` they are 0, 1 or 2; else they are normal.
    """
    generator = torch.Generator().manual_seed(seed)
    words = max(lengths)
    shape = (len(lengths), words + 1, words + 1)
    scores = torch.randn(shape, generator=generator, dtype=torch.float64)
    if ties:
        scores = torch.randint(0, 3, shape, generator=generator).double()
    mask = torch.arange(words)[None, :] < torch.tensor(lengths)[:, None]
    nodes = torch.arange(words + 1)[None, :] <= torch.tensor(lengths)[:, None]
    padding = ~(nodes[:, :, None] & nodes[:, None, :])
    scores[padding] = float("nan")
    scores[:, 0] = float("nan")
    return ScoreBatch(scores, mask)


batches = st.builds(
    score_batch,
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any),
    seed=st.integers(0, 10**6),
    ties=st.booleans(),
)
