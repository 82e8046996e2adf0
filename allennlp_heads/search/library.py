"""Optuna, which is an extra and takes its time to import."""

from __future__ import annotations

from typing import Any

from allennlp.common.checks import ConfigurationError

MISSING = "a search needs Optuna, which is not installed: pip install '.[search]'"


def import_optuna() -> Any:
    """
    The module; it says nothing below warnings. Raises `ConfigurationError` that says what to
    install when it is missing.
    """
    try:
        import optuna
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
