"""How near a training came to the share of heads that it should close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED, between
from allennlp_heads.reports.page.charts import lines
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each

_ONE_OFF = (
    "The target counts as reached when the number of closed heads is right or one off, and only "
    "epochs that reached it could become the best one."
)
_TARGET = "target"

Epochs = Sequence[Mapping[str, Any]]


def sections(run: RunFolder) -> list[Section]:
    """A section for each `sparsity.json`."""
    return section_of_each([run], "sparsity", "Heads closed on the way to a target", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    epochs, names = content["epochs"], list(content["sets"])
    about = (
        f"Asked for were {100 * content['target']:g} % closed heads, by the control "
        f"'{content['control']}'; a head is closed when its gate is not above "
        f"{content['threshold']:g}. {_ONE_OFF}"
    )
    blocks: list[Block] = [Text(about)]
    if epochs:
        blocks.append(Text(_outcome(content)))
        blocks.append(_table(content))
        blocks.append(_closed(epochs, names, content["target"]))
        blocks.append(_coefficients(epochs, names))
    return blocks


def _outcome(content: Mapping[str, Any]) -> str:
    epochs = content["epochs"]
    reached = [entry["epoch"] + 1 for entry in epochs if _all_reached(entry)]
    if not reached:
        return (
            f"No epoch of {len(epochs)} reached it in all sets of gates, so that the last epoch is "
            "archived. More epochs, or a larger learning rate of the gates, bring it nearer."
        )
    text = f"It was reached first after epoch {reached[0]} of {len(epochs)}"
    best = content["best_epoch"]
    return f"{text}, and the best epoch is number {best + 1}." if best is not None else f"{text}."


def _all_reached(entry: Mapping[str, Any]) -> bool:
    return all(found["reached"] for found in entry["sets"].values())


def _table(content: Mapping[str, Any]) -> Table:
    epochs = content["epochs"]
    shown = epochs[-1]
    for entry in epochs:
        if entry["epoch"] == content["best_epoch"]:
            shown = entry
    rows = []
    for key, size in content["sets"].items():
        first = [entry["epoch"] + 1 for entry in epochs if entry["sets"][key]["reached"]]
        found = shown["sets"][key]
        numbers = [str(n) for n in (found["closed"], size["wanted"], size["heads"])]
        rows.append([key, *numbers, str(first[0]) if first else UNDEFINED])
    which = "best" if shown["epoch"] == content["best_epoch"] else "latest"
    columns = ["gates", "closed", "wanted", "heads", "first reached after epoch"]
    return Table(columns, rows, f"Closed after the {which} epoch, number {shown['epoch'] + 1}.")


def _closed(epochs: Epochs, names: Sequence[str], target: float) -> Chart:
    rows = [
        {"epoch": entry["epoch"] + 1, "closed": 100 * entry["sets"][key]["share"], "gates": key}
        for entry in epochs
        for key in names
    ]
    rows += [
        {"epoch": entry["epoch"] + 1, "closed": 100 * target, "gates": _TARGET} for entry in epochs
    ]
    spec = lines(rows, "epoch", "closed", "gates", "epoch", "closed heads, %")
    last = between([100 * epochs[-1]["sets"][key]["share"] for key in names])
    about = f"The share of closed heads by epoch: {last} % at last, {100 * target:g} % is wanted."
    return Chart("Closed heads by epoch", spec, about)


def _coefficients(epochs: Epochs, names: Sequence[str]) -> Chart:
    rows = [
        {
            "epoch": entry["epoch"] + 1,
            "coefficient": entry["sets"][key]["coefficient"],
            "gates": key,
        }
        for entry in epochs
        for key in names
    ]
    spec = lines(rows, "epoch", "coefficient", "gates", "epoch", "weight of the penalty")
    about = (
        "The weight of the gates' penalty after each epoch: above 0 it closes heads, below 0 it "
        "opens them."
    )
    return Chart("Weight of the penalty by epoch", spec, about)
