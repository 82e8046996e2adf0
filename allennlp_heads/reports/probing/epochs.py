"""How the probes of a run change from epoch to epoch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from allennlp_heads.analysis.probing.result import LabelScore, OverallScore, ProbeResult
from allennlp_heads.reports.charts import chart, line_style
from allennlp_heads.reports.markup import shown_name
from allennlp_heads.reports.probing.line_names import name_lines
from allennlp_heads.reports.probing.names import chosen_where

logger = logging.getLogger(__name__)

_LABELS = 6
_BASELINES = (
    ("random_head", "random head", (0, (7, 2))),
    ("offset_accuracy", "best offset", (0, (1, 1))),
    ("majority", "majority", (0, (5, 1.5, 1, 1.5))),
    ("control", "control task", (0, (2, 4))),
)
"""Fields of a score, what they are called, and their lines: thick, grey and without marks."""


def epochs_figure(task: str, results: Sequence[ProbeResult]) -> Figure:
    """
    Accuracy over the epochs: of all items, each by its label's head (black, with its 95% interval
    as a grey band), of its baselines (thick grey lines), and of the six labels that are most
    frequent in the last epoch.

    # Parameters

    task : `str`
    results : `Sequence[ProbeResult]`
        One an epoch, in their order, each with its `epoch`.
    """
    epochs = [1 + (result.epoch or 0) for result in results]
    labels = [score.label for score in results[-1].labels[:_LABELS]]
    title = (
        f"{task}: accuracy of each label's head, {chosen_where(results[-1])}, after every epoch. "
        "Black: all items, with 95% interval (grey band); thick grey: their baselines"
    )
    figure, axes = chart(6.6, 3.9, title)
    weighted = [result.overall["weighted"] for result in results]
    low, high = _percent(weighted, "low"), _percent(weighted, "high")
    axes.fill_between(epochs, low, high, color="0.85", linewidth=0, zorder=1)
    accuracy = _percent(weighted, "accuracy")
    lines = axes.plot(epochs, accuracy, "o-", color="black", lw=2, label="all items", zorder=4)
    for field, name, dashes in _BASELINES:
        values = _percent(weighted, field)
        if numpy.isfinite(values).any():
            style: dict[str, Any] = {"linestyle": dashes, "color": "0.5", "lw": 2}
            lines += axes.plot(epochs, values, label=f"baseline: {name}", **style)
    for place, label in enumerate(labels, start=1):
        scores = [_of_label(result, label) for result in results]
        style = line_style(place)
        lines += axes.plot(
            epochs, _percent(scores, "accuracy"), label=shown_name(label, 20), **style
        )
    _frame(axes)
    name_lines(axes, lines, [str(line.get_label()) for line in lines])
    return figure


def read_epochs(folder: Path) -> dict[str, list[ProbeResult]]:
    """
    The probes in `probe_epochs/<epoch>/` of a folder: by task, in the order of the epochs. What
    cannot be read is left out, with a warning: the probe of the end does not rest on it.
    """
    from allennlp_heads.reports.probing.files import read_probe  # which draws these pictures

    found: dict[str, list[ProbeResult]] = {}
    places = folder.glob("probe_epochs/*/probe.json")
    for path in sorted(places, key=lambda path: (len(path.parent.name), path.parent.name)):
        try:
            results = read_probe(path)
        except ConfigurationError as error:
            logger.warning("The picture over epochs is without %s: %s", path.parent, error)
            continue
        for task, result in results.items():
            found.setdefault(task, []).append(result)
    return found


def _frame(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(-2, 102)
    axes.grid(color="0.92")
    axes.set_axisbelow(True)
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy, %")


def _of_label(result: ProbeResult, label: str) -> LabelScore | None:
    return next((score for score in result.labels if score.label == label), None)


def _percent(scores: Sequence[LabelScore | OverallScore | None], field: str) -> numpy.ndarray:
    values = [getattr(score, field, None) for score in scores]
    return 100 * numpy.array([numpy.nan if value is None else value for value in values])
