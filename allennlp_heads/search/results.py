"""What a search has found, out of its study."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

from allennlp.common.util import SigTermReceived

from allennlp_heads.grid.names import HIDDEN
from allennlp_heads.reports.search import SearchResults, Tried, best_file, write_search
from allennlp_heads.search.configuration import configured
from allennlp_heads.search.library import import_optuna
from allennlp_heads.search.options import Searched
from allennlp_heads.search.samplers import exhausted
from allennlp_heads.search.trials import PREFIX

logger = logging.getLogger(__name__)

_STATES = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running"}
_LEAST = 4
"""Complete trials without which nothing is said about what mattered."""
_ROUNDING = 1e-12
"""Relative to the largest value; what differs by less is alike."""


def write_results(searched: Searched) -> list[str]:
    """
    Write the report and the pictures into the folder of a search.

    # Returns

    `List[str]`
        Lines to show.
    """
    found = results_of(searched)
    write_search(found, searched.out)
    first, *others = _lines(found)
    if exhausted(searched):
        first += "; the sampler has no more values"
    return [first, *others]


def results_of(searched: Searched) -> SearchResults:
    """All trials, the best of them with their configurations, and what mattered."""
    trials = searched.study.trials
    complete = [one for one in trials if one.state.name == "COMPLETE"]
    best = {one.number for one in searched.study.best_trials} if complete else set()
    if len(searched.objectives) == 1:  # of equal ones the earliest
        best = {min(best)} if best else set()
    configurations = {
        one.number: configured(searched.config_file, one.params)
        for one in complete
        if one.number in best
    }
    options = searched.options
    about = {
        "configuration": os.fspath(searched.config_file),
        "hyperparameters": searched.space.as_list(),
        "sampler": options.sampler or {"type": "TPESampler"},
        "pruner": options.pruner,
    }
    return SearchResults(
        {one.name: one.direction for one in searched.objectives},
        [_tried(one, one.number in best) for one in trials],
        _importance(searched, complete) if len(complete) >= _LEAST else {},
        configurations,
        about,
        options.seed,
    )


def _tried(frozen: Any, best: bool) -> Tried:
    name, said = f"{PREFIX}{frozen.number}", frozen.user_attrs
    values = frozen.values if frozen.state.name == "COMPLETE" else said.get("values")
    return Tried(
        frozen.number,
        _STATES.get(frozen.state.name, "running"),
        list(values) if values else None,
        dict(frozen.params),
        best,
        int(said.get("attempts", 0)),
        said.get("reason"),
        name,
        str(Path(HIDDEN) / "logs" / f"{name}.log"),
    )


def _importance(searched: Searched, complete: list[Any]) -> dict[str, dict[str, float]]:
    """For each metric that differs; a mistake here must not cost the results of all trials."""
    found = {}
    for place, objective in enumerate(searched.objectives):
        values = [one.values[place] for one in complete]
        if _alike(values):
            continue
        try:
            shares = _shares(searched, place)
        except SigTermReceived:  # says nothing about the values
            raise
        except Exception as error:  # of Optuna or its random forests
            logger.warning("What mattered to %s cannot be said: %s", objective.name, error)
            continue
        if sum(shares.values()) > 0:
            found[objective.name] = {name: shares.get(name, 0.0) for name in searched.space.names}
    return found


def _alike(values: list[float]) -> bool:
    """Whether they differ by rounding at most, of which fANOVA would make shares all the same."""
    return max(values) - min(values) <= _ROUNDING * max(abs(value) for value in values)


def _shares(searched: Searched, place: int) -> dict[str, float]:
    """Of the variance of one metric, by hyper-parameter."""
    optuna = import_optuna()
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=searched.options.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is not Optuna's newest way
        shares: dict[str, float] = optuna.importance.get_param_importances(
            searched.study, evaluator=evaluator, target=lambda trial: trial.values[place]
        )
    return shares


def _lines(found: SearchResults) -> list[str]:
    states = [trial.state for trial in found.trials]
    counted = [f"{states.count(state)} {state}" for state in _STATES.values() if state in states]
    lines = [f"{len(found.trials)} trials: {', '.join(counted)}"]
    for trial in found.trials:
        if trial.best and trial.values:
            scores = ", ".join(f"{name} {v:.4f}" for name, v in zip(found.metrics, trial.values))
            values = ", ".join(f"{name} {value}" for name, value in trial.parameters.items())
            lines.append(f"best: {trial.folder}, {scores} ({values})")
            lines.append(f"  allennlp train OUT/{best_file(found, trial.number)}")
        elif trial.state == "failed":
            lines.append(f"{trial.folder} failed: {trial.reason}; see {trial.log}")
    for metric, shares in found.importance.items():
        said = ", ".join(
            f"{name} {100 * share:.0f} %"
            for name, share in sorted(shares.items(), key=lambda one: -one[1])
        )
        lines.append(f"what mattered to {metric}: {said}")
    return lines
