"""Running sums of the gradients of examples."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import torch

from allennlp_heads.distributed import gather_objects, sum_over_workers


class Moments:
    """
    Adds up gradients, in `float64`, as one of the modes has it; nothing is kept of an example.

    # Parameters

    mode : `str`
        `"per_example"`: the mean of squares; `"mean_gradient"`: the mean; `"batch_sum"`: the square
        of the gradient of a batch's mean loss, for activations divided by the batch's number of
        pieces, summed over batches and divided by the number of examples (Vu et al. 2020, their
        code).
    """

    def __init__(self, mode: str = "per_example") -> None:
        self.mode = mode
        self._sums: dict[str, torch.Tensor] = {}
        self._of_batch: dict[str, torch.Tensor] = defaultdict(lambda: torch.zeros(()).double())
        self._examples = 0

    def add(self, name: str, gradients: torch.Tensor, weights: torch.Tensor) -> None:
        """
        Add what some examples of a batch say of a component.

        # Parameters

        name : `str`
        gradients : `torch.Tensor`
            `[examples, ...]`.
        weights : `torch.Tensor`
            `[examples]`: how much each counts, as by the probability of its label.
        """
        values = gradients.double()
        if self.mode == "per_example":
            values = values.square()
        sums = self._of_batch if self.mode == "batch_sum" else self._sums
        found = torch.tensordot(weights.double(), values, dims=1)
        sums[name] = sums[name] + found if name in sums else found

    def end_batch(self, examples: int, pieces: int) -> None:
        """
        # Parameters

        examples : `int`
            Of the batch that was added, parts of which may have been weighed.
        pieces : `int`
            How many its texts have.
        """
        self._examples += examples
        for name, total in self._of_batch.items():
            scale = 1 if name.startswith(PARAMETER) else pieces
            self._sums[name] = self._sums.get(name, 0.0) + (total / examples) ** 2 / scale
        self._of_batch.clear()

    def add_other_workers(self, device: torch.device) -> None:
        """
        Collective, once, when all batches are in: add what the others have added. The result is the
        same in every worker.

        # Parameters

        device : `torch.device`
            Where the gradients are.
        """
        shapes: dict[str, torch.Size] = {}
        for known in gather_objects({name: sums.shape for name, sums in self._sums.items()}):
            shapes |= known
        nothing = partial(torch.zeros, dtype=torch.float64, device=device)
        self._sums = {
            name: sum_over_workers(self._sums.get(name, nothing(shape)))
            for name, shape in shapes.items()
        }
        self._examples = sum(gather_objects(self._examples))

    def means(self) -> dict[str, torch.Tensor]:
        """The components so far, `float64`."""
        return {name: total / self._examples for name, total in self._sums.items()}


PARAMETER = "parameter."
"""How the names of components begin that are parameters of the encoder."""
