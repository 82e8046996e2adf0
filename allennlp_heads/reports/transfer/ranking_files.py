"""The files `ranking.*`: sources in order, similarities, pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy
from allennlp.common import Tqdm

from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import atomic_write, write_arrays, write_report
from allennlp_heads.reports.transfer.graph import NEIGHBOURS, graph_figure
from allennlp_heads.reports.transfer.order import ORDERS, task_order
from allennlp_heads.reports.transfer.pictures import similarity_picture
from allennlp_heads.reports.transfer.ranking import Ranking
from allennlp_heads.reports.transfer.ranking_tables import ranking_csv, ranking_markdown

SCHEMA, VERSION = "ranking", 1


def write_ranking(
    folder: str | os.PathLike[str],
    ranking: Ranking,
    targets: Sequence[str],
    method: str,
    order: str = ORDERS[0],
    seed: int = 0,
) -> list[str]:
    """
    Write `ranking.{json,csv,md,npz}` and, of each kind of embedding, the pictures
    `ranking.similarity.<kind>` and `ranking.graph.<kind>`, all together or none. Equal rankings
    give equal bytes.

    # Parameters

    folder : `PathLike`
    ranking : `Ranking`
    targets : `Sequence[str]`
        Of which sources are listed.
    method : `str`
        The one that orders them.
    order : `str`, optional (default = `"class"`)
        Of tasks in heat maps, see `task_order`.
    seed : `int`, optional (default = `0`)
        Of the graphs.

    # Returns

    `List[str]`
        The names of the files.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    texts = {
        "csv": ranking_csv(ranking, targets),
        "md": ranking_markdown(ranking, targets, method),
    }
    with drafted(folder, SCHEMA, VERSION) as draft:
        for kind, text in texts.items():
            with atomic_write(draft / f"{SCHEMA}.{kind}") as file:
                file.write(text.encode())
        write_arrays(draft / f"{SCHEMA}.npz", ranking.similarities)
        for kind in Tqdm.tqdm(ranking.kinds, desc="pictures"):
            _pictures(ranking, kind, draft / SCHEMA, order, seed)
        names = sorted([f"{SCHEMA}.json", *(path.name for path in draft.iterdir())])
        content = {**_content(ranking, targets, method), "files": names}
        write_report(draft / f"{SCHEMA}.json", SCHEMA, VERSION, content, seed)
    return names


def _pictures(ranking: Ranking, kind: str, stem: os.PathLike[str], order: str, seed: int) -> None:
    similarity, tasks = ranking.of_kind(kind), ranking.tasks
    title = f"Similarity of {len(tasks)} tasks by their embeddings of the kind '{kind}'"
    how = "mean cosine over components"
    places = task_order(tasks, ranking.classes, similarity, order)
    names = [tasks[place] for place in places]
    groups = [ranking.classes[name] for name in names] if order == "class" else []
    alike = similarity[numpy.ix_(places, places)]
    picture = similarity_picture(names, groups, alike, f"{title}: {how}")
    save_figure(picture, f"{os.fspath(stem)}.similarity.{kind}")
    near = min(NEIGHBOURS, len(tasks) - 1)
    title += f": each is joined with its {near} nearest, the thicker the more alike"
    graph = graph_figure(tasks, ranking.classes, similarity, title, seed)
    save_figure(graph, f"{os.fspath(stem)}.graph.{kind}")


def _content(ranking: Ranking, targets: Sequence[str], method: str) -> dict[str, Any]:
    listed = {
        target: {
            name: [{"source": source, "rank": rank} for source, rank in ranking.order(name, target)]
            for name in ranking.main
        }
        for target in targets
    }
    return {
        "encoder": ranking.encoder,
        "tasks": ranking.tasks,
        "classes": ranking.classes,
        "sizes": ranking.sizes,
        "kinds": ranking.kinds,
        "components": list(ranking.similarities),
        "within_class": ranking.within,
        "method": method,
        "methods": ranking.main,
        "notes": ranking.notes,
        "data": ranking.files,
        "rankings": listed,
    }
