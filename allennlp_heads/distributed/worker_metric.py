"""Metrics that every worker of a distributed training counts for itself until they are asked."""

from __future__ import annotations

from abc import ABC, abstractmethod

from allennlp.training.metrics import Metric


class WorkerMetric(Metric, ABC):
    """
    A metric that counts what it is given in this worker, and is told of the other workers' when an
    epoch ends. AllenNLP's add up the counts of all workers in every batch: these wait for each
    other, so that all workers would have to run the same head at the same time.
    """

    supports_distributed = True

    @abstractmethod
    def merge(self) -> None:
        """
        Collective: add to the counts those of all other workers. To be called once, right before
        the metric is asked and reset.
        """
