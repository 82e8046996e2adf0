"""torch's distributed training, with less to send where several workers train several tasks."""

from typing import Optional, Union

import torch
import torch.distributed as dist
from allennlp.models import Model
from allennlp.nn.parallel import DdpAccelerator, DdpWrappedModel, TorchDdpAccelerator

_WORTH = 0.5
"""The share of an embedding's rows up to which it pays to send rows instead of all."""


@DdpAccelerator.register("multitask_torch")
class MultitaskTorchDdpAccelerator(TorchDdpAccelerator):
    """
    AllenNLP's `"torch"` for a model of which a step trains a part: it looks for the parameters that
    a worker has not used, such as another task's head, keeps gradients where they are summed, and,
    on CPUs, sends of an embedding the rows of those pieces that some worker's batch has, which are
    a hundredth of MiniLM's. The gradients are the same: rows that are left out are zero everywhere.

    Registered as `"multitask_torch"`, for the key `ddp_accelerator` of `distributed`.

    # Parameters

    find_unused_parameters : `bool`, optional (default = `True`)
        As of `"torch"`; `False` is right, and faster, where every step trains all parameters.
    local_rank, world_size, cuda_device :
        Given by AllenNLP.
    """

    def __init__(
        self,
        *,
        find_unused_parameters: bool = True,
        local_rank: Optional[int] = None,
        world_size: Optional[int] = None,
        cuda_device: Union[torch.device, int] = -1,
    ) -> None:
        super().__init__(
            find_unused_parameters=find_unused_parameters,
            local_rank=local_rank,
            world_size=world_size,
            cuda_device=cuda_device,
        )
        self._ddp_kwargs["gradient_as_bucket_view"] = True

    def wrap_model(self, model: Model) -> tuple[Model, DdpWrappedModel]:
        """As of `"torch"`."""
        model, wrapped = super().wrap_model(model)
        if self.cuda_device == torch.device("cpu"):  # a GPU would have to wait for the rows' number
            embeddings = {
                id(module.weight)
                for module in model.modules()
                if isinstance(module, torch.nn.Embedding) and not module.sparse
            }
            wrapped.model.register_comm_hook(embeddings, mean_over_workers)  # type: ignore[operator]
        return model, wrapped


def mean_over_workers(
    embeddings: set[int], bucket: dist.GradBucket
) -> torch.futures.Future[torch.Tensor]:
    """
    A hook of `DistributedDataParallel` that gives what it computes without one.

    # Parameters

    embeddings : `Set[int]`
        The `id` of those parameters whose gradients are zero in most rows.
    bucket : `GradBucket`
        Its buffer becomes the mean over all workers.
    """
    buffer = bucket.buffer().div_(dist.get_world_size())
    gradients = list(zip(bucket.parameters(), bucket.gradients()))
    found = [gradient for parameter, gradient in gradients if id(parameter) in embeddings]
    rows = _rows_of_any_worker(found)
    sent = sum(len(own) * gradient.size(1) for own, gradient in zip(rows, found))
    if sent >= _WORTH * sum(gradient.numel() for gradient in found):
        return _sum(buffer).then(lambda done: done.value()[0])
    others = [gradient for parameter, gradient in gradients if id(parameter) not in embeddings]
    packed = torch.cat(
        [gradient.reshape(-1) for gradient in others]
        + [gradient[own].reshape(-1) for own, gradient in zip(rows, found)]
    )

    def unpacked(done: torch.futures.Future[list[torch.Tensor]]) -> torch.Tensor:
        parts = done.value()[0].split(
            [gradient.numel() for gradient in others]
            + [len(own) * gradient.size(1) for own, gradient in zip(rows, found)]
        )
        for gradient, part in zip(others, parts):
            gradient.copy_(part.view_as(gradient))
        for gradient, own, part in zip(found, rows, parts[len(others) :]):
            gradient[own] = part.view(-1, gradient.size(1))
        return buffer

    return _sum(packed).then(unpacked)


def _rows_of_any_worker(gradients: list[torch.Tensor]) -> list[torch.Tensor]:
    """The numbers of those rows that are not zero in all workers, the same in each of them."""
    if not gradients:
        return []
    used = torch.cat([gradient.ne(0).any(1) for gradient in gradients]).to(torch.uint8)
    dist.all_reduce(used, op=dist.ReduceOp.MAX)
    return [
        own.nonzero().squeeze(1) for own in used.split([len(gradient) for gradient in gradients])
    ]


def _sum(tensor: torch.Tensor) -> torch.futures.Future[list[torch.Tensor]]:
    work = dist.all_reduce(tensor, async_op=True)
    assert work is not None, "asynchronous"
    future: torch.futures.Future[list[torch.Tensor]] = work.get_future()
    return future
