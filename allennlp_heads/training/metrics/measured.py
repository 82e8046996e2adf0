"""The measures of `allennlp_heads.analysis.measures` as a metric of AllenNLP."""

from collections.abc import Sequence

import torch
from allennlp.training.metrics import Metric

from allennlp_heads.analysis.measures import MEASURES
from allennlp_heads.distributed import gather_rows
from allennlp_heads.distributed.worker_metric import WorkerMetric


@Metric.register("measured")
class Measured(WorkerMetric):
    """
    Scores of what heads say of each example (`example_counts`), such as the F1 of one label,
    Matthews' correlation, Pearson's and Spearman's.

    AllenNLP's own: `f1` stops at labels not seen in training; `pearson_correlation` is 0 as soon
    as predictions vary little, and `spearman_correlation` is not a number when they do not vary;
    neither correlation runs on several workers; and there is no Matthews.

    # Parameters

    names : `Sequence[str]`
        Of `MEASURES`; all of them read the same columns, or the first ones of these.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._measures = {name: MEASURES[name] for name in names}
        self._additive = all(measure.additive for measure in self._measures.values())
        self._columns = max(len(measure.columns) for measure in self._measures.values())
        self._rows: list[torch.Tensor] = []

    def __call__(self, counts: torch.Tensor) -> None:  # type: ignore[override]
        """
        # Parameters

        counts : `torch.Tensor`
            Shape `[batch, columns]`, of single examples.
        """
        rows = counts.detach().double().cpu()
        if self._additive:
            rows = torch.cat([*self._rows, rows.sum(0, keepdim=True)]).sum(0, keepdim=True)
            self._rows = [rows]
        else:
            self._rows.append(rows)

    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """
        # Returns

        `Dict[str, float]`
            The score of each measure, by its name; 0 where it is not defined, as for constant
            predictions.
        """
        rows = self._together().numpy()
        metrics = {
            name: float(measure.of_examples(rows)) for name, measure in self._measures.items()
        }
        if reset:
            self.reset()
        return metrics

    def _together(self) -> torch.Tensor:
        return torch.cat([torch.zeros(0, self._columns, dtype=torch.double), *self._rows])

    def merge(self) -> None:
        self._rows = [gather_rows(self._together())]

    def reset(self) -> None:
        self._rows = []
