"""The section on embeddings of tasks."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from allennlp_heads.analysis.transfer import cosine
from allennlp_heads.reports.embeddings import write_embedding
from allennlp_heads.reports.page.blocks import Chart, HeadGrids, Section, Table
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections.embeddings import across
from tests.reports.embeddings.made import embedding
from tests.reports.page.sections.looking import blocks_of, cells, names, only


def sections_of(*folders: Path) -> list[Section]:
    return across([read_run(str(folder)) for folder in folders])


def test_similarities_are_cosines(tmp_path: Path) -> None:
    made = [embedding(task, place) for place, task in enumerate(("pos", "dep", "ner"))]
    for one in made:
        write_embedding(tmp_path, one)
    section = only(sections_of(tmp_path))
    assert cells(blocks_of(section, Table)[0], "task") == ["dep", "ner", "pos"]
    text, task, heads = blocks_of(section, Chart)
    drawn = {(row["y"], row["x"]): row["value"] for row in text.spec["data"]["values"]}
    expected = cosine(made[0].components["text"], made[1].components["text"])
    assert drawn["pos", "dep"] == pytest.approx(expected, abs=1e-6)
    assert drawn["pos", "pos"] is None
    (grids,) = blocks_of(section, HeadGrids)
    assert names(grids) == ["dep", "ner", "pos"] and grids.measure == "heads.importance"
    numpy.testing.assert_array_equal(grids.grids[2].values, made[0].components["heads.importance"])


def test_several_folders_are_one_section_where_they_can_be(tmp_path: Path) -> None:
    for task in ("pos", "dep"):
        write_embedding(tmp_path / task / "heads" / "embeddings", embedding(task))
    section = only(sections_of(tmp_path / "pos", tmp_path / "dep"))
    assert len(blocks_of(section, Table)[0].rows) == 2


@pytest.mark.parametrize("task, encoder", [("pos", "tiny"), ("dep", "other")])
def test_what_cannot_be_compared_is_apart(tmp_path: Path, task: str, encoder: str) -> None:
    write_embedding(tmp_path / "one", embedding("pos"))
    changed = {"name": encoder, "pretrained_sha256": encoder}
    write_embedding(tmp_path / "two", embedding(task, encoder=changed))
    sections = sections_of(tmp_path / "one", tmp_path / "two")
    titles = ["Embeddings of tasks: one", "Embeddings of tasks: two"]
    assert [section.title for section in sections] == titles
    assert not [chart for section in sections for chart in blocks_of(section, Chart)]


def test_no_embeddings_no_section(specimen: Path, verbs: Path) -> None:
    assert sections_of(verbs / "overlap") == []
