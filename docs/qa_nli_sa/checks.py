"""What may be wrong with the scores: that they are near the floor, and the order of the tasks."""

from __future__ import annotations

from allennlp_heads.analysis import SeedBySeed
from allennlp_heads.analysis.measures import measure_of
from docs.qa_nli_sa.comparisons import Results
from docs.qa_nli_sa.names import MEASURES, TITLES, row_of, settings_of
from docs.qa_nli_sa.plan import SETTINGS
from docs.qa_nli_sa.tables import quarterly


def about_floor(results: Results) -> list[str]:
    """Which settings are above answers that look at nothing."""
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
            lines.append(
                f"- {TITLES[task]} {MEASURES.get(measure, measure)}, against {floor[best]:.4f} of "
                f"the floor ({best}): {_above(tests)}."
            )
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
    low = [name for name, found in tests.items() if found.examples.lower <= 0]
    sure = len(tests) - len(low)
    rest = f"; not so {'; '.join(low)}" if low else ""
    return f"{sure} of {len(tests)} trainings have their 95 % interval wholly above it{rest}"
