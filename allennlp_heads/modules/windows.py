"""Inputs longer than an encoder's limit: overlapping windows, nothing dropped."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from allennlp.common.checks import ConfigurationError


@dataclass
class Windows:
    """
    How a batch of long inputs is cut into rows that fit, and put together again.

    # Parameters

    pieces : `torch.Tensor`
        `[rows, width]`: position in its example of each piece of each window (0 where there is
        none).
    mask : `torch.Tensor`
        `[rows, width]` bool: which of them exist.
    examples : `torch.Tensor`
        `[rows]`: example of each window.
    take_row, take_column : `torch.Tensor`
        `[batch, length]`: where each piece's vector is read from.
    """

    pieces: torch.Tensor
    mask: torch.Tensor
    examples: torch.Tensor
    take_row: torch.Tensor
    take_column: torch.Tensor

    def split(self, values: torch.Tensor) -> torch.Tensor:
        """`[batch, length]` -> `[rows, width]`."""
        return values[self.examples[:, None], self.pieces]

    def join(self, vectors: torch.Tensor) -> torch.Tensor:
        """`[rows, width, dim]` -> `[batch, length, dim]`."""
        return vectors[self.take_row, self.take_column]


def cut(mask: torch.Tensor, special_mask: torch.Tensor, limit: int) -> Windows:
    """
    Cut every example into windows of at most `limit` pieces.

    The special pieces at the two ends of an input ([CLS], [SEP]) stand at the ends of each of its
    windows; the pieces between are cut with a stride of half a window's content, and each piece is
    read from the window in which it has the most context on its poorer side (as the first seed
    recombines the centres of windows).

    # Parameters

    mask : `torch.Tensor`
        `[batch, length]` bool: which pieces exist. Padding is at the end.
    special_mask : `torch.Tensor`
        `[batch, length]` bool.
    limit : `int`

    Raises `ConfigurationError` when the limit leaves less than two pieces of content.
    """
    rows: list[list[int]] = []
    examples: list[int] = []
    take_row = torch.zeros(mask.shape, dtype=torch.long)
    take_column = torch.zeros(mask.shape, dtype=torch.long)
    lengths = mask.sum(dim=1).tolist()
    specials = special_mask.cpu().tolist()
    for example, length in enumerate(lengths):
        head, tail = _ends(specials[example][:length])
        for start, stop, first, last in _spans(length - head - tail, limit - head - tail):
            row, width = len(rows), stop - start
            rows.append(
                [*range(head), *range(head + start, head + stop), *range(length - tail, length)]
            )
            examples.append(example)
            # content pieces first..last are read from this window
            take_row[example, head + first : head + last] = row
            take_column[example, head + first : head + last] = (
                torch.arange(first, last) - start + head
            )
            if start == 0:
                take_row[example, :head] = row
                take_column[example, :head] = torch.arange(head)
            take_row[example, length - tail : length] = row  # the last window has the last word
            take_column[example, length - tail : length] = torch.arange(tail) + head + width
    widest = max(map(len, rows))
    padded = torch.tensor([row + [0] * (widest - len(row)) for row in rows])
    exists = torch.tensor([[True] * len(row) + [False] * (widest - len(row)) for row in rows])
    tensors = (padded, exists, torch.tensor(examples), take_row, take_column)
    return Windows(*(tensor.to(mask.device) for tensor in tensors))


def _ends(special: list[bool]) -> tuple[int, int]:
    """How many special pieces an input begins and ends with."""
    head = next((i for i, is_special in enumerate(special) if not is_special), len(special))
    tail = next((i for i, is_special in enumerate(reversed(special)) if not is_special), 0)
    return head, tail if head < len(special) else 0


def _spans(content: int, room: int) -> list[tuple[int, int, int, int]]:
    """
    Windows over `content` pieces with room for `room`: (start, stop, first, last), where the
    pieces from first to last (exclusive) are the ones to read from the window.
    """
    if content <= room:
        return [(0, content, 0, content)]
    if room < 2:
        raise ConfigurationError(
            f"'max_length' leaves room for {max(room, 0)} pieces of text: raise it"
        )
    starts = [*range(0, content - room, room // 2), content - room]
    borders = [0]
    for left, right in zip(starts, starts[1:]):
        # halfway through the overlap of [right, left + room)
        borders.append((right + left + room) // 2)
    borders.append(content)
    return [(s, s + room, first, last) for s, first, last in zip(starts, borders, borders[1:])]
