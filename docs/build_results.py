"""
Makes `docs/results.md` from the files in `docs/results/`.

    python docs/build_results.py              write docs/results.md
    python docs/build_results.py --check      exit status 1 when it is not up to date

Each `docs/results/<name>.json` describes one run, or one experiment over several seeds:

- `experiment`: the configuration's path;
- `command`: the exact command line;
- `data`: which texts, in a few words;
- `encoder`, `hardware`, `budget` (sentences and epochs, in words), all strings;
- `seed`: a number, or a list of them;
- `minutes`: wall-clock time of all seeds together;
- `scores`: `{set: {metric: value}}`; with several seeds a value is a list, one a seed;
- `heads` (may be missing): `{"open": n, "all": n}`, each a number or a list;
- `note` (may be missing): a sentence to print below the table.

`docs/record_result.py` writes such a file from a finished run.

`docs/results/five_tasks/` holds the runs of one table; `python -m docs.five_tasks` writes them, and
`docs/five_tasks/record.py` says what is in them. Their picture is `docs/images/five_tasks.png`.
`docs/results/pruning/` holds those about removed heads in the same way: `python -m docs.pruning`,
`docs/pruning/record.py` and the pictures in `docs/images/pruning/`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
FIVE_TASKS, PRUNING = "five_tasks", "pruning"
REQUIRED = (
    "experiment",
    "command",
    "data",
    "encoder",
    "hardware",
    "budget",
    "seed",
    "minutes",
    "scores",
)
INTRODUCTION = """# Results

Written by `python docs/build_results.py` from the files in `docs/results/`; do not edit it by hand.
Scores are shares (1 is perfect); with several seeds they are mean +- standard deviation.
"""


def read(path: Path) -> dict[str, Any]:
    """One result; raises `ValueError` that names the file and what is missing."""
    try:
        result: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    missing = [key for key in REQUIRED if key not in result]
    if missing:
        raise ValueError(f"{path}: {', '.join(missing)} missing")
    return result


def number(value: Any, digits: int = 4) -> str:
    """A value, or mean and standard deviation of several."""
    if not isinstance(value, list):
        return f"{value:.{digits}f}" if isinstance(value, float) else str(value)
    if len(value) == 1:
        return number(value[0], digits)
    return f"{statistics.mean(value):.{digits}f} +- {statistics.stdev(value):.{digits}f}"


def overview(results: dict[str, dict[str, Any]]) -> list[str]:
    """One row a result and set, one column a metric that any of them has."""
    metrics: list[str] = []
    for result in results.values():
        for scores in result["scores"].values():
            metrics += [metric for metric in scores if metric not in metrics]
    header = ["result", "data", "set", *metrics, "heads open", "minutes"]
    rows = [header, ["---"] * len(header)]
    for name, result in results.items():
        heads = result.get("heads")
        opened = f"{number(heads['open'], 1)} of {number(heads['all'], 0)}" if heads else ""
        for part, scores in result["scores"].items():
            values = [number(scores[metric]) if metric in scores else "" for metric in metrics]
            link = f"[{name}](#{name.replace('.', '').lower()})"
            minutes = number(float(result["minutes"]), 1)
            rows.append([link, result["data"], part, *values, opened, minutes])
    return [f"| {' | '.join(row)} |" for row in rows]


def details(name: str, result: dict[str, Any]) -> list[str]:
    """How a result came about."""
    seeds = result["seed"] if isinstance(result["seed"], list) else [result["seed"]]
    lines = [
        f"## {name}",
        "",
        f"- configuration: `{result['experiment']}`",
        f"- encoder: {result['encoder']}",
        f"- data: {result['data']}",
        f"- budget: {result['budget']}",
        f"- seed: {', '.join(str(seed) for seed in seeds)}",
        f"- hardware: {result['hardware']}; {number(float(result['minutes']), 1)} minutes",
    ]
    if "note" in result:
        lines.append(f"- {result['note']}")
    return [*lines, "", "```bash", result["command"], "```", ""]


def render(folder: Path) -> str:
    """The page for all results in a folder, by name."""
    results = {path.stem: read(path) for path in sorted(folder.glob("*.json"))}
    lines = [INTRODUCTION]
    if results:
        lines += [*overview(results), ""]
    if any(folder.glob(f"{FIVE_TASKS}/*.json")):
        # only here, since it needs AllenNLP, whose import takes seconds
        from docs.five_tasks.page import section

        lines += section(folder / FIVE_TASKS, f"images/{FIVE_TASKS}.png")
    if any(folder.glob(f"{PRUNING}/*.json")):
        from docs.pruning import page

        lines += page.section(folder / PRUNING, folder / FIVE_TASKS, f"images/{PRUNING}")
    for name, result in results.items():
        lines += details(name, result)
    return "\n".join(lines).rstrip("\n") + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description="Makes docs/results.md.")
    parser.add_argument("--results", type=Path, default=FOLDER / "results")
    parser.add_argument("--page", type=Path, default=FOLDER / "results.md")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    given = parser.parse_args(arguments)
    try:
        page = render(given.results)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if given.check:
        current = given.page.is_file() and given.page.read_text("utf-8") == page
        if not current:
            sys.stderr.write(f"{given.page} is not up to date: python docs/build_results.py\n")
        return int(not current)
    given.page.write_text(page, "utf-8")
    images = given.page.parent / "images"
    if any(given.results.glob(f"{FIVE_TASKS}/*.json")):
        from docs.five_tasks.picture import draw

        draw(given.results / FIVE_TASKS, images / f"{FIVE_TASKS}.png")
    if any(given.results.glob(f"{PRUNING}/*.json")):
        from docs.pruning import overlap, picture

        before = given.results / FIVE_TASKS
        picture.draw(given.results / PRUNING, before, images / PRUNING / "scores.png")
        found = overlap.overlap(given.results / PRUNING)
        if found is not None:
            overlap.draw(found, images / PRUNING)
    return 0


if __name__ == "__main__":
    sys.path.append(str(FOLDER.parent))
    sys.exit(main())
