"""The files `search.*` that `allennlp heads search` writes in the end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import atomic_write, file_stems, write_report

SCHEMA, VERSION, STEM = "search", 1, "search"


@dataclass(frozen=True)
class Tried:
    """
    A trial.

    # Parameters

    number : `int`
    state : `str`
        `complete`, `pruned`, `failed` or `running`.
    values : `List[float]`, optional
        One for each metric; `None` where it has none.
    parameters : `Dict[str, Any]`
    best : `bool`
        Whether no other complete trial is better; with several metrics, better in all of them.
    attempts : `int`
    reason : `str`, optional
        Why it failed.
    folder, log : `str`
        Below the folder of the search.
    """

    number: int
    state: str
    values: list[float] | None
    parameters: Mapping[str, Any]
    best: bool
    attempts: int
    reason: str | None
    folder: str
    log: str


@dataclass(frozen=True)
class SearchResults:
    """
    # Parameters

    metrics : `Dict[str, str]`
        With the direction of each, `maximize` or `minimize`.
    trials : `List[Tried]`
        By number.
    importance : `Dict[str, Dict[str, float]]`
        Of each parameter for each metric, summing to 1; only where there were enough trials.
    configurations : `Dict[int, Dict[str, Any]]`
        Those of the best trials.
    about : `Dict[str, Any]`
        Further keys of the report.
    seed : `int`
    """

    metrics: Mapping[str, str]
    trials: list[Tried]
    importance: Mapping[str, Mapping[str, float]]
    configurations: Mapping[int, Mapping[str, Any]]
    about: Mapping[str, Any]
    seed: int

    def so_far(self, metric: int) -> list[float | None]:
        """The best value of a metric up to each trial."""
        larger = list(self.metrics.values())[metric] == "maximize"
        found: list[float | None] = []
        best: float | None = None
        for trial in self.trials:
            if trial.values is not None and trial.state == "complete":
                value = trial.values[metric]
                better = best is None or (value > best if larger else value < best)
                best = value if better else best
            found.append(best)
        return found


def write_search(found: SearchResults, folder: str | os.PathLike[str]) -> None:
    """
    Write `search.json`, the best configurations and the pictures, together or not at all.

    # Parameters

    found : `SearchResults`
    folder : `PathLike`
    """
    from allennlp_heads.reports import search_figures as figures

    with drafted(folder, STEM, VERSION) as draft:
        for number, config in found.configurations.items():
            with atomic_write(draft / best_file(found, number)) as file:
                file.write((json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode())
        if any(trial.values is not None for trial in found.trials):
            for place, stem in enumerate(file_stems(found.metrics)):
                save_figure(figures.values_figure(found, place), draft / f"{STEM}_values_{stem}")
            if len(found.metrics) == 2:
                save_figure(figures.front_figure(found), draft / f"{STEM}_front")
        if found.importance:
            save_figure(figures.importance_figure(found), draft / f"{STEM}_importance")
        files = [*(path.name for path in draft.iterdir()), f"{STEM}.json"]
        content = {**_content(found), "files": sorted(files)}
        write_report(draft / f"{STEM}.json", SCHEMA, VERSION, content, found.seed)


def best_file(found: SearchResults, number: int) -> str:
    """The file of a best configuration; several carry the number of their trial."""
    return f"{STEM}_best.json" if len(found.metrics) == 1 else f"{STEM}_best_{number}.json"


def _content(found: SearchResults) -> dict[str, Any]:
    return {
        **found.about,
        "metrics": found.metrics,
        "best": [trial.number for trial in found.trials if trial.best],
        "importance": found.importance,
        "importance_by": "fANOVA",
        "trials": [
            {
                "number": trial.number,
                "state": trial.state,
                "values": None if trial.values is None else dict(zip(found.metrics, trial.values)),
                "parameters": trial.parameters,
                "attempts": trial.attempts,
                "reason": trial.reason,
                "folder": trial.folder,
                "log": trial.log,
            }
            for trial in found.trials
        ],
    }
