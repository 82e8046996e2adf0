"""What the folders of the experiment hold, as records."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from allennlp_heads.analysis.transfer import similarities, without_direction
from allennlp_heads.reports.embeddings import Embedding, read_embeddings, require_alike
from allennlp_heads.reports.files import package_versions, read_report
from allennlp_heads.reports.transfer.matrix import SCHEMA, STEM, read_matrix
from allennlp_heads.transfer.configuration import data_files
from docs.runs.budget import command_of, configuration
from docs.runs.records import Record
from docs.transfer.plan import MAIN, REGIME, Stage, TransferBudget, grid_of
from docs.transfer.record import cosines_as_lists, scores_as_lists
from docs.transfer.shared_texts import shared_texts

_OF_MATRIX = ("regime", "tasks", "classes", "metrics", "examples", "available", "curves")


def matrix_content(folder: Path, budget: TransferBudget, hardware: str) -> Record:
    """
    The record of the matrix in the folder of a grid. Raises `ConfigurationError` where there is
    none, and `ValueError` where the data files have changed since.
    """
    path = folder / REGIME
    matrix, written = read_matrix(path), read_report(path / f"{STEM}.json", *SCHEMA)
    cells = written["cells"]
    config = configuration(grid_of(Stage(MAIN), budget), with_tests=False)
    require_same_files(written["data"], data_files(config))
    return {
        **{key: written[key] for key in (*_OF_MATRIX, "restarts")},
        **scores_as_lists(matrix),
        "shared": shared_texts(config["tasks"]),
        "dev_examples": {cell["target"]: cell["dev_examples"] for cell in cells},
        "updates": {cell["target"]: cell["updates"] for cell in cells},
        "minutes": {"fine-tuning": round(sum(cell["seconds"] for cell in cells) / 60, 2)},
        "experiment": budget.settings,
        "command": command_of("docs.transfer", budget),
        "encoder": written["encoder"]["name"],
        "hardware": hardware,
        "budget": asdict(budget),
        "data": written["data"],
        "versions": package_versions(),
    }


def embeddings_content(folder: Path, setting: str, budget: TransferBudget) -> Record:
    """
    The record of the embeddings in the folder of a grid. Raises `ConfigurationError` where there
    are none, or where they do not compare.
    """
    found = read_embeddings(folder / "embeddings" / "limited")
    require_alike(found)
    vectors = {one.task: one.components for one in found}
    sizes = {name: array.size for one in found for name, array in one.components.items()}
    cosines = cosines_as_lists(similarities(vectors))
    return {
        "setting": setting,
        "options": _plain(found[0].said("options")),
        "tasks": [one.task for one in found],
        "components": {name: {"size": sizes[name], **cosines[name]} for name in cosines},
        "examples": {one.task: one.said("examples") for one in found},
        "left_out": _left_out(found),
        "bytes": {one.task: _arrays(one).stat().st_size for one in found},
        "encoder": found[0].said("encoder", "name"),
        "budget": asdict(budget),
    }


def require_same_files(then: dict[str, str | None], now: dict[str, str | None]) -> None:
    """Raises `ValueError` that names a data file whose SHA-256 is another one now."""
    for path, digest in now.items():
        if then.get(path) != digest:
            raise ValueError(
                f"{path} is not the file that cells were made with: set HEADS_DATA as it was then"
            )


def _left_out(embeddings: list[Embedding]) -> dict[str, dict[str, str]]:
    found = {one.task: dict(one.said("left_out") or {}) for one in embeddings}
    for task, name in without_direction({one.task: one.components for one in embeddings}):
        found[task][name] = "zero throughout"
    return {task: reasons for task, reasons in found.items() if reasons}


def _arrays(embedding: Embedding) -> Path:
    assert embedding.path is not None  # it was read
    return embedding.path.with_suffix(".npz")


def _plain(options: Any) -> dict[str, Any]:
    return dict(options or {})
