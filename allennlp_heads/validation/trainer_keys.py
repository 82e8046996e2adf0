"""What AllenNLP's trainer takes without a word although it cannot be meant."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Collection
from typing import Any

from allennlp.training import Trainer

from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.written import Config, shown, type_of


def check_trainer_keys(config: Config, findings: Findings) -> None:
    """Find keys that the trainer does not know, and would ignore."""
    trainer = config.get("trainer")
    if not isinstance(trainer, dict):
        return
    known = _known(trainer.get("type") or "gradient_descent")
    for key in sorted(set(trainer) - known - {"type"}) if known else ():
        findings.error(
            f"trainer.{key}", "the trainer has no such key and ignores it", meant(key, known)
        )


def check_patience(config: Config, findings: Findings) -> None:
    """Find a patience that has nothing to count on, or counts on what nobody chose."""
    trainer = config.get("trainer")
    if not isinstance(trainer, dict) or trainer.get("patience") is None:
        return
    patience = shown(trainer["patience"])
    if config.get("validation_data_path") is None:
        findings.error(
            "trainer.patience",
            f"it is {patience}, but without validation data the training never stops early",
            "Give a 'validation_data_path', or remove it.",
        )
    elif "validation_metric" not in trainer:
        findings.warning(
            "trainer.patience",
            f"it is {patience}, but no 'validation_metric' says of what, so that it counts on "
            "the loss",
            'Name a metric, as "validation_metric": "+score".',
        )


def check_callback_order(config: Config, findings: Findings) -> None:
    """Find callbacks after `exact_resume`, whose work a resumed training would lack."""
    trainer = config.get("trainer")
    callbacks = trainer.get("callbacks") if isinstance(trainer, dict) else None
    names = [type_of(callback) for callback in callbacks or ()]
    if "exact_resume" in names and names[-1] != "exact_resume":
        after = names[names.index("exact_resume") + 1 :]
        findings.error(
            "trainer.callbacks",
            f"{', '.join(map(str, after))} come after 'exact_resume', which must be the last",
            "Move 'exact_resume' to the end of the list.",
        )


def meant(name: str, known: Collection[str]) -> str:
    """What to do about a name that there is not."""
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f"Write '{close[0]}', if that is meant, or remove it." if close else "Remove it."


def options_of(found: type[Any], constructor: str | None) -> set[str]:
    """The keys that a registered class takes."""
    return set(inspect.signature(getattr(found, constructor or "__init__")).parameters) - {"self"}


def _known(name: str) -> set[str]:
    """Keys of a trainer of that name; none where its name is wrong, as building it will say."""
    if name not in Trainer.list_available():
        return set()
    return options_of(*Trainer.resolve_class_name(name))
