"""Specimens have every kind of report, so that the tests of the page see all of it."""

from __future__ import annotations

from pathlib import Path

from allennlp_heads.reports.page.run_folder import VERSIONS, read_runs
from tests.reports.page.hostile import RUN
from tests.reports.page.specimens import LARGE, write_all


def test_every_report_is_there_and_is_read(tmp_path: Path) -> None:
    runs = read_runs(write_all(tmp_path, LARGE))
    assert runs[0].name == RUN and len(runs[0].epochs) == 5
    found = {schema: run.reports(schema) for run in runs for schema in run.found}
    assert found.keys() == VERSIONS.keys()
    assert all(found.values())
