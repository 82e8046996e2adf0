"""What a reader of a comparison must know beside its numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from allennlp_heads.reports.comparing.results import LEVEL, Cell, TaskTable
from allennlp_heads.reports.comparing.runs import VALIDATION
from allennlp_heads.reports.comparing.settings import Setting

_MOST_KEYS = 8


def notes_of(
    tables: Sequence[TaskTable],
    settings: Sequence[Setting],
    data: str,
    epoch: str,
    skipped: Collection[str],
) -> list[str]:
    """
    Sentences on what is missing in tables, and on what their tests do not say.

    # Parameters

    tables : `Sequence[TaskTable]`
    settings : `Sequence[Setting]`
    data, epoch : `str`
        Which scores they are of, see `read_scored_run`.
    skipped : `Collection[str]`
        Folders of runs that were left out.
    """
    cells = [(table, cell) for table in tables for cell in table.cells]
    return [
        *(_of_choices(cells) if data == VALIDATION and epoch == "best" else ()),
        *_of_data(tables),
        *_of_configurations(cells, settings),
        *_of_references(cells),
        *_of_seeds(cells),
        *_of_budgets(cells),
        *([f"Left out, since they are not finished: {', '.join(skipped)}."] if skipped else []),
    ]


def _of_choices(cells: Sequence[tuple[TaskTable, Cell]]) -> Iterator[str]:
    yield (
        "The epochs were chosen on the examples that are scored here, so that all scores are "
        "somewhat too high; score other examples with 'allennlp evaluate' and give --data."
    )
    otherwise = _named((table, cell) for table, cell in cells if cell.chosen_alike is False)
    if otherwise:
        yield (
            "They are not too high by as much where epochs are chosen in another way than those of "
            "the reference: a task alone takes the epoch that is best for it, several tasks the "
            "one with the best mean, phases one of the late ones. As a rule this favours the task "
            f"alone, so compare with --epoch last: {otherwise}."
        )


def _of_configurations(
    cells: Sequence[tuple[TaskTable, Cell]], settings: Sequence[Setting]
) -> Iterator[str]:
    for setting in settings:
        if setting.differs:
            yield f"The runs of {setting.name} do not repeat each other: {_keys(setting.differs)}."
        keys = [key for _, cell in cells if cell.setting == setting.name for key in cell.differs]
        if keys:
            yield (
                f"{setting.name} differs from its reference in more than its tasks: {_keys(keys)}."
            )


def _keys(keys: Collection[str]) -> str:
    found = list(dict.fromkeys(keys))
    more = f" and {len(found) - _MOST_KEYS} more" if len(found) > _MOST_KEYS else ""
    return ", ".join(found[:_MOST_KEYS]) + more


def _of_data(tables: Sequence[TaskTable]) -> Iterator[str]:
    unknown = [table.task for table in tables if table.digest is None]
    if unknown:
        yield (
            f"Of {', '.join(unknown)} the runs do not tell the digest of the scored file: that "
            "they scored the same examples rests on their numbers and gold alone."
        )


def _of_references(cells: Sequence[tuple[TaskTable, Cell]]) -> Iterator[str]:
    alone = dict.fromkeys(table.task for table, _ in cells if table.reference is None)
    if alone:
        yield (
            f"No difference is given of {', '.join(alone)}, which no run trains alone: give such a "
            "run, or choose what to compare with by --reference."
        )
    apart = _named(
        (table, cell)
        for table, cell in cells
        if table.reference not in (None, cell.setting) and cell.against is None
    )
    if apart:
        yield f"No difference is given where no seed is also one of the reference: {apart}."


def _of_seeds(cells: Sequence[tuple[TaskTable, Cell]]) -> Iterator[str]:
    single = [cell.setting for _, cell in cells if len(cell.seeds) == 1]
    if single:
        yield (
            "One seed has no standard deviation and no test over seeds; it may differ by luck: "
            f"{_listed(single, cells)}."
        )
    seeds = {(table.task, cell.setting): cell.seeds for table, cell in cells}
    fewer = _named(
        (table, cell)
        for table, cell in cells
        if cell.against is not None
        and not (cell.seeds == cell.against.seeds == seeds[table.task, str(table.reference)])
    )
    if fewer:
        yield (
            "Differences are over the seeds that both have, and so not those of the means shown: "
            f"{fewer}."
        )
    least = {
        cell.against.least_over_seeds
        for _, cell in cells
        if cell.against is not None and cell.against.p_over_seeds is not None
    }
    if least and min(least) >= LEVEL:
        yield (
            f"So few seeds cannot give a p-value below {min(least):g} over seeds, whatever the "
            "scores; six can."
        )


def _of_budgets(cells: Sequence[tuple[TaskTable, Cell]]) -> Iterator[str]:
    unknown = [cell.setting for _, cell in cells if cell.budget is None]
    if unknown:
        listed = _listed(unknown, cells)
        yield (
            "Not all runs counted what they trained (earlier releases and trainings by several "
            f"workers do not): {listed}."
        )


def _listed(settings: Sequence[str], cells: Sequence[tuple[TaskTable, Cell]]) -> str:
    every = {cell.setting for _, cell in cells}
    return "all settings" if every == set(settings) else ", ".join(dict.fromkeys(settings))


def _named(cells: Iterator[tuple[TaskTable, Cell]]) -> str:
    """Each setting once, with its tasks."""
    tasks: dict[str, list[str]] = {}
    for table, cell in cells:
        tasks.setdefault(cell.setting, []).append(table.task)
    return "; ".join(f"{name} ({', '.join(found)})" for name, found in tasks.items())
