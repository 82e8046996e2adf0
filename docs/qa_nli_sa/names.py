"""What settings and tasks are called on the page, from the view of one task."""

from __future__ import annotations

from docs.qa_nli_sa.plan import CLASSIFIED, HALF, MNLI, SETTINGS, SQUAD, SST2, TASKS, UNTRAINED
from docs.qa_nli_sa.record import EXACT, F1

TITLES = {SST2: "SST-2", MNLI: "MNLI", SQUAD: "SQuAD"}
MEASURES = {"accuracy": "accuracy", EXACT: "EM", F1: "F1"}
ALONE, HALVED, EVERYTHING = "alone", "alone, half the updates", "all three mixed"
LAST, NOT_LAST = "last", "not last"


def row_of(name: str, task: str) -> str:
    """How a setting is called where the scores of one of its tasks are shown."""
    setting = SETTINGS[name]
    others = [TITLES[other] for other in setting.tasks if other != task]
    if name == UNTRAINED:
        return UNTRAINED
    if not others:
        return HALVED if name.endswith(HALF) else ALONE
    if setting.switching:
        return f"switched with {others[0]}, {LAST if setting.phases[-1] == task else NOT_LAST}"
    return f"mixed with {others[0]}" if len(others) == 1 else EVERYTHING


def kind_of(name: str, task: str) -> str:
    """What a setting tells about tasks that help each other, whichever tasks they are."""
    row, setting = row_of(name, task), SETTINGS[name]
    if row in (ALONE, HALVED, EVERYTHING):
        return row
    if setting.switching:
        return f"switched, {LAST if setting.phases[-1] == task else NOT_LAST}"
    return f"mixed, {'within' if set(setting.tasks) <= set(CLASSIFIED) else 'across'} domains"


def settings_of(task: str) -> list[str]:
    """All settings that train a task, in the order of their rows."""
    found = [name for name, s in SETTINGS.items() if task in s.tasks and name != UNTRAINED]
    return sorted(found, key=lambda name: (_rank(name, task), list(SETTINGS).index(name)))


def rows() -> list[str]:
    """The rows of all tasks together, in their order."""
    found = {
        row_of(name, task): (_rank(name, task), TASKS.index(_other(name, task)))
        for task in TASKS
        for name in settings_of(task)
    }
    return sorted(found, key=lambda row: found[row])


def _rank(name: str, task: str) -> int:
    row = row_of(name, task)
    if row in (ALONE, HALVED):
        return (ALONE, HALVED).index(row)
    if SETTINGS[name].switching:
        return 5 if row.endswith(NOT_LAST) else 4
    return 3 if row == EVERYTHING else 2


def _other(name: str, task: str) -> str:
    return next((other for other in SETTINGS[name].tasks if other != task), task)
