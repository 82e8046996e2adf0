"""Pictures of a search: values over trials, one metric against another, and what mattered."""

from __future__ import annotations

import numpy
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from allennlp_heads.reports.charts import beside, chart
from allennlp_heads.reports.markup import shorten
from allennlp_heads.reports.search import SearchResults, Tried

_SHOWN = {
    "complete": {"marker": "o", "color": "0.35"},
    "pruned": {"marker": "x", "color": "0.6"},
}


def values_figure(found: SearchResults, metric: int) -> Figure:
    """A point for each trial that has a value of a metric, and a line of the best one so far."""
    name, direction = list(found.metrics.items())[metric]
    figure, axes = chart(6.2, 3.4, f"{shorten(name)} of {len(found.trials)} trials ({direction})")
    for state, style in _SHOWN.items():
        points = _points(found, state)
        if points:
            axes.plot(
                [trial.number for trial in points],
                [_value(trial, metric) for trial in points],
                linestyle="",
                markersize=5,
                label=state,
                **style,  # type: ignore[arg-type]
            )
    best = [numpy.nan if value is None else value for value in found.so_far(metric)]
    numbers = [trial.number for trial in found.trials]
    axes.step(numbers, best, where="post", color="0", linewidth=1, label="best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("trial")
    axes.set_ylabel(shorten(name))
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    beside(axes)
    return figure


def front_figure(found: SearchResults) -> Figure:
    """Two metrics against each other; trials that none beats in both are joined and numbered."""
    (across, _), (up, _) = found.metrics.items()
    figure, axes = chart(6.2, 4.2, f"{shorten(up)} against {shorten(across)}")
    points = _points(found, "complete")
    axes.plot(
        [_value(trial, 0) for trial in points],
        [_value(trial, 1) for trial in points],
        linestyle="",
        markersize=5,
        label="complete",
        **_SHOWN["complete"],  # type: ignore[arg-type]
    )
    best = sorted((trial for trial in points if trial.best), key=lambda one: one.values or [])
    front = [(_value(trial, 0), _value(trial, 1)) for trial in best]
    axes.plot(*zip(*front), marker="s", color="0", markersize=6, label="best") if front else None
    for trial, place in zip(best, front):
        axes.annotate(
            str(trial.number), place, xytext=(4, 4), textcoords="offset points", fontsize=8
        )
    axes.set_xlabel(shorten(across))
    axes.set_ylabel(shorten(up))
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    beside(axes)
    return figure


def importance_figure(found: SearchResults) -> Figure:
    """A bar for each parameter and metric."""
    names = list(next(iter(found.importance.values())))
    figure, axes = chart(6.2, 1.2 + 0.35 * len(names) * len(found.importance), "What mattered")
    height = 0.8 / len(found.importance)
    for row, (metric, shares) in enumerate(found.importance.items()):
        places = numpy.arange(len(names)) + row * height
        axes.barh(
            places,
            [shares[name] for name in names],
            height=height,
            color=str(0.35 + 0.4 * row / max(1, len(found.importance) - 1)),
            edgecolor="0",
            linewidth=0.5,
            label=shorten(metric),
        )
    axes.set_yticks(numpy.arange(len(names)) + (0.8 - height) / 2, [shorten(n) for n in names])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the variance between trials (fANOVA)")
    beside(axes)
    return figure


def _points(found: SearchResults, state: str) -> list[Tried]:
    return [trial for trial in found.trials if trial.state == state and trial.values is not None]


def _value(trial: Tried, metric: int) -> float:
    assert trial.values is not None, "one of `_points`"
    return trial.values[metric]
