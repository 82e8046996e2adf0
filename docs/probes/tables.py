"""The tables of the page about probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allennlp_heads.analysis.probing.paired_probes import GroupScore, ProbeComparison
from allennlp_heads.analysis.probing.result import LabelScore, Score
from allennlp_heads.analysis.significance import holm
from allennlp_heads.reports.markup import markdown_text
from docs.probes.cells import (
    WAYS,
    accuracies,
    filled,
    label_scores,
    mean,
    number,
    side_by_side,
    with_interval,
)
from docs.probes.comparisons import Both, Results
from docs.probes.intervals import intervals
from docs.probes.plan import MTL, STATIC, STL
from docs.runs.tables import markdown, spread

RARE, UNSEEN = "†", "‡"
_TREE = ("uas", "random_head", "left_chain", "right_chain")
BESIDE = ("random head", "best offset", "majority", "random weights", "control")


def label_table(results: Results, task: str) -> list[str]:
    """Every label of a task: each system, the baselines, and the tests against STL."""
    groups, found = results.groups(task), results.compared(task)
    means = {name: accuracies(runs) for name, runs in groups.items()}
    ends = {name: intervals(runs).by_label for name, runs in groups.items()}
    header = ["label", "items", *groups, *BESIDE, *_test_names(found)]
    rows = [header]
    for place, first in enumerate(next(iter(groups.values()))[0].labels):
        scores = {name: label_scores(runs, place) for name, runs in groups.items()}
        shown = [with_interval(means[name][place], ends[name][:, place]) for name in groups]
        tests = [_adjusted(found.by_label[name][place]) for name in _tested(found)] if found else []
        name = _name(first, [score for runs in scores.values() for score in runs])
        rows.append([name, f"{first.count:,}", *shown, *_beside(scores), *tests])
    return markdown(filled(rows))


def overall_table(results: Results) -> list[str]:
    """Every task: all items, and the mean over labels."""
    rows, p_values, names = [], [], results.systems
    for task in results.tasks:
        groups, found = results.groups(task), results.compared(task)
        ends = {name: intervals(runs) for name, runs in groups.items()}
        result = next(iter(groups.values()))[0]
        for way, called in WAYS.items():
            scores = {name: [run.overall[way] for run in runs] for name, runs in groups.items()}
            shown = [
                with_interval(
                    spread([score.accuracy for score in scores[name]], 3), getattr(ends[name], way)
                )
                if name in scores
                else ""
                for name in names
            ]
            labels, items = len(result.labels), int(result.counts.sum())
            size = f"{items:,}" if way == "weighted" else f"{labels} labels"
            rows.append([task.upper(), called, size, *shown, *_beside(scores)])
            p_values.append(_overall_p(found, names, way))
    adjusted = iter(holm([value for row in p_values for value in row if value is not None]))
    tested = [name for name in names if name != STL]
    header = ["task", "accuracy", "of", *names, *BESIDE]
    header += [f"p (Holm): {name}, {STL}" for name in tested]
    full = [
        [*row, *("" if value is None else f"{next(adjusted):.4f}" for value in values)]
        for row, values in zip(rows, p_values)
    ]
    return markdown(filled([header, *full]))


def transductive_table(both: dict[str, dict[str, Both]]) -> list[str]:
    """By task and system, how much higher scores are that were chosen on the same sentences."""
    header = ["task", "encoder"]
    header += [f"{called}: {what}" for called in WAYS.values() for what in ("held out", "same")]
    rows = [[*header, "frequent labels", "rare labels", "seeds"]]
    for task, systems in both.items():
        for name, pair in systems.items():
            cells = []
            for way in WAYS:
                held_out = mean([run.overall[way] for run in pair.held_out], "accuracy")
                cells += [number(held_out), _signed(pair.gap(way))]
            cells += [_signed(_gap_of(pair, rare)) for rare in (False, True)]
            rows.append([task.upper(), name, *cells, str(len(pair.held_out))])
    return markdown(rows)


def trees_table(results: Results, task: str) -> list[str]:
    """Trees of one head's attention, where the probes made some."""
    groups = results.groups(task)
    names = ["UAS", "head of each seed", "random head", "chain to the left", "chain to the right"]
    rows = [["encoder", *names]]
    for name, runs in groups.items():
        trees = [run.tree for run in runs if run.tree is not None]
        if trees:
            ends = f"({min(t.low for t in trees):.3f} to {max(t.high for t in trees):.3f})"
            heads = ", ".join(f"{tree.layer + 1}.{tree.head + 1}" for tree in trees)
            values = [sum(getattr(t, key) for t in trees) / len(trees) for key in _TREE]
            uas, *others = map(number, values)
            rows.append([name, f"{uas} {ends}", heads, *others])
    return markdown(rows) if len(rows) > 1 else []


def pairs_table(results: Results) -> list[str]:
    """The mean over labels where two tasks were trained together, if any were."""
    rows = [["task", STL, *(f"+ {task.upper()}" for task in results.tasks), MTL]]
    for task in results.tasks:
        groups = results.groups(task, pairs=True)
        values = {
            name: spread([run.overall["unweighted"].accuracy for run in runs], 3)
            for name, runs in groups.items()
        }
        rows.append([task.upper(), *(values.get(name, "") for name in rows[0][1:])])
    filled_in = any(cell for row in rows[1:] for cell in row[2:-1])
    return markdown(filled(rows)) if filled_in else []


def _tested(found: ProbeComparison | None) -> list[str]:
    return [] if found is None else [name for name in (STATIC, MTL) if name in found.by_label]


def _test_names(found: ProbeComparison | None) -> list[str]:
    return [f"p (Holm): {name}, {STL}" for name in _tested(found)]


def _adjusted(score: GroupScore) -> str:
    return number(score.against.adjusted, 4) if score.against else ""


def _overall_p(found: ProbeComparison | None, names: Sequence[str], way: str) -> list[float | None]:
    p_values: list[float | None] = []
    for name in names:
        if name != STL:
            score = found.overall[name][way] if found and name in found.overall else None
            p_values.append(score.against.p_value if score and score.against else None)
    return p_values


def _name(label: LabelScore, runs: Sequence[LabelScore]) -> str:
    marks = RARE * label.rare + UNSEEN * any(run.chosen_on != "label" for run in runs)
    return f"{markdown_text(label.label)}{' ' * bool(marks)}{marks}"


def _beside(scores: Mapping[str, Sequence[Score]]) -> list[str]:
    """The baselines: what the encoder changes by system, what the data alone gives once."""
    runs = [score for found in scores.values() for score in found]
    each = {
        name: side_by_side([mean(found, name) for found in scores.values()])
        for name in ("random_head", "control")
    }
    offset = number(mean(runs, "offset_accuracy"))
    found = getattr(runs[0], "offset", None)
    if found is not None:
        offset += f" ({found:+d})" if isinstance(found, int) else f" ({found})"
    once = [offset, number(mean(runs, "majority")), number(mean(runs, "random_weights"))]
    return [each["random_head"], *once, each["control"]]


def _gap_of(pair: Both, rare: bool) -> float | None:
    """The mean over the rare labels, or the others, of what the transductive accuracy is higher."""
    first = pair.held_out[0].labels
    places = [place for place, label in enumerate(first) if label.rare == rare]
    gaps = accuracies(pair.transductive) - accuracies(pair.held_out)
    return float(gaps[places].mean()) if places else None


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"
