"""The study of Optuna that a search keeps in its folder: `study.db`, which outlives a kill."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.search.configuration import first_difference
from allennlp_heads.search.library import import_optuna
from allennlp_heads.search.objectives import Objective
from allennlp_heads.search.optuna_options import OptunaOptions

FILE, NAME = "study.db", "search"
_PLAN = "plan"


def open_study(
    folder: Path, objectives: list[Objective], options: OptunaOptions, plan: Mapping[str, Any]
) -> Any:
    """
    The study in a folder, made where there is none.

    # Parameters

    folder : `Path`
    objectives : `List[Objective]`
    options : `OptunaOptions`
    plan : `Mapping[str, Any]`
        What must not change between two commands, as JSON has it.

    # Returns

    `optuna.Study`

    Raises `ConfigurationError` that names the key when it is the study of another plan, and when
    the file is damaged.
    """
    optuna = import_optuna()
    path, pruner = folder / FILE, options.pruner_of_all()
    if not path.exists():
        _make(path, objectives, plan)
    try:
        study = optuna.load_study(study_name=NAME, storage=_storage(path), pruner=pruner)
        before = study.user_attrs[_PLAN]
        study.get_trials(deepcopy=False)  # all that will be read
    except SigTermReceived:  # says nothing about the file
        raise
    except Exception as error:  # of Optuna, its database library or SQLite
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigurationError(
            f"{path} cannot be read ({said}): put back a copy of it, or search anew in another "
            "folder with -s"
        ) from error
    key = first_difference(before, _plain(plan))
    if key is not None:
        raise ConfigurationError(
            f"{folder} is of another search: '{key}' is not what it was. Put the old value back, "
            "or choose another folder with -s"
        )
    return study


def _make(path: Path, objectives: list[Objective], plan: Mapping[str, Any]) -> None:
    """Under another name, since a kill in the middle of it would leave half of the tables."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    storage = _storage(draft)
    study = import_optuna().create_study(
        study_name=NAME, storage=storage, directions=[one.direction for one in objectives]
    )
    study.set_user_attr(_PLAN, _plain(plan))
    storage.remove_session()
    storage.engine.dispose()
    os.replace(draft, path)


def _storage(path: Path) -> Any:
    from sqlalchemy import URL

    url = URL.create("sqlite", database=os.path.abspath(path))
    return import_optuna().storages.RDBStorage(url.render_as_string(hide_password=False))


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(value))
    return found
