from allennlp_heads.distributed.accelerator import MultitaskTorchDdpAccelerator
from allennlp_heads.distributed.dealing import Step, dealt, loss_factor, steps_of
from allennlp_heads.distributed.workers import (
    barrier,
    broadcast_from_primary,
    gather_objects,
    gather_rows,
    is_primary,
    rank,
    sum_over_workers,
    world_size,
)

__all__ = [
    "MultitaskTorchDdpAccelerator",
    "Step",
    "barrier",
    "broadcast_from_primary",
    "dealt",
    "gather_objects",
    "gather_rows",
    "is_primary",
    "loss_factor",
    "rank",
    "steps_of",
    "sum_over_workers",
    "world_size",
]
