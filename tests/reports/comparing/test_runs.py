"""Reading what a finished run left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.comparing import read_scored_run
from allennlp_heads.reports.comparing.runs import ALLENNLP_SEED, Unfinished
from allennlp_heads.reports.score_history import ScoreHistory
from tests.reports.comparing.made_runs import DIGEST, scores_of, some_counts, write_run


def change(path: Path, **keys: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


def test_what_is_read(tmp_path: Path) -> None:
    epochs = [some_counts(epoch) for epoch in range(3)]
    folder = write_run(tmp_path / "run", {"pos": epochs, "dep": epochs}, 5, {"dep": "LAS"})
    run = read_scored_run(folder)
    assert (run.folder, run.seed, run.tasks) == (folder, 5, ("pos", "dep"))
    dep = run.scores["dep"]
    assert dep.metric == "LAS" and dep.epoch == 1 and (dep.counts == epochs[1]).all()
    assert dep.path == "data/dep.dev" and dep.digest == f"{DIGEST}data/dep.dev"
    assert run.trained is not None and run.trained["updates"] == [4]
    last = read_scored_run(folder, epoch="last").scores["dep"]
    assert last.epoch == 2 and (last.counts == epochs[2]).all()


def test_scores_that_evaluate_wrote_beside_the_archive(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", {"pos": some_counts(1)})
    history = ScoreHistory("test", data_files={"x/test": "d"})
    history.paths = {"pos": "x/test"}
    history.metrics = {"pos": "accuracy"}
    history.add("pos", 0, scores_of(some_counts(2)))
    history.write(folder, report="scores.test.json")
    run = read_scored_run(folder, "test")
    assert (run.scores["pos"].counts == some_counts(2)).all()
    assert (run.scores["pos"].path, run.scores["pos"].digest) == ("x/test", "d")
    assert run.trained is not None and "data/pos.dev" in run.data_files
    with pytest.raises(ConfigurationError, match=r"allennlp evaluate .*model.tar.gz DATA --output"):
        read_scored_run(folder, "other")


def test_files_of_earlier_releases(tmp_path: Path) -> None:
    folder = Path(write_run(tmp_path / "run", {"pos": some_counts(1)}))
    path = folder / "heads" / "scores" / "scores.json"
    report = json.loads(path.read_text())
    del report["trained"]
    path.write_text(json.dumps(report))
    config = json.loads((folder / "config.json").read_text())
    del config["pytorch_seed"]
    (folder / "config.json").write_text(json.dumps(config))
    run = read_scored_run(str(folder))
    assert run.trained is None and run.seed == ALLENNLP_SEED


def test_a_run_that_was_killed(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", {"pos": some_counts(1)}, finished=False)
    with pytest.raises(Unfinished, match=rf"not finished .* -s {folder} --recover"):
        read_scored_run(folder)


def test_no_run_no_scores_and_damage(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no run of 'allennlp train' \(no config.json\)"):
        read_scored_run(str(tmp_path))
    folder = Path(write_run(tmp_path / "run", {"pos": some_counts(1)}))
    scores = folder / "heads" / "scores" / "scores.json"
    change(scores, best_epoch=9)
    with pytest.raises(
        ConfigurationError, match=r"no scores of the best epoch \(9\).*--epoch last"
    ):
        read_scored_run(str(folder))
    change(scores, tasks={"pos": {"metric": "matthews"}})
    with pytest.raises(ConfigurationError, match=r"scores.json: damaged, .*counts \(30, 3\)"):
        read_scored_run(str(folder), epoch="last")
    change(scores, tasks=[])
    (folder / "heads" / "scores" / "pos.validation.npz").write_bytes(b"PK")
    change(scores, tasks={"pos": {"metric": "f1"}})
    with pytest.raises(
        ConfigurationError, match=r"pos.validation.npz: it is no .npz file, or damaged"
    ):
        read_scored_run(str(folder))
    scores.unlink()
    with pytest.raises(ConfigurationError, match="train it with the callback 'example_scores'"):
        read_scored_run(str(folder))
    change(folder / "config.json", pytorch_seed=None)
    with pytest.raises(ConfigurationError):
        read_scored_run(str(folder))
    (folder / "config.json").write_text("{")
    with pytest.raises(ConfigurationError, match="cannot read"):
        read_scored_run(str(folder))
    (folder / "config.json").write_text("[]")
    with pytest.raises(ConfigurationError, match="is no configuration"):
        read_scored_run(str(folder))


def test_a_run_without_a_seed_cannot_be_paired(tmp_path: Path) -> None:
    folder = Path(write_run(tmp_path / "run", {"pos": some_counts(1)}))
    change(folder / "config.json", pytorch_seed=None)
    with pytest.raises(ConfigurationError, match="sets pytorch_seed to None"):
        read_scored_run(str(folder))
