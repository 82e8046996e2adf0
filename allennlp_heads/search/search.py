"""The whole of `allennlp heads search`: trials until there are enough, and what they came to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from allennlp_heads.grid.executor import GridExecutor
from allennlp_heads.search.configuration import check_configuration
from allennlp_heads.search.loop import TrialLoop, trials_missing
from allennlp_heads.search.objectives import chosen_objectives
from allennlp_heads.search.options import Searched, SearchOptions
from allennlp_heads.search.optuna_options import read_options
from allennlp_heads.search.samplers import check_sampler
from allennlp_heads.search.space import read_space
from allennlp_heads.search.study import open_study
from allennlp_heads.transfer.lock import locked


def search(
    options: SearchOptions,
    out: str | os.PathLike[str],
    executor: Callable[[], GridExecutor],
    then: Callable[[Searched], list[str]],
) -> list[str]:
    """
    Try values until there are enough trials, or no more values. Called again, also after a kill,
    it goes on where it was; a larger number of trials continues a search that was over.

    # Parameters

    options : `SearchOptions`
    out : `PathLike`
        The folder to write: a serialization directory for each trial, and `study.db`.
    executor : `Callable[[], GridExecutor]`
        Makes what does the trials; called when everything has been found right.
    then : `Callable[[Searched], List[str]]`
        What is made of the trials in the end, while the folder is still this command's.

    # Returns

    `List[str]`
        What `then` gives.

    Raises `ConfigurationError` for whatever is wrong with the files, before anything is begun, and
    when one trial after the other finds a mistake.
    """
    space = read_space(options.space_file)
    config = check_configuration(options.config_file, space)
    objectives = chosen_objectives(options.metrics, options.directions, config.get("trainer") or {})
    of_optuna = read_options(options.options_file, options.seed, len(objectives))
    check_sampler(options.options_file, of_optuna, space, len(objectives))
    plan = {
        "configuration": config,
        "hyperparameters": space.as_list(),
        "metrics": {one.name: one.direction for one in objectives},
        "optuna": of_optuna.as_dict(),
    }
    place = Path(out)
    with locked(place):
        study = open_study(place, objectives, of_optuna, plan)
        searched = Searched(study, space, objectives, of_optuna, options.config_file, place)
        unfinished = any(not one.state.is_finished() for one in study.trials)
        if unfinished or trials_missing(searched, options):
            TrialLoop(searched, options, executor()).work()
        return then(searched)
