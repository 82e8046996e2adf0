"""What each analysis does with a model that answers questions beside a task of sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor

from allennlp_heads.collect import ImportanceOptions, collect_importance, trained
from allennlp_heads.collect.masked_scores import masked_counts
from allennlp_heads.reports.dissociation import read_dissociation
from allennlp_heads.reports.importance import read_importance
from tests import qa_tasks
from tests.commands.test_prune import allennlp
from tests.pruning import archives

MASK = [[1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: Any) -> Path:
    """Three heads are closed."""
    settings = qa_tasks.config(tiny_bert, fixtures_root, "v2.0", null_threshold=0.0)
    settings["model"]["backbone"]["gates"] = {"type": "fixed", "mask": MASK}
    return qa_tasks.archive(tmp_path_factory.mktemp("qa") / "run", settings)


def test_importance(archive: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """Of questions in several windows, as of anything; without labels too."""
    words = ("heads", "importance", archive, "--examples", 6, "--alpha", 0.5, "--rounds", 5)
    allennlp(monkeypatch, *words, "-o", tmp_path / "gold")
    allennlp(monkeypatch, *words, "-o", tmp_path / "free", "--label-free", "--batch-size", 2)
    with trained(archive) as source:
        data = source.data()
        assert any(len(one["tokens"]) > 2 for one in data.instances("squad"))  # type: ignore[arg-type]
        for name, label_free in (("gold", False), ("free", True)):
            options = ImportanceOptions(examples=6, alpha=0.5, label_free=label_free)
            wanted = collect_importance(source.model, data, "squad", options)
            found = read_importance(tmp_path / name)["squad"]
            numpy.testing.assert_allclose(found, wanted.scores, rtol=1e-3, atol=1e-6)
            assert ((found != 0) == numpy.array(MASK, bool)).all()


def test_dissociation(archive: Path, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """Counts that are no whole numbers are written and read back digit by digit."""
    quick = ("--examples", 4, "--max-instances", 8, "--draws", 2, "--rounds", 20)
    allennlp(monkeypatch, "heads", "dissociate", archive, "-o", tmp_path / "out", *quick)
    data, _ = read_dissociation(tmp_path / "out")
    assert data.metrics == {"squad": "token_f1", "sst2": "accuracy"}
    assert "squad: token_f1" in (tmp_path / "out/dissociation.md").read_text()
    with trained(archive) as source:
        scored = source.data("validation", limit=8)
        masks = {"none": numpy.zeros((3, 4), bool), "own": data.own_masks[0, 0, 0]}
        wanted = masked_counts(source.model, scored, masks, ["squad"])
    assert data.base["squad"].dtype == numpy.float64
    numpy.testing.assert_array_equal(data.base["squad"][0], wanted["none"]["squad"])
    numpy.testing.assert_array_equal(data.own["squad"][0, 0, 0], wanted["own"]["squad"])
    score = data.counts(0)["squad"].measure.of_examples(data.base["squad"][0])
    report = json.loads((tmp_path / "out/dissociation.json").read_text())
    assert float(score) in list(numbers(report)), "the score is the mean F1 of the questions"


def numbers(value: Any) -> Any:
    """All numbers inside of a report."""
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list)):
        for one in inside:
            yield from numbers(one)
    elif isinstance(value, (int, float)):
        yield value


def test_pruning(archive: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """Closed heads removed: the same answers."""
    allennlp(monkeypatch, "heads", "prune", archive, "-o", tmp_path / "out", "--no-measure")
    context = " ".join(archives.SENTENCES)
    asked = [{"task": "squad", "question": word, "context": context} for word in context.split()]
    one, other = (
        Predictor.from_path(str(path), import_plugins=False).predict_batch_json(asked)
        for path in (archive, tmp_path / "out/model.tar.gz")
    )
    for before, after in zip(one, other, strict=True):
        assert before["answer"] == after["answer"] and before["offsets"] == after["offsets"]
        assert after["no_answer_score"] == pytest.approx(before["no_answer_score"], abs=1e-3)
    assert len({output["answer"] for output in one}) > 1


def test_one_task_of_two_with_gates_of_their_own(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    settings = qa_tasks.config(tiny_bert, fixtures_root)
    settings["model"]["backbone"]["gates"] = {"type": "per_task", "tasks": ["squad", "sst2"]}
    archive = qa_tasks.archive(tmp_path / "run", settings)
    allennlp(
        monkeypatch, "heads", "importance", archive, "-o", tmp_path / "importance",
        "--examples", 3, "--rounds", 2, "--alpha", 0.9,
    )  # fmt: skip
    found = read_importance(tmp_path / "importance")
    assert (found["squad"] != 0).tolist() != (found["sst2"] != 0).tolist()


def test_no_probe(archive: Path, tmp_path: Path, monkeypatch: Any) -> None:
    probe = tmp_path / "probe.jsonnet"
    probe.write_text(json.dumps({"archive": str(archive), "probes": {}}))
    with pytest.raises(ConfigurationError, match="nothing to probe heads with: task 'squad'"):
        allennlp(monkeypatch, "heads", "probe", probe, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()
