"""What one worker does alone, and the others wait for."""

from datetime import timedelta
from typing import Optional

import torch.distributed

from allennlp_heads.distributed import world_size

_LONG = timedelta(days=30)


class Waiting:
    """
    Lets the other workers of a distributed training wait until the primary one has written a
    report, however long that takes: what they would do next waits for half an hour (gloo), or ten
    minutes (nccl), and ends the training then. Without other workers it does nothing.
    """

    def __init__(self) -> None:
        self._group: Optional[torch.distributed.ProcessGroup] = None

    def prepare(self) -> None:
        """Collective, while all are still at the same place, as in a callback's `on_start`."""
        if world_size() > 1 and self._group is None:
            self._group = torch.distributed.new_group(backend="gloo", timeout=_LONG)

    def for_all(self) -> None:
        """Collective: go on when all workers are here."""
        if self._group is not None:
            torch.distributed.barrier(group=self._group)

    def end(self) -> None:
        """To be called when there is nothing to wait for any more."""
        if self._group is not None:
            torch.distributed.destroy_process_group(self._group)
            self._group = None
