"""The interface of all loss balancers."""

import torch
from allennlp.common import Registrable


class LossBalancer(torch.nn.Module, Registrable):
    """
    Weighs the losses of the tasks of a `multitask_heads` model. The model asks it in training only,
    once a batch; what it remembers is in buffers, so that checkpoints hold it.

    # Parameters

    tasks : `List[str]`
        All tasks of the model, which gives them; a configuration gives the other parameters.
    """

    def __init__(self, tasks: list[str]) -> None:
        super().__init__()
        self.tasks = sorted(tasks)

    def forward(self, losses: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """
        # Parameters

        losses : `Dict[str, torch.Tensor]`
            The loss, a scalar, of each task in the batch.

        # Returns

        `Dict[str, torch.Tensor]`
            A weight for each of these, a scalar without gradient.
        """
        raise NotImplementedError
