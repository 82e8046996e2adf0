"""Predictions of GLUE's test files, in the files that its server takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params, Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import lazy_groups_of
from allennlp.data import DatasetReader, Instance

from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.trained import Trained, trained
from allennlp_heads.data.dataset_readers.glue import HIGHEST, LOWEST, GlueReader
from allennlp_heads.data.paths import data_folder
from allennlp_heads.models.archival import PathLike, archive_file
from allennlp_heads.models.heads import TextClassifierHead, TextRegressorHead
from allennlp_heads.predictors.head_predictor import heads_of
from allennlp_heads.pruning.output import whole_folder

AT_ONCE = 4096
"""Examples held in memory; QQP's test file has 391 thousand."""


@dataclass(frozen=True)
class TestSet:
    """
    A test file of GLUE.

    # Parameters

    name : `str`
        What the server calls the file of its predictions, without `.tsv`.
    task : `str`
        The task of the reader `glue` whose model predicts it.
    file : `str`
        Where GLUE's distribution has it.
    """

    __test__ = False  # its name makes pytest take it for a test

    name: str
    task: str
    file: str


TEST_SETS = (
    TestSet("CoLA", "cola", "CoLA/test.tsv"),
    TestSet("SST-2", "sst2", "SST-2/test.tsv"),
    TestSet("MRPC", "mrpc", "MRPC/test.tsv"),
    TestSet("STS-B", "stsb", "STS-B/test.tsv"),
    TestSet("QQP", "qqp", "QQP/test.tsv"),
    TestSet("MNLI-m", "mnli", "MNLI/test_matched.tsv"),
    TestSet("MNLI-mm", "mnli", "MNLI/test_mismatched.tsv"),
    TestSet("QNLI", "qnli", "QNLI/test.tsv"),
    TestSet("RTE", "rte", "RTE/test.tsv"),
    TestSet("WNLI", "wnli", "WNLI/test.tsv"),
    TestSet("AX", "mnli", "diagnostic/diagnostic.tsv"),
)
"""All test files of GLUE, the diagnostic set included."""


@dataclass
class Submission:
    """
    What was written.

    # Parameters

    written : `Dict[str, int]`
        Number of predictions in each file.
    missing : `Dict[str, str]`
        Files that were not written because there is no such test file.
    untrained : `List[str]`
        Files that were not written because the archive has no such task.
    """

    written: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    untrained: list[str] = field(default_factory=list)


def write_submission(
    archive: PathLike,
    out: PathLike,
    data: PathLike | None = None,
    tasks: Sequence[str] | None = None,
    force: bool = False,
    weights_file: str | None = None,
    cuda_device: int = -1,
) -> Submission:
    """
    Predict the test files of the GLUE tasks that an archive has and write what GLUE's server takes:
    `<name>.tsv` with the columns `index` and `prediction`, scores of STS-B between 0 and 5. The
    folder `out` appears whole or not at all.

    # Parameters

    archive : `PathLike`
        A `model.tar.gz`, or a serialization directory that has one.
    out : `PathLike`
        The folder to write.
    data : `PathLike`, optional (default = `None`)
        GLUE's folder, with `CoLA/test.tsv` and so on; by default `glue` in `${HEADS_DATA}`.
    tasks : `Sequence[str]`, optional (default = `None`)
        Which of the archive's tasks; by default all that read GLUE.
    force : `bool`, optional (default = `False`)
        Replace the folder if it is there.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.
    cuda_device : `int`, optional (default = `-1`)

    # Returns

    `Submission`

    Raises `ConfigurationError` for an archive without tasks of GLUE, with two keys for the same
    one, or with other labels than GLUE's; when there is no test file at all; and for predictions
    that are no numbers.
    """
    folder = data_folder() / "glue" if data is None else Path(data)
    found = Submission()
    with trained(archive, weights_file, cuda_device) as source:
        keys = _keys(source, tasks)
        paths: dict[TestSet, Path] = {}
        for test in TEST_SETS:
            path = folder / test.file
            if test.task not in keys:
                found.untrained.append(test.name)
            elif path.is_file():
                paths[test] = path
            else:
                found.missing[test.name] = str(path)
        if not paths:
            raise ConfigurationError(
                f"{folder} has no test file of {sorted(keys)}, as "
                f"{', '.join(found.missing.values())}: give GLUE's folder with --data"
            )
        given = [archive_file(archive), *paths.values()]
        if weights_file is not None:
            given.append(Path(weights_file))
        with whole_folder(Path(out), force, given) as draft:
            for test, path in paths.items():
                rows = _predictions(source, keys[test.task], path)
                found.written[test.name] = _write(draft / f"{test.name}.tsv", rows)
    return found


