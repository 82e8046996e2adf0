"""In what the configurations of two runs differ, in keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from allennlp_heads.reports.comparing.alike import DATA, comparable, content_of
from allennlp_heads.reports.comparing.runs import ScoredRun

_MIXING = {
    "data_loader": ("sampler", "scheduler"),
    "model": ("loss_balancer", "loss_weights"),
}
"""Keys that say how tasks take turns and count; the callback `phases` belongs to them."""

_ENCODER = "transformer_model"


def differences(first: ScoredRun, second: ScoredRun, task: str | None = None) -> list[str]:
    """
    The configuration keys in which two runs differ, without what makes no setting (see
    `fingerprint`), as `trainer.num_epochs`.

    # Parameters

    first, second : `ScoredRun`
    task : `str`, optional (default = `None`)
        Only what concerns this task: neither what is another task's, nor how tasks are mixed. Of
        runs of different tasks these are the differences beside those of their tasks.
    """
    one, other = comparable(first), comparable(second)
    if task is not None:
        one, other = (
            _of_task(_unmixed(config), task, run.tasks)
            for config, run in ((one, first), (other, second))
        )
    found = list(_differing(one, other))
    own = [key for key in found if key.startswith("model.") and key.endswith(f".{_ENCODER}")]
    if own:  # the pieces follow the encoder
        found = [key for key in found if key in own or not key.endswith(f".{_ENCODER}")]
    tasks = dict.fromkeys([*first.tasks, *second.tasks]) if task is None else [task]
    return list(dict.fromkeys([*found, *_other_data(first, second, tasks)]))


def choose_alike(first: ScoredRun, second: ScoredRun) -> bool:
    """Whether two trainings choose their best epoch in the same way."""
    return _choice(first) == _choice(second)


def _choice(run: ScoredRun) -> tuple[Any, ...]:
    trainer = comparable(run)["trainer"]
    return set(run.tasks), trainer.get("validation_metric"), trainer["callbacks"].get("phases")


def _unmixed(config: Mapping[str, Any]) -> dict[str, Any]:
    config = dict(config)
    for part, keys in _MIXING.items():
        if isinstance(config.get(part), Mapping):
            config[part] = {key: value for key, value in config[part].items() if key not in keys}
    callbacks = config["trainer"]["callbacks"]
    kept = {kind: options for kind, options in callbacks.items() if kind != "phases"}
    config["trainer"] = {**config["trainer"], "callbacks": kept}
    return config


def _of_task(value: Any, task: str, tasks: Collection[str]) -> Any:
    """Of what is said by task, in mappings and in lists of tasks, only what one task has."""
    if isinstance(value, Mapping):
        if value and value.keys() <= set(tasks):
            return {task: _of_task(value[task], task, tasks)} if task in value else None
        return {key: _of_task(inner, task, tasks) for key, inner in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(inner, str) and inner in tasks for inner in value):
            return [inner for inner in value if inner == task]
        return [_of_task(inner, task, tasks) for inner in value]
    return value


def _differing(one: Any, other: Any, place: str = "") -> Iterator[str]:
    if one == other:
        return
    # what one of them leaves out is nothing given, unless the other has a choice of its own there
    one, other = ({} if value is None else value for value in (one, other))
    mappings = isinstance(one, Mapping) and isinstance(other, Mapping)
    if mappings and one.get("type") == other.get("type"):
        for key in sorted(one.keys() | other.keys()):
            yield from _differing(one.get(key), other.get(key), f"{place}.{key}" if place else key)
    else:
        yield place


def _other_data(first: ScoredRun, second: ScoredRun, tasks: Collection[str]) -> Iterator[str]:
    for key in DATA:
        for task in tasks:
            place, one, other = key, first.config.get(key), second.config.get(key)
            if isinstance(one, Mapping) or isinstance(other, Mapping):
                place = f"{key}.{task}"
            if not _same_data(first, _path(one, task), second, _path(other, task)):
                yield place


def _path(paths: Any, task: str) -> Any:
    return paths.get(task) if isinstance(paths, Mapping) else paths


def _same_data(first: ScoredRun, one: Any, second: ScoredRun, other: Any) -> bool:
    contents = content_of(first, one), content_of(second, other)
    return contents[0] == contents[1] if all(contents) else bool(one == other)
