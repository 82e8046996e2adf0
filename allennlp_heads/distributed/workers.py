"""
What the processes of a distributed training tell each other.

Everything here works without distributed training as well: one worker is then all there are. What
talks to the others is *collective*: every worker calls it, in the same order, or all wait for ever.
So the gathering comes first, in every worker, and only then `if is_primary()` writes.
"""

from typing import Any, TypeVar

import torch
import torch.distributed

T = TypeVar("T")
_NARROW = (torch.float16, torch.bfloat16)


def world_size() -> int:
    """The number of workers; 1 without distributed training."""
    return torch.distributed.get_world_size() if _running() else 1


def rank() -> int:
    """The number of this worker among all of all nodes, from 0; 0 without distributed training."""
    return torch.distributed.get_rank() if _running() else 0


def is_primary() -> bool:
    """Whether this worker is the one that writes files: the first of all nodes."""
    return rank() == 0


def barrier() -> None:
    """Collective: go on when all workers are here."""
    if world_size() > 1:
        torch.distributed.barrier()


def sum_over_workers(tensor: torch.Tensor) -> torch.Tensor:
    """
    Collective: the sum of the workers' tensors.

    # Parameters

    tensor : `torch.Tensor`
        Of the same shape and type in every worker, on any device. It is left as it is.

    # Returns

    `torch.Tensor`
        A new one of that shape, type and device, the same in every worker and outside of any
        graph. Floats of 16 bits are added with 32, truth values by "or".
    """
    if world_size() == 1:
        return tensor.detach().clone()
    sent = tensor.detach().to(_device())
    if tensor.dtype in _NARROW:
        sent = sent.float()
    elif tensor.dtype == torch.bool:
        sent = sent.long()
    total = sent.clone(memory_format=torch.contiguous_format)
    torch.distributed.all_reduce(total)
    return total.to(device=tensor.device, dtype=tensor.dtype)


def gather_rows(tensor: torch.Tensor) -> torch.Tensor:
    """
    Collective: the rows of all workers.

    # Parameters

    tensor : `torch.Tensor`
        Shape `[rows, ...]`; any number of rows in each worker, also none, but the same type and the
        same other dimensions.

    # Returns

    `torch.Tensor`
        Shape `[rows of all, ...]`, in order of rank, the same in every worker, of the same type and
        device, outside of any graph.
    """
    if world_size() == 1:
        return tensor.detach()
    device = _device()
    rows = tensor.detach().to(device)
    if rows.dtype == torch.bool:
        rows = rows.to(torch.uint8)
    counts = _gather(torch.tensor([len(rows)], device=device))
    sizes = [int(count) for count in counts]
    if not max(sizes):
        return tensor.detach()
    missing = rows.new_zeros(max(sizes) - len(rows), *rows.shape[1:])
    parts = _gather(torch.cat([rows, missing]))
    together = torch.cat([part[:size] for part, size in zip(parts, sizes)])
    return together.to(device=tensor.device, dtype=tensor.dtype)


def gather_objects(value: T) -> list[T]:
    """
    Collective: one value of each worker, in order of rank.

    # Parameters

    value : `T`
        Plain data such as numbers, text, lists and dictionaries; it travels between the processes
        of this training as a pickle.
    """
    if world_size() == 1:
        return [value]
    values: list[Any] = [None] * world_size()
    torch.distributed.all_gather_object(values, value)
    return values


def broadcast_from_primary(value: T) -> T:
    """Collective: the value that the primary worker has, which is plain data."""
    if world_size() == 1:
        return value
    values: list[Any] = [value]
    torch.distributed.broadcast_object_list(values, src=0, device=_device())
    first: T = values[0]
    return first


def _running() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def _device() -> torch.device:
    # gloo talks from memory, nccl from the worker's GPU only
    if torch.distributed.get_backend() == "nccl":
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("cpu")


def _gather(tensor: torch.Tensor) -> list[torch.Tensor]:
    parts = [torch.zeros_like(tensor) for _ in range(world_size())]
    torch.distributed.all_gather(parts, tensor.contiguous())
    return parts
