"""What may be wrong with the scores: that they are near the floor, and the order of the tasks."""

from __future__ import annotations

from allennlp_heads.analysis import SeedBySeed
from allennlp_heads.analysis.measures import measure_of
from docs.qa_nli_sa.comparisons import Results
from docs.qa_nli_sa.names import MEASURES, TITLES, row_of, settings_of
from docs.qa_nli_sa.plan import SETTINGS
from docs.qa_nli_sa.tables import quarterly


def about_floor(results: Results) -> list[str]:
    """How many settings are above answers that look at nothing, and which are not, one by one."""
    lines = []
    for task in results.tasks:
        for measure in results.measures(task):
            level = measure_of(measure)
            floor = {
                name: float(level.of_examples(counts))
                for name, counts in results.floor(task).items()
            }
            if not floor:
                continue
            best = max(floor, key=lambda name: floor[name])
            tests = {
                row_of(setting, task): found
                for setting in settings_of(task)
                if (found := results.above(task, measure, setting, best)) is not None
            }
            name = f"{TITLES[task]} {MEASURES.get(measure, measure)}"
            lines.append(
                f"- {name}, against {floor[best]:.4f} of the floor ({best}): {_above(tests)}."
            )
            lines += [
                f"- {name}, {row}: {_beside(found)} what looks at nothing gets ({best})."
                for row, found in tests.items()
                if not _is_above(found)
            ]
    return lines


def about_order(results: Results) -> list[str]:
    """What becomes of the task that is not the last one, and what it is worth to be the last."""
    lines = []
    for setting, found in SETTINGS.items():
        runs = results.runs(setting).values()
        if not (found.switching and runs):
            continue
        last, task, _ = found.phases
        other = "_".join([task, last, task])
        told = [
            _around_the_last_phase(results, task, measure, setting, other)
            for measure in results.measures(task)
        ]
        lines.append(f"- {TITLES[task]}, {row_of(setting, task)}: {'; '.join(told)}.")
    return lines


def _around_the_last_phase(
    results: Results, task: str, measure: str, setting: str, other: str
) -> str:
    *_, before, after = quarterly(results.runs(setting).values(), task, measure)
    text = f"{MEASURES.get(measure, measure)} {before:.4f} before the last phase, {after:.4f} after"
    both = results.against(task, measure, other, setting)
    if both is None:
        return text
    found = both.examples
    return (
        f"{text}, and {found.difference:+.4f} ({found.lower:+.4f} to {found.upper:+.4f}) for being "
        "the last instead, with as many updates"
    )


def _above(tests: dict[str, SeedBySeed]) -> str:
    sure = sum(map(_is_above, tests.values()))
    return f"{sure} of {len(tests)} trainings have their 95 % interval wholly above it"


def _beside(found: SeedBySeed) -> str:
    against = found.examples
    words = "below" if against.upper < 0 else "not clearly above"
    interval = f"{against.lower:+.4f} to {against.upper:+.4f}"
    return f"{against.difference:+.4f} ({interval}), so {words}"


def _is_above(found: SeedBySeed) -> bool:
    return found.examples.lower > 0
