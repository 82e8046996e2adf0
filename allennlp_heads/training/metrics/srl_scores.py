"""Precision, recall and F1 of predicates with their arguments."""

import torch
from allennlp.training.metrics import Metric

from allennlp_heads.distributed import sum_over_workers
from allennlp_heads.distributed.worker_metric import WorkerMetric
from allennlp_heads.training.metrics.shares import precision_recall_f1


@Metric.register("srl_scores")
class SrlScores(WorkerMetric):
    """
    Micro-averaged scores of semantic roles. An argument is right if its predicate, its first and
    last words and its role are; the predicate itself (`V`) is no argument. The CoNLL-2005 script
    differs in one thing: there an argument and its continuation (`C-A1` after `A1`) are one, here
    they are two.
    """

    def __init__(self) -> None:
        self._counts = torch.zeros(2, 3, dtype=torch.long)

    def __call__(  # type: ignore[override]
        self, arguments: torch.Tensor, predicates: torch.Tensor
    ) -> None:
        """
        # Parameters

        arguments, predicates : `torch.LongTensor`
            Correct, predicted and gold ones of each example, shape `[batch, 3]`.
        """
        counts = torch.stack([arguments.sum(0), predicates.sum(0)])
        self._counts += counts.cpu()

    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """
        # Returns

        `Dict[str, float]`
            `precision`, `recall` and `f1` of arguments and `predicate_f1`, between 0 and 1; 0 where
            there was nothing to count.
        """
        arguments, predicates = self._counts.tolist()
        metrics = precision_recall_f1(arguments)
        metrics["predicate_f1"] = precision_recall_f1(predicates)["f1"]
        if reset:
            self.reset()
        return metrics

    def merge(self) -> None:
        self._counts = sum_over_workers(self._counts)

    def reset(self) -> None:
        self._counts.zero_()
