"""What the texts of a task are like to an encoder that knows nothing of the task."""

from __future__ import annotations

from typing import Any

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.embedding.examples import batches, rows_of_pieces
from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.undisturbed import undisturbed
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
    total = torch.zeros(encoder.get_output_dim(), dtype=torch.float64)
    counted = {"examples": 0, "available": data.sizes.get(task, 0), "texts": 0, "tokens": 0}
    with undisturbed(encoder), torch.no_grad():
        total = total.to(next(encoder.parameters()).device)
        for batch in batches(data, task, options, "texts"):
            inputs, examples = rows_of_pieces(batch["tokens"])
            mask = inputs["mask"]
            vectors = encoder(**inputs, task=task, examples=examples).double()
            means = (vectors * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
            total += means.sum(0)
            counted["examples"] += len(batch["example"])
            counted["texts"] += len(mask)
            counted["tokens"] += int(mask.sum())
    text = (total / counted["texts"]).cpu().numpy()
    if not numpy.isfinite(text).all():
        raise ConfigurationError(
            f"the encoder gives vectors of texts of the task '{task}' that are not finite: has "
            "training diverged?"
        )
    return {"text": text}, counted
