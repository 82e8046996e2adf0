"""Data and encoders of the tests of probes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from allennlp.data import Instance, Vocabulary

from allennlp_heads.analysis.probing import ProbeResult
from allennlp_heads.collect.probing.data import FILES, ProbeData
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.data.dataset_readers import ConlluReader, OntonotesReader
from allennlp_heads.data.token_indexers import TransformerWordsIndexer
from allennlp_heads.modules import GatedEncoder

KINDS = {
    "pos": "tagger",
    "ner": "span_ner",
    "con": "constituency",
    "dep": "dependency",
    "srl": "srl",
}
FAST: dict[str, Any] = {"random_weights": 0, "control": False, "trees": False, "draws": 10}
"""Options of probes without what takes time."""

SENTENCES = {"train": 24, "validation": 14, "test": 14}
_NAMES = {"train": "train", "validation": "dev", "test": "test"}


@functools.cache
def encoder(folder: str) -> GatedEncoder:
    """One that no test changes."""
    return GatedEncoder(folder).eval()


def reader(task: str, folder: str, **options: Any) -> Any:
    """For one file of the fixtures."""
    options = {"token_indexers": {"tokens": TransformerWordsIndexer(folder)}, **options}
    if task in ("pos", "dep"):
        return ConlluReader("upos" if task == "pos" else "dependency", **options)
    return OntonotesReader(task, **options)


def sentences(task: str, folder: str, fixtures: Path, file: str, **options: Any) -> list[Instance]:
    """New instances, as they may be changed."""
    ending = "conllu" if task in ("pos", "dep") else "gold_conll"
    path = fixtures / f"ewt/{_NAMES[file]}.{ending}"
    options = {"max_instances": SENTENCES[file], **options}
    return list(reader(task, folder, **options).read(path))


def data_of(files: dict[str, Sequence[Instance]], task: str) -> ProbeData:
    """Of lists of instances by file, with an empty vocabulary: no label is ever looked up."""
    found = {
        file: TaskData({task: instances}, Vocabulary(), {task: f"{file}.data"})
        for file, instances in files.items()
    }
    return ProbeData(**found)  # type: ignore[arg-type]


def data(task: str, folder: str, fixtures: Path, files: Sequence[str] = FILES) -> ProbeData:
    """The fixtures' sentences."""
    return data_of({file: sentences(task, folder, fixtures, file) for file in files}, task)


def probed(
    folder: str, fixtures: Path, task: str, files: Sequence[str] = FILES, **options: Any
) -> ProbeResult:
    """The result of a probe that takes little time, unless options say otherwise."""
    given = ProbeOptions(**{**FAST, **options})
    return probe_task(encoder(folder), data(task, folder, fixtures, files), task, given)


def weighted_count(result: ProbeResult) -> int:
    """How many items were scored."""
    return sum(label.count for label in result.labels)
