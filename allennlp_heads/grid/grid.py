"""All of `allennlp heads grid`: what is missing is trained, and one file says how far all is."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from allennlp_heads.grid.executor import GridExecutor, PlannedRun
from allennlp_heads.grid.failures import write_failures
from allennlp_heads.grid.folders import Progress, progress_of
from allennlp_heads.grid.plan import chosen, plan_runs
from allennlp_heads.grid.scheduling import Notice, Schedule
from allennlp_heads.grid.shown import shown
from allennlp_heads.grid.state import RunState, State, counts
from allennlp_heads.grid.summary import read_earlier, write_summary
from allennlp_heads.grid.unchanged import check_data, check_sources
from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.transfer.lock import locked

logger = logging.getLogger(__name__)


def run_grid(
    config_file: str,
    out: str | os.PathLike[str],
    executor: Callable[[], GridExecutor],
    only: Sequence[str] | None = None,
    retries: int = 2,
    packages: Sequence[str] = (),
    machine_has_gpus: bool = False,
    plain: bool = True,
) -> tuple[list[str], int]:
    """
    Train all runs of a grid that are not complete. Called again, also after a kill, it goes on
    where it was; the runs are the same as without a stop.

    # Parameters

    config_file : `str`
        Jsonnet of a grid.
    out : `PathLike`
        The folder to write: a serialization directory for each run, `grid.json`, and
        `failures.txt` where something failed.
    executor : `Callable[[], GridExecutor]`
        Makes what does the runs; called when the configuration has been found right.
    only : `Sequence[str]`, optional (default = `None`)
        Patterns of names: only these runs, and what they come after.
    retries : `int`, optional (default = `2`)
        How often a run is begun again that has failed.
    packages : `Sequence[str]`, optional (default = `()`)
        What runs import besides plugins.
    machine_has_gpus : `bool`, optional (default = `False`)
        Whether AllenNLP would take one where a configuration does not say.
    plain : `bool`, optional (default = `True`)
        Lines instead of a live table.

    # Returns

    `Tuple[List[str], int]`
        Lines to show, and how many runs are not complete.

    Raises `ConfigurationError` for whatever is wrong with configuration or folder, before anything
    is begun. A run that fails does not raise; see the lines.
    """
    planned = plan_runs(config_file, out, packages, machine_has_gpus)
    runs, place = chosen(planned, only), Path(out)
    check_sources(planned)
    with locked(place):
        remove_leftovers(place)
        earlier = read_earlier(place)
        states = recalled(runs, earlier)
        check_data(states)
        left_out = ended(recalled([run for run in planned if run not in runs], earlier), earlier)

        def note() -> None:
            write_summary(place, config_file, states, earlier)

        with shown(states, plain) as screen:
            schedule = Schedule(
                states, executor(), retries, _both(screen.changed, note), screen.looked
            )
            try:
                schedule.work()
            finally:
                note()
        failures = write_failures(place, [*states, *left_out])
    return summary_of(states, failures), len(states) - counts(states)[State.COMPLETE]


def dry_run(
    config_file: str,
    out: str | os.PathLike[str],
    only: Sequence[str] | None = None,
    machine_has_gpus: bool = False,
) -> list[str]:
    """
    What `run_grid` would do, in lines; nothing is written. Parameters and errors are the same.
    """
    planned = plan_runs(config_file, out, (), machine_has_gpus)
    check_sources(planned)
    runs = chosen(planned, only)
    states = recalled(runs, read_earlier(Path(out)))
    check_data(states)
    to_do, width, lines = 0, max(len(run.name) for run in runs), []
    said = {
        Progress.COMPLETE: "complete",
        Progress.BEGUN: "to go on with",
        Progress.UNREADABLE: "to do anew, what lies there put aside",
        Progress.NONE: "to do",
    }
    for one in states:
        progress = progress_of(one.run, one.archive)
        to_do += progress is not Progress.COMPLETE
        after = f", after {', '.join(one.run.after)}" if one.run.after else ""
        needs = one.run.needs
        wants = [f"{needs.cpus} CPU{'s' * (needs.cpus > 1)}"]
        wants += [f"{needs.gpus} GPU{'s' * (needs.gpus > 1)}"] * bool(needs.gpus)
        wants += [f"{needs.memory:g} GB"] * bool(needs.memory)
        lines.append(f"{one.run.name:<{width}}  {said[progress]} ({', '.join(wants)}){after}")
    return [*lines, f"{to_do} of {len(runs)} runs to do"]


def recalled(runs: Sequence[PlannedRun], earlier: dict[str, Any]) -> list[RunState]:
    """The states in which runs begin, with what an earlier command noted of them."""
    states = [RunState(run) for run in runs]
    for one in states:
        one.recall(earlier.get("runs", {}).get(one.run.name) or {})
    return states


def ended(states: Sequence[RunState], earlier: dict[str, Any]) -> list[RunState]:
    """Of runs that this command leaves out those that failed or were blocked before."""
    said = earlier.get("runs", {})
    known = {state.value: state for state in (State.FAILED, State.BLOCKED)}
    found = [one for one in states if (said.get(one.run.name) or {}).get("state") in known]
    for one in found:
        entry = said[one.run.name]
        one.state, one.reason = known[entry["state"]], str(entry.get("reason"))
    return found


def summary_of(states: Sequence[RunState], failures: Path | None) -> list[str]:
    """What a person wants to see in the end."""
    found = counts(states)
    line = f"{found[State.COMPLETE]} of {len(states)} runs complete"
    line += "".join(
        f", {found[state]} {state.value}" for state in (State.FAILED, State.BLOCKED) if found[state]
    )
    lines = [line]
    for one in states:
        if one.state in (State.FAILED, State.BLOCKED):
            lines.append(f"  {one.run.name} {one.state.value}: {one.reason}")
    if failures is not None:
        lines.append(f"The ends of their logs: {failures}; repeat the command to try them again")
    return lines


def _both(first: Notice, then: Callable[[], None]) -> Notice:
    def changed(one: RunState) -> None:
        first(one)
        then()

    return changed
