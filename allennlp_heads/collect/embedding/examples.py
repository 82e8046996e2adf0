"""The examples that an embedding is made from, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from allennlp.common import Tqdm

from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.distributed import is_primary

Inputs = dict[str, torch.Tensor]
"""Of an encoder, by the names of an indexer."""

_CHUNK = 512
"""Examples whose tensors are in memory at once."""
_ANY_NUMBER = 2**31


def batches(
    data: TaskData, task: str, options: EmbeddingOptions, purpose: str
) -> Iterator[dict[str, Any]]:
    """
    The chosen examples of a task: the same ones, in the same batches, for each kind of embedding.

    Examples of about the same length share a batch, but for the mode `"batch_sum"`, to which it
    matters which do: its batches are random and all of `batch_size`.

    # Parameters

    data : `TaskData`
    task : `str`
    options : `EmbeddingOptions`
    purpose : `str`
        For the progress bar.
    """
    mixed = options.mode == "batch_sum"
    size = options.batch_size if mixed else _CHUNK
    wanted = min(data.sizes.get(task, 0), options.examples or _ANY_NUMBER)
    title = f"{purpose} of {task}"
    with Tqdm.tqdm(total=wanted, desc=title, disable=not is_primary()) as progress:
        for chunk in data.chunks(task, size, options.seed, options.examples):
            chunk.batch_size = options.batch_size
            if mixed:
                chunk.tokens_per_batch = _ANY_NUMBER
            for batch in chunk.batches(task):
                yield batch
                progress.update(len(batch["example"]))


def rows_of_pieces(tokens: dict[str, Inputs]) -> tuple[Inputs, torch.Tensor | None]:
    """
    What the encoder reads of a batch.

    # Parameters

    tokens : `Dict[str, Dict[str, torch.Tensor]]`
        The text field; of several indexers that for words is taken.

    # Returns

    `Tuple[Dict[str, torch.Tensor], Optional[torch.Tensor]]`
        `token_ids`, `mask` and so on, `[rows, pieces]`, and `[rows]`: the example of each row,
        where long inputs come in windows.
    """
    given = next((one for one in tokens.values() if "offsets" in one), next(iter(tokens.values())))
    inputs: Inputs = {n: given[n] for n in ("token_ids", "type_ids", "special_mask") if n in given}
    inputs["mask"] = given.get("wordpiece_mask", given["mask"])
    if inputs["mask"].dim() == 2:
        return inputs, None
    exists = inputs["mask"].any(-1)  # [batch, windows]
    return {name: values[exists] for name, values in inputs.items()}, exists.nonzero()[:, 0]