def _keys(source: Trained, tasks: Sequence[str] | None) -> dict[str, str]:
    """The archive's key for each task of GLUE, all of which its heads can predict."""
    readers = _readers(source)
    unknown = sorted(set(tasks or ()) - set(readers))
    if unknown or not readers:
        raise ConfigurationError(
            f"{source.name} has no task of GLUE {unknown or ''}: those with the reader 'glue' are "
            f"{sorted(readers)}"
        )
    keys: dict[str, str] = {}
    for key in tasks or readers:
        task = readers[key]["task"]
        if task in keys:
            raise ConfigurationError(
                f"{source.name} has two tasks for GLUE's '{task}', '{keys[task]}' and '{key}': "
                "choose with --tasks"
            )
        keys[task] = key
        _check_head(source, key)
    return keys


def _readers(source: Trained) -> dict[str, dict[str, Any]]:
    readers = (source.config.get("dataset_reader") or {}).get("readers") or {}
    heads = heads_of(source.model)
    return {
        key: reader
        for key, reader in readers.items()
        if key in heads and isinstance(reader, dict) and reader.get("type") == "glue"
    }


def _reader(source: Trained, key: str) -> GlueReader:
    params = Params({**deepcopy(_readers(source)[key]), "max_instances": None})
    reader = DatasetReader.from_params(params, serialization_dir=str(source.source.folder))
    assert isinstance(reader, GlueReader)
    return reader


def _check_head(source: Trained, key: str) -> None:
    head = heads_of(source.model)[key]
    labels = _reader(source, key).layout.labels
    if not isinstance(head, TextClassifierHead if labels else TextRegressorHead):
        kind = "text_classifier" if labels else "text_regressor"
        raise ConfigurationError(
            f"{source.name}: the task '{key}' needs the head '{kind}' to be submitted, not "
            f"{type(head).__name__}"
        )
    if isinstance(head, TextClassifierHead) and not set(head.label_names()) <= set(labels):
        raise ConfigurationError(
            f"{source.name}: the head of '{key}' has the labels {head.label_names()}, but GLUE's "
            f"are {list(labels)}"
        )


def _predictions(source: Trained, key: str, path: Path) -> Iterator[tuple[str, str]]:
    """Index and prediction of every example, in the order of the file."""
    reader = _reader(source, key)
    examples: Iterable[Instance] = Tqdm.tqdm(reader.read(str(path)), desc=f"{key}: {path.name}")
    for chunk in lazy_groups_of(examples, AT_ONCE):
        predicted = _of_chunk(source, key, chunk, path)
        for place, instance in enumerate(chunk):
            index = instance["metadata"].metadata["index"]  # type: ignore[attr-defined]
            yield str(index), predicted[place]


def _of_chunk(source: Trained, key: str, chunk: list[Instance], path: Path) -> dict[int, str]:
    model = source.model
    device = next(model.parameters()).device
    data = TaskData({key: chunk}, model.vocab, {key: str(path)}, device=device)
    predicted: dict[int, str] = {}
    for batch in data.batches(key):
        with torch.no_grad():
            outputs = model(**batch)
        said = outputs["head_outputs"][key]
        if not torch.isfinite(said.get("logits", said.get("score"))).all():
            raise ConfigurationError(
                f"{source.name}: its predictions of '{key}' are no numbers (nan or infinite); was "
                "it trained to its end?"
            )
        readable = model.make_output_human_readable(outputs)
        labels = readable.get("label") or [_score(value) for value in readable["score"]]
        predicted.update(zip(batch["example"], labels, strict=True))
    return predicted


def _score(value: float) -> str:
    return f"{min(max(value, LOWEST), HIGHEST):.3f}"


def _write(path: Path, rows: Iterable[tuple[str, str]]) -> int:
    number = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("index\tprediction\n")
        for index, prediction in rows:
            file.write(f"{index}\t{prediction}\n")
            number += 1
    return number
