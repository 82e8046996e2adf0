"""What holds of all sections together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.reports.page.blocks import Block, Chart, Table, Text
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections import sections_of_all, sections_of_run
from allennlp_heads.reports.page.sections.names import isolated
from tests.reports.page.hostile import TASKS

SHORT = 220
"""Letters of a description that is heard in one go."""


def blocks(*folders: Path) -> list[Block]:
    runs = [read_run(str(folder)) for folder in folders]
    sections = [*sections_of_all(runs), *(one for run in runs for one in sections_of_run(run))]
    return [block for section in sections for block in section.blocks]


def said(block: Block) -> str:
    """The sentences of a block."""
    if isinstance(block, Text):
        return block.text
    return block.caption if isinstance(block, Table) else getattr(block, "description", "")


def test_charts_are_described_shortly(specimen: Path, verbs: Path) -> None:
    charts = [block for block in blocks(specimen, verbs) if isinstance(block, Chart)]
    assert len(charts) > 15
    assert not [chart.title for chart in charts if not 0 < len(chart.description) <= SHORT]


def test_names_from_the_right_swap_no_numbers(specimen: Path, verbs: Path) -> None:
    name = TASKS[1]
    found = [said(block) for block in blocks(specimen, verbs) if name in said(block)]
    # notes come as whole sentences from the reports
    bare = [text for text in found if name in text.replace(isolated(name), "")]
    notes = json.loads((verbs / "comparison" / "comparison.json").read_text("utf-8"))["notes"]
    assert len(found) > 5 and set(bare) <= set(notes)


@pytest.mark.parametrize(
    ("metrics", "config"),
    [
        ({"training_loss": float("nan"), "validation_accuracy": float("nan")}, {}),
        ({"training_loss": 1.0}, {"model": {"type": "basic"}, "trainer": None}),
        ({"epoch": 0}, {"model": {"heads": {}}, "train_data_path": None}),
    ],
)
def test_odd_runs(metrics: dict[str, Any], config: dict[str, Any], tmp_path: Path) -> None:
    for name in ("metrics", "metrics_epoch_0", "metrics_epoch_1"):
        (tmp_path / f"{name}.json").write_text(json.dumps(metrics))
    (tmp_path / "config.json").write_text(json.dumps(config))
    found = blocks(tmp_path)
    tables = [block for block in found if isinstance(block, Table)]
    assert tables and not any("nan" in cell for one in tables for row in one.rows for cell in row)
