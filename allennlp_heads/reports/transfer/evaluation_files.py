"""The files `evaluation.*`: rankings against measured transfer, in numbers and pictures."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy

from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import atomic_write, write_report
from allennlp_heads.reports.transfer.evaluation import RankingEvaluation
from allennlp_heads.reports.transfer.evaluation_tables import (
    evaluation_csv,
    evaluation_latex,
    evaluation_markdown,
)
from allennlp_heads.reports.transfer.order import task_order
from allennlp_heads.reports.transfer.pictures import gain_picture, layer_picture, rank_picture
from allennlp_heads.reports.transfer.violins import violin_figure

SCHEMA, VERSION = EVALUATION = "evaluation", 1
"""Name and version of the schema."""


def write_evaluation(
    folder: str | os.PathLike[str],
    found: RankingEvaluation,
    method: str,
    about: Mapping[str, Any] | None = None,
) -> list[str]:
    """
    Write `evaluation.{json,md,tex,csv}` and the pictures `evaluation.gains` (of all cells),
    `evaluation.ranks` (given against true), `evaluation.violins` and, where components belong to
    layers, `evaluation.layers`, all together or none. Equal evaluations give equal bytes.

    # Parameters

    folder : `PathLike`
    found : `RankingEvaluation`
    method : `str`
        The one in the pictures of ranks and violins, and in the table of targets.
    about : `Mapping[str, Any]`, optional (default = `None`)
        Further keys of the JSON.

    # Returns

    `List[str]`
        The names of the files.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    texts = {
        "md": evaluation_markdown(found, method),
        "tex": evaluation_latex(found, method),
        "csv": evaluation_csv(found),
    }
    with drafted(folder, SCHEMA, VERSION) as draft:
        for kind, text in texts.items():
            with atomic_write(draft / f"{SCHEMA}.{kind}") as file:
                file.write(text.encode())
        _pictures(found, method, draft / SCHEMA)
        names = sorted([f"{SCHEMA}.json", *(path.name for path in draft.iterdir())])
        content = {**(about or {}), **_content(found, method), "files": names}
        write_report(draft / f"{SCHEMA}.json", SCHEMA, VERSION, content, found.seed)
    return names


def _pictures(found: RankingEvaluation, method: str, stem: os.PathLike[str]) -> None:
    ranking, place = found.ranking, os.fspath(stem)
    order = task_order(ranking.tasks, ranking.classes, found.gains)
    cells = numpy.ix_(order, order)
    tasks = [ranking.tasks[number] for number in order]
    groups = [ranking.classes[task] for task in tasks]
    title = f"Gain over fine-tuning on the target alone, percent ({found.regime})"
    save_figure(gain_picture(tasks, groups, found.gains[cells], title), f"{place}.gains")
    performance = numpy.where(found.candidates, found.performance, numpy.nan)[cells]
    title = f"Rank that {method} gives to the source of each true rank ({found.regime})"
    scores = ranking.methods[method][cells]
    save_figure(rank_picture(tasks, groups, scores, performance, title), f"{place}.ranks")
    chosen = found.chosen(method)
    placed = [None if (one := chosen[number]) is None else order.index(one) for number in order]
    title = f"Each target after each source, and the source that {method} ranks first"
    title += f" ({found.regime})"
    baseline = found.baseline[order]
    violins = violin_figure(tasks, ranking.classes, performance, baseline, placed, title)
    save_figure(violins, f"{place}.violins")
    if found.layers is not None:
        title = "NDCG × 100 of single components by layer; a random order reaches "
        title += f"{100 * found.layers.chance:.1f}"
        save_figure(layer_picture(found.layers, title), f"{place}.layers")


def _content(found: RankingEvaluation, method: str) -> dict[str, Any]:
    ranking = found.ranking
    return {
        "encoder": ranking.encoder,
        "regime": found.regime,
        "restarts": found.restarts,
        "draws": found.draws,
        "tasks": ranking.tasks,
        "classes": ranking.classes,
        "within_class": ranking.within,
        "relevance": "performance in points, 0 to 100",
        "method": method,
        "notes": [*ranking.notes, *found.notes],
        "performance": found.performance,
        "baseline": found.baseline,
        "methods": {
            name: {
                "measures": {key: one._asdict() for key, one in evaluation.measures.items()},
                "chosen": [
                    None if place is None else ranking.tasks[place] for place in found.chosen(name)
                ],
                "unscored": evaluation.unscored,
                "silent": [ranking.tasks[target] for target in evaluation.silent],
            }
            for name, evaluation in found.methods.items()
        },
        "reference": found.reference,
        "differences": {
            measure: {name: test._asdict() for name, test in tests.items()}
            for measure, tests in found.differences.items()
        },
        "layers": None if found.layers is None else found.layers._asdict(),
        "factors": {
            name: {
                **one._asdict(),
                "factors": {key: value._asdict() for key, value in one.factors.items()},
            }
            for name, one in found.factors.items()
        },
    }
