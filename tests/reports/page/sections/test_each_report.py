"""A section for each report of a schema, wherever it lies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page.blocks import Block, Text
from allennlp_heads.reports.page.run_folder import Report, RunFolder, read_run
from allennlp_heads.reports.page.sections.each_report import section_of_each


def write(folder: Path, **content: str) -> RunFolder:
    folder.mkdir(parents=True, exist_ok=True)
    document = {"schema": {"name": "probe_comparison", "version": 1}, **content}
    (folder / "probe_comparison.json").write_text(json.dumps(document))
    return read_run(str(folder))


def words(report: Report) -> Sequence[Block]:
    text = report.content["text"]
    return [Text(text)] if text else []


def test_a_single_report_needs_no_name(tmp_path: Path) -> None:
    runs = [write(tmp_path / "one", text="first")]
    (section,) = section_of_each(runs, "probe_comparison", "Probes", words)
    assert (section.key, section.title) == ("probe-comparison", "Probes")
    assert section.blocks == [Text("first")]


def test_several_reports_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "one" / "below", text="second")
    runs = [write(tmp_path / "one", text="first"), write(tmp_path / "two" / "heads", text="third")]
    sections = section_of_each(runs, "probe_comparison", "Probes", words)
    titles = ["Probes: one", "Probes: one, below", "Probes: heads"]
    assert [section.title for section in sections] == titles
    assert len({section.key for section in sections}) == 3


def test_nothing_to_show_is_no_section(tmp_path: Path) -> None:
    runs = [write(tmp_path / "one", text="")]
    assert section_of_each(runs, "probe_comparison", "Probes", words) == []
    assert section_of_each(runs, "overlap", "Overlap", words) == []


def test_a_damaged_report_is_named(tmp_path: Path) -> None:
    runs = [write(tmp_path / "one")]
    with pytest.raises(ConfigurationError, match=r"probe_comparison.json: damaged.*'text'"):
        section_of_each(runs, "probe_comparison", "Probes", words)
