"""What is the same for every run of a table, and the configuration that it makes."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from allennlp.common.params import evaluate_snippet

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Budget:
    """
    What is the same for every run of a table.

    # Parameters

    sentences : `int`, optional (default = `None`)
        Training sentences of each task; `None` takes all.
    epochs : `int`, optional (default = `None`)
        `None`: as the settings say.
    settings : `str`, optional (default = `"training_configs/lib/two_cores.libsonnet"`)
        Settings of the training, a path in the project.
    overlay : `str`, optional (default = `"{}"`)
        Jsonnet of an object that is added to every experiment.
    test_sentences : `int`, optional (default = `None`)
        Test sentences; `None` takes all, as a table needs them.
    """

    sentences: int | None = None
    epochs: int | None = None
    settings: str = "training_configs/lib/two_cores.libsonnet"
    overlay: str = "{}"
    test_sentences: int | None = None


def experiment(path: str, seed: int, budget: Budget, more: str = "{}") -> str:
    """
    The Jsonnet of a run: a shipped experiment with seed and budget.

    # Parameters

    path : `str`
        Of the experiment, in the project.
    seed : `int`
    budget : `Budget`
    more : `str`, optional (default = `"{}"`)
        Jsonnet of an object that is added before the budget's overlay.
    """
    epochs = "" if budget.epochs is None else f" + {{ epochs: {budget.epochs} }}"
    shorter = f"max_instances: {json.dumps(budget.sentences)}"
    return (
        f"(import {json.dumps(str(ROOT / path))}) + {{\n"
        f"  training+: (import {json.dumps(str(ROOT / budget.settings))}){epochs},\n"
        f"  seed: {seed},\n"
        f"  data_loader+: {{ {shorter} }},\n"
        f"}} + {more} + {budget.overlay}\n"
    )


def configuration(text: str, with_tests: bool = True) -> dict[str, Any]:
    """
    The configuration that Jsonnet text describes, with the test files in `test_data_path`, which
    the run itself is not given: it is scored on them afterwards, once. Raises `RuntimeError` of the
    Jsonnet library, with the place, when the text is wrong.

    # Parameters

    text : `str`
    with_tests : `bool`, optional (default = `True`)
        `False` where a task has no test file with labels; `test_data_path` is `None` then.
    """
    tests = " + { test_at_end: true }" if with_tests else ""
    found: dict[str, Any] = json.loads(evaluate_snippet("run", f"({text}){tests}"))
    return found


def data_paths(config: dict[str, Any]) -> list[str]:
    """All data files of such a configuration, as they are written there, sorted."""
    parts = (config[f"{part}_data_path"] or {} for part in ("train", "validation", "test"))
    return sorted({path for paths in parts for path in paths.values()})


def command_of(module: str, budget: Budget) -> str:
    """The command line that makes all runs of a table with this budget."""
    default, words = asdict(type(budget)()), [f"python -m {module}"]
    for key, value in asdict(budget).items():
        if value != default[key]:
            words.append(f"--{key.replace('_', '-')} {shlex.quote(str(value))}")
    return " ".join(words)
