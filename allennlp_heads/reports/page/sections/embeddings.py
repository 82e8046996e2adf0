"""What `allennlp heads embed` wrote: a vector for each task, and how alike they are."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.transfer import similarities
from allennlp_heads.reports.embeddings import Embedding, read_embedding, require_alike
from allennlp_heads.reports.page.blocks import Block, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED
from allennlp_heads.reports.page.run_folder import RunFolder
from allennlp_heads.reports.page.sections.each_report import whereabouts
from allennlp_heads.reports.page.sections.task_maps import similarity_charts

logger = logging.getLogger(__name__)

_GRIDS = "heads."
_UNKNOWN = "unknown"
_KINDS = {
    "text": "the mean vector of its texts in the pretrained encoder",
    "task": "Fisher information of what the trained encoder computes for it",
    "heads": "numbers for each attention head",
}
_KEY, _TITLE = "embeddings", "Embeddings of tasks"


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """One section of all embeddings where they can be compared, else one for each folder."""
    by_folder: dict[str, list[Embedding]] = {}
    for run in runs:
        for report in run.reports("task_embedding"):
            embedding = read_embedding(report.path)
            by_folder.setdefault(whereabouts(run, report), []).append(embedding)
    together = [embedding for found in by_folder.values() for embedding in found]
    if len(by_folder) < 2 or _are_alike(together):
        return [Section(_KEY, _TITLE, _blocks(together))] if together else []
    return [
        Section(f"{_KEY}-{place}", f"{_TITLE}: {name}", _blocks(found))
        for place, (name, found) in enumerate(by_folder.items(), start=1)
    ]


def _are_alike(embeddings: Sequence[Embedding]) -> bool:
    try:
        require_alike(embeddings)
    except ConfigurationError as error:
        logger.warning("Not compared: %s", error)
        return False
    return True


def _blocks(embeddings: Sequence[Embedding]) -> list[Block]:
    tasks = [embedding.task for embedding in embeddings]
    classes = {one.task: str(one.said("class") or _UNKNOWN) for one in embeddings}
    kinds = {kind for one in embeddings for kind in one.kinds}
    about = "; ".join(f"{kind}: {what}" for kind, what in _KINDS.items() if kind in kinds)
    text = f"What describes each task, by kind of component: {about}."
    blocks: list[Block] = [Text(text), _table(embeddings, classes)]
    if len(embeddings) > 1 and _are_alike(embeddings):
        vectors = {embedding.task: embedding.components for embedding in embeddings}
        blocks += similarity_charts(tasks, classes, similarities(vectors))
    return [*blocks, *_grids(embeddings)]


def _table(embeddings: Sequence[Embedding], classes: Mapping[str, str]) -> Table:
    rows = [
        [
            *(one.task, classes[one.task], str(one.said("encoder", "name") or UNDEFINED)),
            *(_count(one.said("examples")), _count(one.said("available"))),
            *(str(len(one.components)), str(sum(v.size for v in one.components.values()))),
        ]
        for one in embeddings
    ]
    names = ["task", "class", "encoder", "examples", "of so many", "components", "numbers"]
    return Table(names, rows)


def _count(number: int | None) -> str:
    return UNDEFINED if number is None else f"{number:,}"


def _grids(embeddings: Sequence[Embedding]) -> Iterator[Block]:
    """Components with a number for each head, of all tasks that have them."""
    names = dict.fromkeys(
        name for one in embeddings for name in one.components if name.startswith(_GRIDS)
    )
    for name in names:
        grids = [
            Grid(one.task, one.components[name].astype(float))
            for one in embeddings
            if name in one.components
        ]
        yield HeadGrids(f"The component {name}", grids, name)
