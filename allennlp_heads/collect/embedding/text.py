"""What the texts of a task are like to an encoder that knows nothing of the task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.embedding.examples import batches, rows_of_pieces
from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.collect.sharing import in_all_workers, own_share
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.undisturbed import undisturbed
from allennlp_heads.distributed import sum_over_workers
from allennlp_heads.modules import GatedEncoder

Components = dict[str, numpy.ndarray]


def embed_text(
    encoder: GatedEncoder,
    data: TaskData,
    task: str,
    options: EmbeddingOptions = EmbeddingOptions(),
) -> tuple[Components, dict[str, Any]]:
    """
    The mean vector of a task's texts (TextEmb; Vu et al. 2020, section 4): of each text the mean of
    the last layer over its pieces, [CLS] and [SEP] included, then the mean over texts. Labels are
    not looked at. Where the reader cuts long inputs into windows, as for questions, each window is
    a text; where the encoder itself does, the pieces of all windows together are one.

    # Parameters

    encoder : `GatedEncoder`
        A pretrained one, or that of a model, with its gates for this task; left as it was found.
    data : `TaskData`
    task : `str`
    options : `EmbeddingOptions`, optional
        Of it `examples`, `seed` and `batch_size`, which does not matter.

    # Returns

    `Tuple[Dict[str, numpy.ndarray], Dict[str, Any]]`
        `text` `[dim]` in `float64`, and for the manifest `examples`, `available` (how many there
        were to draw from), `texts` (how many texts they are) and `tokens` (how many pieces).

    Raises `ConfigurationError` for a task without data and for vectors that are not finite.
    """
    with undisturbed(encoder), torch.no_grad():
        found = batches(data, task, options, "texts")
        share = in_all_workers(lambda: _sums(encoder, own_share(found), task))
        total, *counted = map(sum_over_workers, share)
    examples, texts, tokens = (int(count) for count in counted)
    text = (total / texts).cpu().numpy()
    if not numpy.isfinite(text).all():
        raise ConfigurationError(
            f"the encoder gives vectors of texts of the task '{task}' that are not finite: has "
            "training diverged?"
        )
    available = data.sizes.get(task, 0)
    counts = {"examples": examples, "available": available, "texts": texts, "tokens": tokens}
    return {"text": text}, counts


def _sums(
    encoder: GatedEncoder, found: Iterator[dict[str, Any]], task: str
) -> tuple[torch.Tensor, ...]:
    """The sum of the texts' means, and numbers of examples, texts and pieces."""
    device = next(encoder.parameters()).device
    total = torch.zeros(encoder.get_output_dim(), dtype=torch.float64, device=device)
    counted = torch.zeros(3, dtype=torch.long)
    for batch in found:
        inputs, examples = rows_of_pieces(batch["tokens"])
        mask = inputs["mask"]
        vectors = encoder(**inputs, task=task, examples=examples).double()
        total += ((vectors * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)).sum(0)
        counted += torch.tensor([len(batch["example"]), len(mask), int(mask.sum())])
    return total, *counted
