"""The sections of a page, in the order in which they are shown; each is left out without files."""

from __future__ import annotations

from collections.abc import Sequence

from allennlp_heads.reports.page.blocks import Section
from allennlp_heads.reports.page.run_folder import RunFolder
from allennlp_heads.reports.page.sections import (
    applied,
    arcs,
    comparison,
    configuration,
    curves,
    dissociation,
    embeddings,
    evaluation,
    fewshot,
    gates,
    importance,
    important_heads,
    overlap,
    phases,
    probe,
    probe_comparison,
    pruning,
    ranking,
    runs,
    scores,
    search,
    similarity,
    sparsity,
    transfer,
)

_OF_A_RUN = (
    scores,
    curves,
    gates,
    sparsity,
    phases,
    importance,
    dissociation,
    important_heads,
    similarity,
    fewshot,
    probe,
    arcs,
    pruning,
    configuration,
)
_OF_ALL = (
    runs,
    search,
    comparison,
    overlap,
    probe_comparison,
    embeddings,
    ranking,
    evaluation,
    applied,
    transfer,
)


def sections_of_run(run: RunFolder) -> list[Section]:
    """What there is to show of one run."""
    return [section for module in _OF_A_RUN for section in module.sections(run)]


def sections_of_all(all_runs: Sequence[RunFolder]) -> list[Section]:
    """What there is to show of several runs together, and of folders that verbs wrote of them."""
    return [section for module in _OF_ALL for section in module.across(all_runs)]
