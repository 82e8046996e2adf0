"""How each class of tasks is fine-tuned, unless a grid says otherwise."""

from typing import Any, Optional

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.fewshot.options import FewShotTraining

Recipe = dict[str, Any]

_COMMON: Recipe = {"warmup": 0.0, "weight_decay": 0.0, "grad_norm": 1.0}

RECIPES: dict[str, Recipe] = {
    "classification": {"batch_size": 32, "encoder_lr": 2e-5, "head_lr": 2e-5, "epochs": 3},
    "questions": {"batch_size": 12, "encoder_lr": 3e-5, "head_lr": 3e-5, "epochs": 3},
    "labelling": {"batch_size": 32, "encoder_lr": 5e-5, "head_lr": 5e-5, "epochs": 6},
}
"""
Class of a task -> options of `FewShotTraining`; besides these no warm-up, no weight decay, and
gradients cut at 1. Of the code of Vu et al. 2020, whose experiments have 1,000 examples and more.
"""


def recipe_for(name: str, task_class: str, *changes: Optional[Recipe]) -> FewShotTraining:
    """
    The options of a task's fine-tuning.

    # Parameters

    name : `str`
        The task's, for messages.
    task_class : `str`
        One of `RECIPES`, or another one, whose recipe is given whole.
    changes : `Dict[str, Any]`, optional
        Options that replace those before them. `updates` replaces `epochs`, and the other way
        round.

    Raises `ConfigurationError` that names the task for unknown options and values out of range.
    """
    options = _COMMON | RECIPES.get(task_class, {})
    for change in changes:
        lengths = {"updates", "epochs"} & set(change or {})
        kept = {key: v for key, v in options.items() if not lengths or key not in _LENGTHS}
        options = kept | (change or {})
    if not _LENGTHS & options.keys():
        raise ConfigurationError(
            f"tasks.{name}: the class '{task_class}' has no recipe: give 'recipes.{task_class}' "
            f"with 'updates' or 'epochs', or one of the classes {', '.join(RECIPES)}"
        )
    try:
        return FewShotTraining.from_params(Params(dict(options)))
    except ConfigurationError as error:
        raise ConfigurationError(f"the recipe of tasks.{name}: {error}") from error


_LENGTHS = {"updates", "epochs"}
