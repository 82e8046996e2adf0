"""Which heads the gates of the runs keep open, and how much tasks and runs have in common."""

from __future__ import annotations

import math
import re
import tempfile
from pathlib import Path

from allennlp_heads.reports.markup import p_text, plural
from allennlp_heads.reports.overlap import Overlap, measure
from allennlp_heads.reports.overlap_files import write_overlap
from allennlp_heads.reports.overlap_groups import read_groups
from docs.pruning.plan import SHARED
from docs.pruning.stages import THRESHOLD
from docs.runs.records import TASKS
from docs.runs.tables import markdown

GATES = "gates"
"""Folder of the gates of each run, beside the records."""
_ALWAYS = ("mean", "layers", "correlation", "jaccard")
PICTURES = {
    "mean": "Mean gate over the five tasks, each alone; black is open",
    "claims": "How many of the five tasks keep a head open",
    "chance": "The same as counts, beside what chance would give",
    "layers": "Open heads by layer",
    "correlation": "Pearson's r x 100 of mean gates",
    "jaccard": "Jaccard index x 100 of the sets of open heads",
}
_READING = """### Which heads

The gates of the runs above: of each task alone, and of all five with one set. A head is open when
its gate is above {threshold}; a task of several runs claims a head that more than half of them keep
open. By chance every task keeps as many heads of each layer as it does, but any of them."""


def overlap(folder: Path) -> Overlap | None:
    """
    Of the runs whose gates are below `folder`; `None` where fewer than two trainings are there.

    # Parameters

    folder : `Path`
        Of the records about removed heads.
    """
    runs = {
        setting: sorted(str(path) for path in (folder / GATES).glob(f"{setting}.*"))
        for setting in (*TASKS, SHARED)
    }
    names = [setting for setting, found in runs.items() if found]
    if len(names) < 2:
        return None
    return measure(read_groups(sum(runs.values(), []), names), THRESHOLD)


def section(found: Overlap, images: str) -> list[str]:
    """The lines of the page; `images` is the link to the folder of the pictures."""
    lines = [
        _READING.format(threshold=found.threshold),
        "",
        *_claims(found),
        "",
        *_table(found),
        "",
    ]
    files = {stem: text for stem, text in PICTURES.items() if found.claims or stem in _ALWAYS}
    for group in found.groups:
        if len(group.runs) >= 3:
            files[f"rgb.{group.name}"] = f"{group.name}: three runs, one in each colour"
    for stem, text in files.items():
        lines += [f"{text}:", "", f"![{text}]({images}/{stem}.png)", ""]
    return lines


def draw(found: Overlap, images: Path) -> None:
    """Write the pictures that the page shows into the folder `images`."""
    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        write_overlap(found, folder)
        for path in Path(folder).glob("overlap_*.png"):
            name = re.sub(r"^overlap_", "", path.name)
            (images / name).write_bytes(path.read_bytes())


def _claims(found: Overlap) -> list[str]:
    if found.claims is None:
        return []
    count = plural(int(found.claims.observed[-1]), "head")
    return [
        f"{count} of {int(found.exists.sum())} are claimed by all of {found.counted_as}; by "
        f"chance it would be {found.claims.expected[-1]:.1f} ({p_text(found.claims.exact_p_all)})."
    ]


def _table(found: Overlap) -> list[str]:
    rows = [["gates", "open heads", *found.names, "between its runs", "runs"]]
    for place, group in enumerate(found.groups):
        opened = found.open_heads[place].sum(axis=(1, 2)).tolist()
        r = [_number(value) for value in found.correlation[place]]
        agree = _number(found.run_to_run[place].pearson)
        counts = ", ".join(map(str, opened))
        rows.append([group.name, counts, *r, agree, str(len(group.runs))])
    return ["Pearson's r between mean gates:", "", *markdown(rows)]


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"
