"""Predictions of GLUE's test files, in the files that its server takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.trained import Trained
from allennlp_heads.data.dataset_readers.glue import HIGHEST, LOWEST, GlueReader
from allennlp_heads.evaluation.predicted import Said, predictions, reader_of_task, readers_of_type
from allennlp_heads.models.heads import TextClassifierHead, TextRegressorHead
from allennlp_heads.predictors.head_predictor import heads_of

READER = "glue"
"""The type of the readers whose tasks are GLUE's."""


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


def glue_tasks(source: Trained, keys: Collection[str]) -> dict[str, str]:
    """
    Which task of GLUE each of an archive's tasks is.

    # Parameters

    source : `Trained`
    keys : `Collection[str]`
        The archive's names of tasks with the reader `glue`.

    # Returns

    `Dict[str, str]`
        GLUE's name -> the archive's, for tasks whose heads can predict what GLUE asks for.

    Raises `ConfigurationError` for two of the same task and for other labels than GLUE's.
    """
    readers = readers_of_type(source, READER)
    found: dict[str, str] = {}
    for key in keys:
        task = readers[key]["task"]
        if task in found:
            raise ConfigurationError(
                f"{source.name} has two tasks for GLUE's '{task}', '{found[task]}' and '{key}': "
                "choose with --task"
            )
        found[task] = key
        _check_head(source, key)
    return found


def write_glue(source: Trained, key: str, test: TestSet, path: Path, folder: Path) -> int:
    """
    Predict one test file and write `<name>.tsv` with the columns `index` and `prediction`, scores
    of STS-B between 0 and 5.

    # Parameters

    source : `Trained`
    key : `str`
        The archive's name of the task.
    test : `TestSet`
    path : `Path`
        Where the test file is.
    folder : `Path`
        Where to write.

    # Returns

    `int`
        The number of predictions.

    Raises `ConfigurationError` for predictions that are no numbers.
    """
    rows = (
        (str(instance["metadata"].metadata["index"]), _prediction(said))  # type: ignore[attr-defined]
        for instance, said in predictions(source, key, path)
    )
    return _write(folder / f"{test.name}.tsv", rows)


def _check_head(source: Trained, key: str) -> None:
    head = heads_of(source.model)[key]
    reader = reader_of_task(source, key)
    assert isinstance(reader, GlueReader), "of the type 'glue'"
    labels = reader.layout.labels
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


def _prediction(said: Said) -> str:
    if "label" in said:
        return str(said["label"])
    return f"{min(max(said['score'], LOWEST), HIGHEST):.3f}"


def _write(path: Path, rows: Iterable[tuple[str, str]]) -> int:
    number = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("index\tprediction\n")
        for index, prediction in rows:
            file.write(f"{index}\t{prediction}\n")
            number += 1
    return number
