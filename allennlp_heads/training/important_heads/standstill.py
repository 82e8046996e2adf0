"""Rows of parameters that an optimizer's step leaves where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from allennlp_heads.attention import HeadRows


class _Kept(NamedTuple):
    row: HeadRows
    blocks: torch.Tensor
    weights: torch.Tensor
    states: dict[str, torch.Tensor]


class Standstill:
    """
    Puts rows of parameters and of the optimizer's state back after a step. Only these rows are
    copied, on the device.

    State counts as a row's if it has the parameter's shape, as the moments of AdamW do. State that
    the step itself has made becomes zero in these rows, as if it had been made before. A parameter
    has one count of steps for all its rows, which goes on.

    # Parameters

    rows : `List[HeadRows]`
    """

    def __init__(self, rows: Sequence[HeadRows]) -> None:
        self._rows = rows
        self._kept: dict[int, list[_Kept]] = {}

    @torch.no_grad()
    def keep(self, optimizer: torch.optim.Optimizer, closed: Sequence[torch.Tensor]) -> None:
        """
        Remember rows before a step.

        # Parameters

        optimizer : `torch.optim.Optimizer`
            About to take the step; parameters without a gradient or of other optimizers are passed
            over.
        closed : `List[torch.Tensor]`
            For each of the rows the blocks that shall stand still, as indices.
        """
        mine = {id(p) for group in optimizer.param_groups for p in group["params"]}
        self._kept[id(optimizer)] = [
            _Kept(
                row,
                blocks,
                _copy(row, row.parameter, blocks),
                {
                    name: _copy(row, state, blocks)
                    for name, state in _states(optimizer, row.parameter).items()
                },
            )
            for row, blocks in zip(self._rows, closed, strict=True)
            if len(blocks) and row.parameter.grad is not None and id(row.parameter) in mine
        ]

    @torch.no_grad()
    def restore(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        """Put them back after the step; does nothing where nothing was kept."""
        for kept in self._kept.pop(id(optimizer), ()):
            row = kept.row
            row.view(row.parameter).index_copy_(row.dim, kept.blocks, kept.weights)
            for name, state in _states(optimizer, row.parameter).items():
                if name in kept.states:
                    row.view(state).index_copy_(row.dim, kept.blocks, kept.states[name])
                else:
                    row.view(state).index_fill_(row.dim, kept.blocks, 0)


def _copy(row: HeadRows, tensor: torch.Tensor, blocks: torch.Tensor) -> torch.Tensor:
    return row.view(tensor).index_select(row.dim, blocks)


def _states(
    optimizer: torch.optim.Optimizer, parameter: torch.nn.Parameter
) -> dict[str, torch.Tensor]:
    """What an optimizer remembers of every single weight of a parameter."""
    # asked like this, since the state makes entries for those it is asked for by index
    state = optimizer.state.get(parameter, {})
    return {
        name: value
        for name, value in state.items()
        if isinstance(value, torch.Tensor) and value.shape == parameter.shape
    }
