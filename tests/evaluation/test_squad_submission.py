"""Files of answers: their form, and that they score what `allennlp evaluate` says."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from allennlp_heads.evaluation import predicted
from allennlp_heads.evaluation.submission import write_submission
from tests import qa_tasks
from tests.training.metrics.plain_answers import scored

Json = dict[str, Any]


def by_the_rules(questions: list[Json], answers: Json, version2: bool) -> tuple[float, float]:
    """Mean F1 and exact match of the answers, as SQuAD counts them."""
    rows = [
        scored(answers[question["id"]], [gold["text"] for gold in question["answers"]], version2)
        for question in questions
    ]
    f1, exact = map(sum, zip(*rows, strict=True))
    return float(f1 / len(rows)), exact / len(rows)


def allennlp(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", *map(str, arguments)])
    main(prog="allennlp")


def read(path: Path) -> Json:
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def squad(fixtures_root: Path) -> Path:
    return fixtures_root / "squad"


@pytest.fixture(scope="module")
def answering(tiny_bert: str, fixtures_root: Path, tmp_path_factory: Any) -> Path:
    """Always answers."""
    folder = tmp_path_factory.mktemp("answering") / "run"
    return qa_tasks.archive(folder, qa_tasks.config(tiny_bert, fixtures_root))


@pytest.fixture(scope="module")
def cautious(tiny_bert: str, fixtures_root: Path, tmp_path_factory: Any) -> Path:
    """May say that there is no answer."""
    folder = tmp_path_factory.mktemp("cautious") / "run"
    settings = qa_tasks.config(tiny_bert, fixtures_root, "v2.0", null_threshold=-1.0)
    return qa_tasks.archive(folder, settings)


def evaluated(archive: Path, file: Path, out: Path, monkeypatch: Any, **head: Any) -> Json:
    """The metrics of `allennlp evaluate`."""
    options = {f"model.heads.squad.{key}": value for key, value in head.items()}
    options |= {f"{loader}data_loader.max_instances": None for loader in ("", "validation_")}
    others = {"sst2": str(file.parents[1] / "glue/SST-2/dev.tsv")}
    data = json.dumps({"squad": str(file), **others})
    allennlp(
        monkeypatch,
        "evaluate",
        archive,
        data,
        "--output-file",
        out,
        "--overrides",
        json.dumps(options),
    )
    return read(out)


@pytest.mark.parametrize("version", ["v1.1", "v2.0"])
def test_scores_of_the_files_are_those_of_evaluate(
    version: str,
    answering: Path,
    cautious: Path,
    squad: Path,
    tmp_path: Path,
    monkeypatch: Any,
    capsys: Any,
) -> None:
    monkeypatch.setattr(predicted, "AT_ONCE", 7)  # the file is longer, and so is the first passage
    archive = answering if version == "v1.1" else cautious
    file = squad / f"dev-{version}.json"
    out = tmp_path / "out"
    allennlp(monkeypatch, "heads", "submission", archive, "-o", out, "--task", "squad")
    said = capsys.readouterr().out
    questions = qa_tasks.questions(file)
    assert f"squad.json: {len(questions)} answers" in said and "tsv" not in said
    answers = read(out / "squad.json")
    assert list(answers) == [question["id"] for question in questions]
    for question in questions:
        assert answers[question["id"]] in question["context"]
    metrics = evaluated(archive, file, tmp_path / "metrics.json", monkeypatch)
    f1, exact = by_the_rules(questions, answers, version2=version == "v2.0")
    assert metrics["squad_exact_match"] == exact
    assert metrics["squad_token_f1"] == pytest.approx(f1, rel=1e-12) and f1 > 0
    assert {path.name for path in out.iterdir()} == (
        {"squad.json"} if version == "v1.1" else {"squad.json", "squad.na_prob.json"}
    )


def test_probabilities_of_no_answer(cautious: Path, tmp_path: Path) -> None:
    """Thresholds between them, applied to answers that are always given, do what the head does."""
    found = write_submission(cautious, tmp_path / "own", tasks=["squad"])
    always = write_submission(
        cautious, tmp_path / "all", tasks=["squad"], null_threshold=float("inf")
    )
    answers, given = (read(tmp_path / name / "squad.json") for name in ("own", "all"))
    chances, same = (read(tmp_path / name / "squad.na_prob.json") for name in ("own", "all"))
    assert chances == same and all(0 <= chance <= 1 for chance in chances.values())
    border = 1 / (1 + numpy.exp(1.0))
    assert answers == {k: "" if chances[k] > border else v for k, v in given.items()}
    assert "" in answers.values() and any(answers.values()) and all(given.values())
    assert found.thresholds == always.thresholds


def test_the_best_threshold_can_be_given(
    cautious: Path, squad: Path, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    words = ("heads", "submission", cautious, "--task", "squad", "--questions")
    file = squad / "train-v2.0.json"
    allennlp(monkeypatch, *words, file, "-o", tmp_path / "one")
    said = capsys.readouterr().out
    assert "choose it on others than those that score" in said
    best = said.split("a null threshold of ")[1].split(" ")[0]
    wanted = float(said.split("token_f1 ")[1].split(")")[0])
    allennlp(monkeypatch, *words, file, "-o", tmp_path / "two", "--null-threshold", best)
    answers = read(tmp_path / "two/squad.json")
    assert by_the_rules(qa_tasks.questions(file), answers, True)[0] == pytest.approx(
        wanted, abs=6e-5
    )
    metrics = evaluated(
        cautious, file, tmp_path / "m.json", monkeypatch, null_threshold=float(best)
    )
    assert metrics["squad_token_f1"] == pytest.approx(wanted, abs=6e-5)


@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_the_official_scripts_take_them(
    version: str, answering: Path, cautious: Path, squad: Path, tmp_path: Path
) -> None:
    script = Path(os.environ.get("HEADS_SQUAD_EVAL", "")) / f"evaluate-v{version}.py"
    if not script.is_file():
        pytest.skip(f"{script.name}: HEADS_SQUAD_EVAL names no folder that has it")
    archive = answering if version == "1.1" else cautious
    always = float("inf") if version == "2.0" else None
    found = write_submission(archive, tmp_path / "o", tasks=["squad"], null_threshold=always)
    file, written = squad / f"dev-v{version}.json", tmp_path / "o/squad.json"
    options = ["--na-prob-file", str(tmp_path / "o/squad.na_prob.json")] if always else []
    command = [sys.executable, str(script), str(file), str(written), *options]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    f1, exact = by_the_rules(qa_tasks.questions(file), read(written), version == "2.0")
    assert said["f1"] == pytest.approx(100 * f1, rel=1e-12)
    assert said["exact" if always else "exact_match"] == pytest.approx(100 * exact, rel=1e-12)
    if always:
        assert said["best_f1"] == pytest.approx(100 * found.thresholds["squad"].score, rel=1e-12)


def test_questions_without_answers_packed_or_not(
    cautious: Path, squad: Path, tmp_path: Path
) -> None:
    """As a test file is, of which nothing is known."""
    content = read(squad / "dev-v2.0.json")
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                for gold in ("answers", "is_impossible"):
                    question.pop(gold)
    bare = tmp_path / "test.json.gz"
    bare.write_bytes(gzip.compress(json.dumps(content).encode()))
    found = write_submission(cautious, tmp_path / "bare", questions=bare, tasks=["squad"])
    write_submission(cautious, tmp_path / "gold", tasks=["squad"])
    assert found.answered == {"squad": 42} and not found.thresholds
    for name in ("squad.json", "squad.na_prob.json"):
        assert read(tmp_path / "bare" / name) == read(tmp_path / "gold" / name)


def test_halves_of_characters(answering: Path, squad: Path, tmp_path: Path) -> None:
    """JSON can say them, in ids and in contexts; no encoding can."""
    content = read(squad / "dev-v1.1.json")
    paragraph = content["data"][0]["paragraphs"][0]
    content["data"] = [{"paragraphs": [paragraph]}]
    paragraph["context"] = "\ud83d" * 9 + " \ud83d\ude00 é"
    paragraph["qas"] = [{"id": name, "question": "who ?"} for name in ("\udc00", "é")]
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(content))
    write_submission(answering, tmp_path / "out", questions=file, tasks=["squad"])
    answers = read(tmp_path / "out/squad.json")
    assert list(answers) == ["\udc00", "é"]
    assert all(answer and answer in paragraph["context"] for answer in answers.values())


def test_beside_glue(
    answering: Path, fixtures_root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    found = write_submission(answering, tmp_path / "out", fixtures_root / "glue")
    assert found.written == {"SST-2": 24} and found.answered == {"squad": 30}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"SST-2.tsv", "squad.json"}
    found = write_submission(answering, tmp_path / "alone", tmp_path)
    assert found.answered == {"squad": 30} and set(found.missing) == {"SST-2"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"questions": "nowhere.json"}, "no file nowhere.json: give one in SQuAD's form"),
        ({"tasks": ["mnli"]}, r"no task of GLUE \['mnli'\].*'squad_json' \['squad'\]"),
        ({"tasks": ["sst2"], "null_threshold": 0.0}, r"but the tasks are \['sst2'\]"),
        ({"null_threshold": float("nan")}, "--null-threshold is not a number"),
    ],
)
def test_nothing_to_do(answering: Path, tmp_path: Path, options: Json, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        write_submission(answering, tmp_path / "out", **options)
    assert not list(tmp_path.iterdir())


def test_nothing_half_written(answering: Path, squad: Path, tmp_path: Path) -> None:
    state = torch.load(answering.parent / "best.th", weights_only=True)
    state["heads.squad.projection.bias"].fill_(float("nan"))
    torch.save(state, tmp_path / "weights.th")
    with pytest.raises(ConfigurationError, match="'squad' are no numbers"):
        weights = str(tmp_path / "weights.th")
        write_submission(answering, tmp_path / "o", tasks=["squad"], weights_file=weights)
    broken = shutil.copy(squad / "dev-v1.1.json", tmp_path / "broken.json")
    Path(broken).write_text(Path(broken).read_text("utf-8").replace('"id": ', '"if": ', 1))
    with pytest.raises(ConfigurationError, match="broken.json"):
        write_submission(answering, tmp_path / "o", tasks=["squad"], questions=broken)
    assert {path.name for path in tmp_path.iterdir()} == {"weights.th", "broken.json"}


def test_tasks_that_cannot_be_asked(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    settings = qa_tasks.config(tiny_bert, fixtures_root)
    settings.pop("validation_data_path")
    archive = qa_tasks.archive(tmp_path / "run", settings)
    with pytest.raises(ConfigurationError, match="no validation data of 'squad'.*--questions"):
        write_submission(archive, tmp_path / "out", tasks=["squad"])
    settings["model"]["heads"]["squad"] = {"type": "text_regressor"}
    archive = qa_tasks.archive(tmp_path / "other", settings)
    with pytest.raises(ConfigurationError, match="'squad' needs the head 'span_qa'"):
        write_submission(archive, tmp_path / "out", tasks=["squad"])
