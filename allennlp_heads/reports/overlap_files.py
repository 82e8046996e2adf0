"""The folder that `allennlp heads overlap` writes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy

from allennlp_heads.reports import overlap_report
from allennlp_heads.reports.animation import write_animation
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import atomic_write, file_stems, write_arrays, write_report
from allennlp_heads.reports.overlap import Overlap
from allennlp_heads.reports.overlap_charts import (
    chance_figure,
    correlation_figure,
    jaccard_figure,
    layers_figure,
)
from allennlp_heads.reports.overlap_maps import (
    claims_figure,
    mean_figure,
    mean_frames,
    rgb_figure,
)
from allennlp_heads.reports.overlap_tables import correlation_csv, correlation_latex

REPORT = "overlap.json"


def write_overlap(overlap: Overlap, out: str | os.PathLike[str]) -> list[str]:
    """
    Write the report, its arrays, tables and pictures into `out`. All are made in a folder beside it
    first, so that a failure leaves `out` as it was. What an earlier call wrote there and this one
    does not is deleted.

    # Parameters

    overlap : `Overlap`
    out : `PathLike`

    # Returns

    `List[str]`
        The names of the files.

    Raises `ConfigurationError` when `out` cannot be written.
    """
    with drafted(out, "overlap", overlap_report.VERSION, "Choose another folder with -o") as draft:
        _write_all(overlap, draft)
        return sorted(path.name for path in draft.iterdir())


def _write_all(overlap: Overlap, folder: Path) -> None:
    save_figure(mean_figure(overlap), folder / "overlap_mean")
    save_figure(layers_figure(overlap), folder / "overlap_layers")
    for place, stem in enumerate(file_stems(overlap.names)):
        if len(overlap.groups[place].runs) >= 3:
            save_figure(rgb_figure(overlap, place), folder / f"overlap_rgb.{stem}")
    if not numpy.isnan(overlap.correlation_table).all():
        save_figure(correlation_figure(overlap), folder / "overlap_correlation")
    if not numpy.isnan(overlap.jaccard.observed).all():
        save_figure(jaccard_figure(overlap), folder / "overlap_jaccard")
    if overlap.claims is not None:
        save_figure(claims_figure(overlap), folder / "overlap_claims")
        save_figure(chance_figure(overlap), folder / "overlap_chance")
    frames = mean_frames(overlap)
    if frames is not None:
        write_animation(folder / "overlap.gif", frames)
    for kind, text in (("csv", correlation_csv(overlap)), ("tex", correlation_latex(overlap))):
        with atomic_write(folder / f"overlap_correlation.{kind}") as file:
            file.write(text.encode())
    write_arrays(folder / "overlap.npz", overlap_report.arrays(overlap))
    content = overlap_report.content(overlap)
    content["files"] = sorted([REPORT, *(path.name for path in folder.iterdir())])
    name, version = overlap_report.SCHEMA, overlap_report.VERSION
    write_report(folder / REPORT, name, version, content, seed=overlap.seed)
