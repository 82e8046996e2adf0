"""
Makes `docs/results.md` from the files in `docs/results/`, and the tables in `docs/reliability.md`.

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
`docs/pruning/record.py` and the pictures in `docs/images/pruning/`; `docs/results/specialization/`
those about specialised heads: `python -m docs.specialization`, `docs/specialization/record.py` and
`docs/images/specialization/`; `docs/results/probes/` those about probes: `python -m docs.probes`,
`docs/probes/record.py` and `docs/images/probes/`; `docs/results/qa_nli_sa/` those about answered
questions beside classified texts: `python -m docs.qa_nli_sa`, `docs/qa_nli_sa/record.py` and
`docs/images/qa_nli_sa.png`; `docs/results/transfer/` those about transfer between tasks:
`python -m docs.transfer`, `docs/transfer/record.py` and `docs/images/transfer/`.

`docs/results/chaos/` holds what faults did, `python -m docs.chaos` and `docs/chaos/record.py`. That
is on the page `docs/reliability.md`, between its marks; the rest of that page is written by hand.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allennlp_heads.reports.overlap import Overlap

FOLDER = Path(__file__).resolve().parent
FIVE_TASKS, PRUNING, SPECIALIZATION = "five_tasks", "pruning", "specialization"
PROBES, QA_NLI_SA, TRANSFER = "probes", "qa_nli_sa", "transfer"
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


class Page:
    """
    The page for all results in a folder, by name, and its pictures.

    # Parameters

    folder : `Path`
        Of the results. Raises `ValueError` that names the file of a result that is wrong.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pictures: list[Callable[[Path], None]] = []
        results = {path.stem: read(path) for path in sorted(folder.glob("*.json"))}
        lines = [INTRODUCTION]
        if results:
            lines += [*overview(results), ""]
        # imported only where needed: they need AllenNLP, whose import takes seconds
        if self._has(FIVE_TASKS):
            lines += self._five_tasks()
        gates = None
        if self._has(PRUNING):
            from docs.pruning.overlap import overlap

            gates = overlap(folder / PRUNING)
            lines += self._pruning(gates)
        if self._has(SPECIALIZATION):
            lines += self._specialization(gates)
        if self._has(PROBES):
            lines += self._probes()
        if self._has(QA_NLI_SA):
            lines += self._qa_nli_sa()
        if self._has(TRANSFER):
            lines += self._transfer()
        for name, result in results.items():
            lines += details(name, result)
        self.text = "\n".join(lines).rstrip("\n") + "\n"

    def draw(self, images: Path) -> None:
        """Write the pictures into a folder."""
        for picture in self._pictures:
            picture(images)

    def _has(self, name: str) -> bool:
        return any(self._folder.glob(f"{name}/*.json"))

    def _five_tasks(self) -> list[str]:
        from docs.five_tasks import page, picture

        folder = self._folder / FIVE_TASKS
        self._pictures.append(lambda images: picture.draw(folder, images / f"{FIVE_TASKS}.png"))
        return page.section(folder, f"images/{FIVE_TASKS}.png")

    def _pruning(self, gates: Overlap | None) -> list[str]:
        from docs.pruning import overlap, page, picture

        folder, before = self._folder / PRUNING, self._folder / FIVE_TASKS
        self._pictures.append(
            lambda images: picture.draw(folder, before, images / PRUNING / "scores.png")
        )
        if gates is not None:
            self._pictures.append(lambda images: overlap.draw(gates, images / PRUNING))
        return page.section(folder, before, f"images/{PRUNING}", gates)

    def _specialization(self, gates: Overlap | None) -> list[str]:
        from docs.specialization import page, picture
        from docs.specialization.comparisons import Results

        results = Results(self._folder / SPECIALIZATION)
        self._pictures.append(lambda images: picture.draw(results, images / SPECIALIZATION))
        return page.section(results, f"images/{SPECIALIZATION}", gates)

    def _probes(self) -> list[str]:
        from docs.probes import page, picture
        from docs.probes.comparisons import Results

        results = Results(self._folder / PROBES)
        self._pictures.append(lambda images: picture.draw(results, images / PROBES))
        return page.section(results, f"images/{PROBES}")

    def _qa_nli_sa(self) -> list[str]:
        from docs.qa_nli_sa import page, picture
        from docs.qa_nli_sa.comparisons import Results

        results = Results(self._folder / QA_NLI_SA)
        self._pictures.append(lambda images: picture.draw(results, images / f"{QA_NLI_SA}.png"))
        return page.section(results, f"images/{QA_NLI_SA}.png")

    def _transfer(self) -> list[str]:
        from docs.transfer import page, picture
        from docs.transfer.comparisons import Results

        results = Results(self._folder / TRANSFER)
        self._pictures.append(lambda images: picture.draw(results, images / TRANSFER))
        return page.section(results, f"images/{TRANSFER}")


def render(folder: Path) -> str:
    """The text of the page for all results in a folder."""
    return Page(folder).text


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description="Makes docs/results.md.")
    parser.add_argument("--results", type=Path, default=FOLDER / "results")
    parser.add_argument("--page", type=Path, default=FOLDER / "results.md")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    given = parser.parse_args(arguments)
    try:
        page = Page(given.results)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    texts = {given.page: page.text, **_reliability(given.results, given.page.parent)}
    if given.check:
        old = [p for p, text in texts.items() if not p.is_file() or p.read_text("utf-8") != text]
        for path in old:
            sys.stderr.write(f"{path} is not up to date: python docs/build_results.py\n")
        return int(bool(old))
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    page.draw(given.page.parent / "images")
    return 0


def _reliability(results: Path, pages: Path) -> dict[Path, str]:
    """The page about faults as it should be, where it is."""
    path = pages / "reliability.md"
    if not path.is_file() or not any(results.glob("chaos/*.json")):
        return {}
    from docs.chaos.page import with_results

    return {path: with_results(path.read_text("utf-8"), results / "chaos")}


if __name__ == "__main__":
    sys.path.append(str(FOLDER.parent))
    sys.exit(main())
