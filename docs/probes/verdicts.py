"""What the tables of probes say, counted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy

from allennlp_heads.analysis.probing.paired_probes import Difference
from allennlp_heads.analysis.probing.result import ProbeResult
from docs.probes import study
from docs.probes.cells import LEVEL, WAYS, accuracies, mean
from docs.probes.comparisons import Both, Results
from docs.probes.plan import MTL, STATIC, STL
from docs.runs.tables import markdown

BASELINES = {
    "offset_accuracy": "best offset",
    "random_weights": "random weights",
    "control": "control",
}
"""Baselines that labels are counted at: fields of `Score` -> what they are called."""


def against_the_study(results: Results) -> list[str]:
    """Whether MTL-5 is below STL here too, and STL above the untouched encoder."""
    tasks = [task for task in results.tasks if {STL, MTL} <= results.groups(task).keys()]
    if not tasks:
        return []
    lines = [study.sentence(tasks), ""]
    for way, called in WAYS.items():
        found = [(task, _against(results, task, MTL, way)) for task in tasks]
        lines.append(f"- MTL-5 minus STL, {called}: {_listed(found)}. {_counted(found, -1)}")
    lines += [*_against_static(results), *_by_label(results, tasks), ""]
    return [
        *lines,
        _order([(task, _against(results, task, MTL, "unweighted")) for task in tasks]),
        "",
    ]


def beaten(results: Results) -> list[str]:
    """A table of how many labels a baseline does as well as the chosen head, and a sentence."""
    systems = results.systems
    rows = [["task", "labels", "baseline", *systems]]
    totals = {system: [0, 0] for system in systems}
    for task in results.tasks:
        groups = results.groups(task)
        frequent = _frequent(next(iter(groups.values()))[0])
        for name, called in BASELINES.items():
            shared = _baseline([run for runs in groups.values() for run in runs], name)
            if shared is None:
                continue
            counts = {}
            for system, runs in groups.items():
                own = _baseline(runs, name)
                level = shared if own is None else own
                counts[system] = int((level >= accuracies(runs))[frequent].sum())
            cells = [str(counts.get(system, "")) for system in systems]
            rows.append([task.upper(), str(int(frequent.sum())), called, *cells])
            if name == "offset_accuracy":
                for system, count in counts.items():
                    totals[system][0] += count
                    totals[system][1] += int(frequent.sum())
    return [*markdown(rows), "", *_offsets(totals)]


def about_transductive(both: dict[str, dict[str, Both]]) -> str:
    """How far held-out scores are below those of heads chosen on what is scored."""
    gaps = {
        f"{task.upper()} {name}": pair.gap("unweighted")
        for task, systems in both.items()
        for name, pair in systems.items()
    }
    items = [pair.gap("weighted") for systems in both.values() for pair in systems.values()]
    largest = max(gaps, key=lambda name: gaps[name])
    return (
        f"Accuracies chosen on the very items that they score are {numpy.mean(items):.3f} higher "
        f"over all items and {numpy.mean(list(gaps.values())):.3f} in the mean over labels (both "
        f"means over the {len(gaps)} rows of the table; at most {gaps[largest]:.3f}, {largest})."
    )


def _against(results: Results, task: str, name: str, way: str) -> Difference:
    found = results.compared(task)
    against = found.overall[name][way].against if found else None
    assert against is not None, "only systems beside STL are asked for"
    return against


def _listed(found: list[tuple[str, Difference]]) -> str:
    return ", ".join(
        f"{task.upper()} {test.difference:+.3f} ({test.low:+.3f} to {test.high:+.3f})"
        for task, test in found
    )


def _counted(found: list[tuple[str, Difference]], sign: int) -> str:
    """How many differences have this sign."""
    expected, opposite = ("above", "below")[::sign]
    tests = [test if sign > 0 else _turned(test) for _, test in found]
    return (
        f"It is {expected} in {sum(test.difference > 0 for test in tests)} of {len(tests)} tasks; "
        f"the interval is wholly {expected} 0 in {sum(test.low > 0 for test in tests)} and wholly "
        f"{opposite} in {sum(test.high < 0 for test in tests)}."
    )


def _order(found: list[tuple[str, Difference]]) -> str:
    """In which tasks the study's order of STL and MTL-5 is found, by its own measure."""
    below = [task.upper() for task, test in found if test.high < 0]
    above = [task.upper() for task, test in found if test.low > 0]
    open_ = [task.upper() for task, test in found if test.low <= 0 <= test.high]
    told = {
        "the study's order is found here in": below,
        "the opposite in": above,
        "and nothing is certain in": open_,
    }
    parts = ", ".join(f"{text} {_enumerated(names)}" for text, names in told.items())
    return (
        f"By the mean over labels, {parts}. This is said of these trainings and other test "
        "sentences; what other seeds would give, the spread over seeds hints at."
    )


def _enumerated(names: list[str]) -> str:
    *others, last = names or ["none"]
    return f"{', '.join(others)} and {last}" if others else last


def _against_static(results: Results) -> Iterator[str]:
    tasks = [task for task in results.tasks if {STATIC, STL} <= results.groups(task).keys()]
    for way, called in WAYS.items():
        found = [(task, _turned(_against(results, task, STATIC, way))) for task in tasks]
        if found:
            yield f"- STL minus static, {called}: {_listed(found)}. {_counted(found, 1)}"


def _turned(test: Difference) -> Difference:
    """The same with the two exchanged."""
    return Difference(-test.difference, -test.high, -test.low, test.p_value, test.adjusted)


def _by_label(results: Results, tasks: list[str]) -> Iterator[str]:
    better = worse = number = 0
    for task in tasks:
        found = results.compared(task)
        for score in found.by_label[MTL] if found else ():
            test = score.against
            number += 1
            if test is not None and test.adjusted is not None and test.adjusted < LEVEL:
                better, worse = better + (test.difference > 0), worse + (test.difference < 0)
    yield (
        f"- Of all {number} labels of these tasks, at the level {LEVEL} after Holm's correction in "
        f"each task, MTL-5 is worse than STL in {worse}, better in {better}, and in "
        f"{number - better - worse} the two do not differ provably."
    )


def _offsets(totals: dict[str, list[int]]) -> list[str]:
    told = [
        f"{system} {beaten} of {number}" for system, (beaten, number) in totals.items() if number
    ]
    if not told:
        return []
    return [
        "Labels of arcs that a fixed offset, the same in every sentence, gets right at least as "
        f"often as the head chosen for them: {', '.join(told)}.",
        "",
    ]


def _baseline(runs: list[ProbeResult], name: str) -> numpy.ndarray | None:
    """`[labels]`, the mean over the runs that have it; `None` where none has."""
    levels = [
        mean([run.labels[place] for run in runs], name) for place in range(len(runs[0].labels))
    ]
    if all(level is None for level in levels):
        return None
    return numpy.array([numpy.nan if level is None else level for level in levels])


def _frequent(result: ProbeResult) -> numpy.ndarray:
    return numpy.array([not label.rare for label in result.labels])
