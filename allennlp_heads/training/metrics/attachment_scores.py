"""Attachment scores of dependency trees, with and without punctuation."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Optional

import torch
from allennlp.training.metrics import Metric

from allennlp_heads.distributed import sum_over_workers
from allennlp_heads.distributed.worker_metric import WorkerMetric


@lru_cache(maxsize=2**17)
def is_punctuation(word: str) -> bool:
    """
    Whether all characters of a word are of a Unicode category P, which is what the evaluation of
    CoNLL-X took for punctuation (Buchholz and Marsi 2006). Signs such as `$` and `+` are of a
    category S and therefore are not.
    """
    return bool(word) and all(unicodedata.category(letter).startswith("P") for letter in word)


def punctuation_mask(sentences: Sequence[Sequence[str]], mask: torch.Tensor) -> torch.Tensor:
    """
    Which words are punctuation.

    # Parameters

    sentences : `Sequence[Sequence[str]]`
        The words of each sentence.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words; gives the shape and the device.

    # Returns

    `torch.BoolTensor`
        Shape `[batch, words]`, False on padding.
    """
    width = mask.size(1)
    rows = [[is_punctuation(word) for word in words[:width]] for words in sentences]
    padded = [row + [False] * (width - len(row)) for row in rows]
    return torch.tensor(padded, dtype=torch.bool, device=mask.device).view_as(mask) & mask


@Metric.register("dependency_scores")
class DependencyScores(WorkerMetric):
    """
    The share of words with the right head (`UAS`) and with the right head and relation (`LAS`),
    punctuation left out, and the same over all words (`UAS_punct`, `LAS_punct`). AllenNLP's
    `attachment_scores` can leave out relations, but not words.
    """

    def __init__(self) -> None:
        self._counts = torch.zeros(2, 3, dtype=torch.long)

    def __call__(  # type: ignore[override]
        self,
        predicted_heads: torch.Tensor,
        predicted_relations: torch.Tensor,
        gold_heads: torch.Tensor,
        gold_relations: torch.Tensor,
        mask: torch.Tensor,
        punctuation: Optional[torch.Tensor] = None,
    ) -> None:
        """
        # Parameters

        predicted_heads, predicted_relations, gold_heads, gold_relations : `torch.LongTensor`
            Shape `[batch, words]`. A gold value that is no index of a prediction, such as -1,
            counts as an error.
        mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        punctuation : `torch.BoolTensor`, optional (default = `None`)
            Shape `[batch, words]`, True on words to leave out. `None` leaves none out.
        """
        unlabelled = predicted_heads == gold_heads
        labelled = unlabelled & (predicted_relations == gold_relations)
        right = torch.stack([mask, mask & unlabelled, mask & labelled])
        scored = right if punctuation is None else right & ~punctuation
        counts = torch.stack([scored.flatten(1).sum(-1), right.flatten(1).sum(-1)])
        self._counts += counts.cpu()

    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """
        # Returns

        `Dict[str, float]`
            `UAS`, `LAS`, `UAS_punct` and `LAS_punct`, between 0 and 1; 0 when there was no word.
        """
        metrics = {}
        for suffix, (words, heads, both) in zip(("", "_punct"), self._counts.tolist()):
            metrics["UAS" + suffix] = heads / words if words else 0.0
            metrics["LAS" + suffix] = both / words if words else 0.0
        if reset:
            self.reset()
        return metrics

    def merge(self) -> None:
        self._counts = sum_over_workers(self._counts)

    def reset(self) -> None:
        self._counts.zero_()
