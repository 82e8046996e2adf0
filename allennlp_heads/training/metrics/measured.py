"""The measures of `allennlp_heads.analysis.measures` as a metric of AllenNLP."""

from collections.abc import Sequence

import torch
from allennlp.common.util import is_distributed
from allennlp.training.metrics import Metric

from allennlp_heads.analysis.measures import MEASURES


@Metric.register("measured")
class Measured(Metric):
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

    supports_distributed = True

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
        rows = of_all_workers(counts.detach().double())
        if self._additive:
            rows = torch.cat([*self._rows, rows.sum(0, keepdim=True).cpu()]).sum(0, keepdim=True)
            self._rows = [rows]
        else:
            self._rows.append(rows.cpu())

    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """
        # Returns

        `Dict[str, float]`
            The score of each measure, by its name; 0 where it is not defined, as for constant
            predictions.
        """
        empty = torch.zeros(0, self._columns, dtype=torch.double)
        rows = torch.cat([empty, *self._rows]).numpy()
        metrics = {
            name: float(measure.of_examples(rows)) for name, measure in self._measures.items()
        }
        if reset:
            self.reset()
        return metrics

    def reset(self) -> None:
        self._rows = []


def of_all_workers(rows: torch.Tensor) -> torch.Tensor:
    """The rows of this worker followed by those of the others, whose batches may be longer."""
    if not is_distributed():
        return rows
    workers = torch.distributed.get_world_size()
    sizes = [torch.zeros(1, dtype=torch.long, device=rows.device) for _ in range(workers)]
    torch.distributed.all_gather(sizes, torch.tensor([len(rows)], device=rows.device))
    longest = int(torch.stack(sizes).max())
    padded = torch.cat([rows, rows.new_zeros(longest - len(rows), rows.size(1))])
    parts = [torch.zeros_like(padded) for _ in range(workers)]
    torch.distributed.all_gather(parts, padded)
    return torch.cat([part[: int(size)] for part, size in zip(parts, sizes)])
