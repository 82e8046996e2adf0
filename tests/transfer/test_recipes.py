"""How tasks are fine-tuned when nothing else is said, and when it is."""

from __future__ import annotations

from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.transfer.recipes import recipe_for


@pytest.mark.parametrize(
    ("task_class", "batch_size", "rate", "epochs"),
    [("classification", 32, 2e-5, 3), ("questions", 12, 3e-5, 3), ("labelling", 32, 5e-5, 6)],
)
def test_those_of_the_paper(task_class: str, batch_size: int, rate: float, epochs: int) -> None:
    recipe = recipe_for("one", task_class)
    assert (recipe.batch_size, recipe.encoder_lr, recipe.head_lr) == (batch_size, rate, rate)
    assert (recipe.epochs, recipe.updates) == (epochs, None)
    assert (recipe.warmup, recipe.weight_decay, recipe.grad_norm) == (0, 0, 1)


def test_later_changes_win() -> None:
    recipe = recipe_for("one", "questions", {"updates": 7, "warmup": 0.1}, {"warmup": 0.2})
    assert (recipe.updates, recipe.epochs, recipe.warmup) == (7, None, 0.2)
    assert recipe_for("one", "questions", {"updates": 7}, None, {"epochs": 2}).epochs == 2
    assert recipe_for("one", "own", {"epochs": 2}).epochs == 2


@pytest.mark.parametrize(
    ("task_class", "change", "message"),
    [
        ("own", {}, r"tasks\.one: the class 'own' has no recipe"),
        ("questions", {"epochs": 0}, r"recipe of tasks\.one: .*'epochs' is 0"),
        ("questions", {"rate": 1}, r"recipe of tasks\.one: .*rate"),
        ("questions", {"epochs": 2, "updates": 3}, "one of 'updates' and 'epochs'"),
    ],
)
def test_what_is_no_recipe(task_class: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        recipe_for("one", task_class, change)
