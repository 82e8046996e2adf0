"""Training in which only the chosen heads of a task learn from its batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from allennlp_heads.attention import HeadRows
from allennlp_heads.distributed import sum_over_workers
from allennlp_heads.training.important_heads.standstill import Standstill


class HeadMasks:
    """
    Lets every batch train only the heads that its task's mask names, and keeps the heads that no
    task of an update names where they are.

    Hooks on the parameters mask the gradient of each backward pass, so that several batches may add
    up to one update, and norms and clipping see masked gradients. Hooks on the optimizer keep what
    zero gradients alone would not: weights that move by momentum or decay, and the moments
    themselves (see [`Standstill`](./standstill.md)). In distributed training the tasks of all
    workers count; their gradients are masked before they are averaged.

    # Parameters

    rows : `List[HeadRows]`
        The parameters of the heads, on the device on which they are trained.
    masks : `Dict[str, torch.Tensor]`
        For each task `[layers, max heads]`, `bool`, on the CPU: its heads. In distributed training
        the same in all workers.
    others : `bool`, optional (default = `True`)
        Whether rows of these parameters that belong to no head learn from every batch, or none.
    """

    def __init__(
        self,
        rows: Sequence[HeadRows],
        masks: Mapping[str, torch.Tensor],
        others: bool = True,
    ) -> None:
        self._rows = [row for row in rows if row.parameter.requires_grad]
        self._masks = dict(masks)
        self._others = others
        self._open = {
            task: [_beside(row, row.blocks(mask, others)) for row in self._rows]
            for task, mask in masks.items()
        }
        self._still = Standstill(self._rows)
        self._closed: dict[frozenset[str], list[torch.Tensor]] = {}
        self._task: str | None = None
        self._tasks: set[str] = set()
        self._handles: list[RemovableHandle] = []

    def attach(self, optimizer: torch.optim.Optimizer) -> None:
        """From now on mask the gradients, and the steps of this optimizer."""
        for place, row in enumerate(self._rows):
            self._handles.append(row.parameter.register_hook(partial(self._mask, place)))
        for single in _single_optimizers(optimizer):
            before: Callable[..., None] = self._before_step
            self._handles.append(single.register_step_pre_hook(before))
            self._handles.append(single.register_step_post_hook(self._still.restore))

    def detach(self) -> None:
        """Let everything train again."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self.end_update()

    def use(self, task: str) -> None:
        """To be called before the backward pass of a batch of this task."""
        self._task = task
        self._tasks.add(task)

    def end_update(self) -> None:
        """
        To be called after each update, also after one that a `GradScaler` has left out. Until the
        next `use`, gradients are not masked.
        """
        self._task = None
        self._tasks.clear()

    def _mask(self, place: int, gradient: torch.Tensor) -> torch.Tensor | None:
        if self._task is None:
            return None
        row, open_blocks = self._rows[place], self._open[self._task][place]
        # not a product, since zero times infinity is no number
        masked = torch.where(open_blocks, row.view(gradient), 0.0)
        return masked.flatten(row.dim, row.dim + 1)

    def _before_step(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        # collective, so also in a worker that had no batch in this update
        tasks = self._tasks_of_all_workers()
        if tasks:
            self._still.keep(optimizer, self._closed_for(tasks))

    def _tasks_of_all_workers(self) -> frozenset[str]:
        seen = sum_over_workers(torch.tensor([task in self._tasks for task in self._masks]).int())
        return frozenset(task for task, times in zip(self._masks, seen.tolist()) if times)

    def _closed_for(self, tasks: frozenset[str]) -> list[torch.Tensor]:
        """The closed blocks of every parameter in an update of these tasks."""
        if tasks not in self._closed:
            chosen = torch.stack([self._masks[task] for task in sorted(tasks)]).any(dim=0)
            self._closed[tasks] = [
                (~row.blocks(chosen, self._others)).nonzero().squeeze(1).to(row.parameter.device)
                for row in self._rows
            ]
        return self._closed[tasks]


def _beside(row: HeadRows, blocks: torch.Tensor) -> torch.Tensor:
    """Blocks in a shape that broadcasts over the view of their parameter."""
    behind = row.parameter.dim() - row.dim
    return blocks.to(row.parameter.device).view(-1, *[1] * behind)


def _single_optimizers(optimizer: torch.optim.Optimizer) -> list[torch.optim.Optimizer]:
    """AllenNLP's `multi` optimizer is made of others, which take the steps."""
    inner = getattr(optimizer, "optimizers", None)
    return list(inner.values()) if isinstance(inner, dict) else [optimizer]
