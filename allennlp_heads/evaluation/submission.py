"""The files of predictions that benchmarks take, of all of an archive's tasks that have such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.null_threshold import BestThreshold
from allennlp_heads.collect.trained import Trained, trained
from allennlp_heads.data.paths import data_folder
from allennlp_heads.evaluation import glue_submission, squad_submission
from allennlp_heads.evaluation.glue_submission import TEST_SETS, TestSet, glue_tasks, write_glue
from allennlp_heads.evaluation.predicted import readers_of_type
from allennlp_heads.evaluation.squad_submission import (
    questions_of,
    set_null_threshold,
    write_answers,
)
from allennlp_heads.models.archival import PathLike, archive_file
from allennlp_heads.pruning.output import whole_folder


@dataclass
class Submission:
    """
    What was written.

    # Parameters

    written : `Dict[str, int]`
        Number of predictions in each of GLUE's files, by GLUE's names.
    missing : `Dict[str, str]`
        GLUE's files that were not written because there is no such test file.
    untrained : `List[str]`
        GLUE's files that were not written because the archive has no such task.
    answered : `Dict[str, int]`
        Number of questions answered, by task.
    thresholds : `Dict[str, BestThreshold]`
        Where the answers to the questions are known and the task's head may say that there is none:
        what `null_threshold` would have been best for this file.
    """

    written: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    untrained: list[str] = field(default_factory=list)
    answered: dict[str, int] = field(default_factory=dict)
    thresholds: dict[str, BestThreshold] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    """GLUE's files and files of questions, each with the archive's name of its task."""

    glue: dict[TestSet, tuple[str, Path]]
    questions: dict[str, Path]


def write_submission(
    archive: PathLike,
    out: PathLike,
    data: PathLike | None = None,
    tasks: Sequence[str] | None = None,
    force: bool = False,
    weights_file: str | None = None,
    cuda_device: int = -1,
    questions: PathLike | None = None,
    null_threshold: float | None = None,
) -> Submission:
    """
    Predict what benchmarks score and write their files: for the tasks of GLUE the unlabelled test
    files as `<name>.tsv`, for question answering a file of questions as `<task>.json`, see
    `write_glue` and `write_answers`. The folder `out` appears whole or not at all.

    # Parameters

    archive : `PathLike`
        A `model.tar.gz`, or a serialization directory that has one.
    out : `PathLike`
        The folder to write.
    data : `PathLike`, optional (default = `None`)
        GLUE's folder, with `CoLA/test.tsv` and so on; by default `glue` in `${HEADS_DATA}`.
    tasks : `Sequence[str]`, optional (default = `None`)
        Which of the archive's tasks; by default all with the readers `glue` and `squad_json`.
    force : `bool`, optional (default = `False`)
        Replace the folder if it is there.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.
    cuda_device : `int`, optional (default = `-1`)
    questions : `PathLike`, optional (default = `None`)
        A file in SQuAD's form; by default the validation data of the archive's configuration.
    null_threshold : `float`, optional (default = `None`)
        Instead of the heads' own, see the head `span_qa`.

    # Returns

    `Submission`

    Raises `ConfigurationError` for an archive without such tasks, with two keys for the same task
    of GLUE, or with other heads or labels than are asked for; when there is no file to predict; and
    for predictions that are no numbers.
    """
    found = Submission()
    with trained(archive, weights_file, cuda_device) as source:
        plan = _planned(source, tasks, data, questions, null_threshold, found)
        if null_threshold is not None:
            set_null_threshold(source, plan.questions, null_threshold)
        given = [archive_file(archive), *(path for _, path in plan.glue.values())]
        given += [*plan.questions.values(), *([Path(weights_file)] if weights_file else [])]
        with whole_folder(Path(out), force, given) as draft:
            for test, (key, path) in plan.glue.items():
                found.written[test.name] = write_glue(source, key, test, path, draft)
            for key, path in plan.questions.items():
                found.answered[key], best = write_answers(source, key, path, draft)
                if best is not None:
                    found.thresholds[key] = best
    return found


def _planned(
    source: Trained,
    tasks: Sequence[str] | None,
    data: PathLike | None,
    questions: PathLike | None,
    null_threshold: float | None,
    found: Submission,
) -> _Plan:
    glue = readers_of_type(source, glue_submission.READER)
    answering = readers_of_type(source, squad_submission.READER)
    unknown = sorted(set(tasks or ()) - {*glue, *answering})
    if unknown or not (glue or answering):
        raise ConfigurationError(
            f"{source.name} has no task of GLUE {unknown or ''} or of questions and answers: those "
            f"with the reader 'glue' are {sorted(glue)}, with 'squad_json' {sorted(answering)}"
        )
    chosen = list(tasks or (*glue, *answering))
    asked = {key: questions_of(source, key, questions) for key in chosen if key in answering}
    if not asked and (questions is not None or null_threshold is not None):
        raise ConfigurationError(
            f"{source.name}: --questions and --null-threshold are for questions and answers, but "
            f"the tasks are {chosen}"
        )
    of_glue = [key for key in chosen if key in glue]
    return _Plan(_test_files(source, of_glue, data, bool(asked), found), asked)


def _test_files(
    source: Trained,
    keys: Sequence[str],
    data: PathLike | None,
    others: bool,
    found: Submission,
) -> dict[TestSet, tuple[str, Path]]:
    """Which of GLUE's files there are to predict; `others` says whether there is more to do."""
    if not keys:
        return {}
    tasks = glue_tasks(source, keys)
    folder = data_folder() / "glue" if data is None else Path(data)
    paths: dict[TestSet, tuple[str, Path]] = {}
    for test in TEST_SETS:
        path = folder / test.file
        if test.task not in tasks:
            found.untrained.append(test.name)
        elif path.is_file():
            paths[test] = (tasks[test.task], path)
        else:
            found.missing[test.name] = str(path)
    if not paths and not others:
        raise ConfigurationError(
            f"{folder} has no test file of {sorted(tasks)}, as "
            f"{', '.join(found.missing.values())}: give GLUE's folder with --data"
        )
    return paths
