"""The loop of a search, on trainings that are only played."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.executor import DONE, FAILED, MISTAKEN, PlannedRun, RunEnd
from allennlp_heads.search.options import Searched, SearchOptions
from allennlp_heads.search.results import results_of, write_results
from allennlp_heads.search.search import search
from tests.search.searches import SPACE, Played, options, score


def searched(wanted: SearchOptions, out: Path, executor: Any) -> Any:
    """What a search has found."""
    kept: list[Any] = []

    def keep(found: Searched) -> list[str]:
        kept.append(results_of(found))
        return []

    search(wanted, out, lambda: executor, keep)
    return kept[0]


def test_the_best_of_all_trials_is_found(tmp_path: Path) -> None:
    executor = Played()
    found = searched(options(tmp_path, trials=12), tmp_path / "out", executor)
    assert executor.closed and executor.started == [f"trial_{number}" for number in range(12)]
    values = [trial.values[0] for trial in found.trials]
    best = [trial for trial in found.trials if trial.best]
    assert len(best) == 1 and best[0].values[0] == max(values) and best[0].parameters["kind"] == "b"
    config = found.configurations[best[0].number]
    assert config["trainer"]["optimizer"]["lr"] == best[0].parameters["lr"]
    folder = tmp_path / "out" / best[0].folder
    assert json.loads((folder / "config.json").read_text()) == config
    assert set(found.importance["best_validation_score"]) == {"lr", "kind"}


class Killed(BaseException):
    """Stands for the end of the command."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a search finds that nobody stops."""
    folder = tmp_path_factory.mktemp("whole")
    return searched(options(folder), folder / "out", Played())


@pytest.mark.parametrize("moment", [0, 1, 5])
def test_a_search_that_was_killed_goes_on_as_if_it_had_not_been(
    moment: int, whole: Any, tmp_path: Path
) -> None:
    def dies(run: PlannedRun, attempt: int) -> int:
        if run.name == f"trial_{moment}":
            raise Killed
        return DONE

    with pytest.raises(Killed):
        searched(options(tmp_path), tmp_path / "out", Played(outcome=dies))
    executor = Played()
    found = searched(options(tmp_path), tmp_path / "out", executor)
    assert executor.started == [f"trial_{number}" for number in range(moment, 6)]
    assert [trial.parameters for trial in found.trials] == [
        trial.parameters for trial in whole.trials
    ]
    assert [trial.values for trial in found.trials] == [trial.values for trial in whole.trials]


def test_a_finished_search_trains_nothing_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    for trials, started in ((2, ["trial_0", "trial_1"]), (2, []), (3, ["trial_2"])):
        executor = Played()
        searched(options(tmp_path, trials=trials), tmp_path / "out", executor)
        assert executor.started == started


def test_other_seeds_try_other_values(tmp_path: Path) -> None:
    found = [
        searched(options(tmp_path, seed=seed, trials=2), tmp_path / str(seed), Played())
        for seed in (0, 1)
    ]
    assert found[0].trials[0].parameters != found[1].trials[0].parameters


def test_several_at_a_time(tmp_path: Path) -> None:
    executor = Played(at_once=3)
    found = searched(options(tmp_path, trials=7), tmp_path / "out", executor)
    assert executor.most == 3 and len(found.trials) == 7
    assert all(trial.state == "complete" for trial in found.trials)


def test_a_trial_that_failed_is_tried_again_and_recorded(tmp_path: Path) -> None:
    def fails(run: PlannedRun, attempt: int) -> int:
        if run.name == "trial_1":
            Path(run.log).parent.mkdir(parents=True, exist_ok=True)
            Path(run.log).write_text(
                "first\n2026-11-22 17:44:30,699 - ERROR - a.b - no memory left\n \n"
            )
        return {"trial_1": FAILED, "trial_2": FAILED if attempt == 1 else DONE}.get(run.name, DONE)

    executor = Played(outcome=fails)
    out = tmp_path / "out"
    found = searched(options(tmp_path, trials=4), out, executor)
    assert executor.started.count("trial_1") == 2 and executor.started.count("trial_2") == 2
    failed = found.trials[1]
    assert (failed.state, failed.reason, failed.attempts) == ("failed", "no memory left", 2)
    assert "no memory left" in (out / failed.log).read_text()
    assert found.trials[2].state == "complete" and found.trials[2].attempts == 2


def test_a_value_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    def metrics(run: PlannedRun) -> dict[str, float]:
        return {"other": 1.0} if run.name == "trial_0" else score(run)

    found = searched(options(tmp_path, trials=3), tmp_path / "out", Played(metrics))
    assert found.trials[0].state == "failed"
    assert found.trials[0].reason == (
        "metrics.json has no number 'best_validation_score'; it has other"
    )


def test_a_search_without_hope_ends(tmp_path: Path) -> None:
    executor = Played(outcome=lambda run, attempt: MISTAKEN)
    with pytest.raises(ConfigurationError, match="the first 3 trials all found a mistake"):
        searched(options(tmp_path, trials=50), tmp_path / "out", executor)
    assert executor.started == ["trial_0", "trial_1", "trial_2"] and executor.closed


def test_a_metric_that_does_not_exist_ends_the_search(tmp_path: Path) -> None:
    executor = Played(lambda run: {"other": 1.0})
    with pytest.raises(ConfigurationError, match="first 3 trials .*no number 'best_validation_sco"):
        searched(options(tmp_path, trials=50), tmp_path / "out", executor)
    assert executor.started == ["trial_0", "trial_1", "trial_2"]


def test_two_objectives_have_a_front(tmp_path: Path) -> None:
    wanted = options(tmp_path, trials=10, metrics=["best_validation_score", "best_validation_loss"])
    found = searched(wanted, tmp_path / "out", Played())
    assert found.metrics == {
        "best_validation_score": "maximize",
        "best_validation_loss": "minimize",
    }

    def beats(one: Any, other: Any) -> bool:
        return (
            one.values != other.values
            and one.values[0] >= other.values[0]
            and one.values[1] <= other.values[1]
        )

    for trial in found.trials:
        assert trial.best == (not any(beats(other, trial) for other in found.trials))
    assert set(found.configurations) == {trial.number for trial in found.trials if trial.best}


def test_what_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    metrics = ["best_validation_score", "best_validation_loss"]
    for _ in range(2):  # the second time nothing is trained, and the files are the same
        lines = search(options(tmp_path, metrics=metrics), out, Played, write_results)
        report = json.loads((out / "search.json").read_text())
        assert sorted(path.name for path in out.glob("search*")) == report["files"]
    assert {"search_front.png", "search_values_best_validation_loss.svg"} <= set(report["files"])
    assert lines[0] == "6 trials: 6 complete"
    assert report["hyperparameters"] == SPACE
    for number in report["best"]:
        best = json.loads((out / f"search_best_{number}.json").read_text())
        trial = report["trials"][number]
        assert best["trainer"]["optimizer"]["lr"] == trial["parameters"]["lr"]
        assert json.loads((out / trial["folder"] / "config.json").read_text()) == best


def test_another_search_is_not_mixed_in(tmp_path: Path) -> None:
    out = tmp_path / "out"
    searched(options(tmp_path, trials=1), out, Played())
    for changes, key in (
        ({"seed": 5}, "optuna.seed"),
        ({"metrics": ["best_validation_loss"]}, "metrics.best_validation_loss"),
    ):
        with pytest.raises(ConfigurationError, match=f"'{key}' is not what it was"):
            searched(options(tmp_path, **changes), out, Played())
    config = tmp_path / "config.jsonnet"
    config.write_text(config.read_text().replace("num_epochs: 3", "num_epochs: 4"))
    with pytest.raises(ConfigurationError, match="'configuration.trainer.num_epochs' is not what"):
        searched(options(tmp_path), out, Played())


class Asking(Played):
    """Trainings that ask after each epoch, as `optuna_pruner` does, and end when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: dict[str, int] = {}

    def poll(self, timeout: float) -> list[RunEnd]:
        """One epoch."""
        for name, run in self.going.items():
            asks = run.config["trainer"]["callbacks"][0]
            folder, epoch = Path(asks["folder"]), self.epochs.get(name, 0)
            answer = folder / f"answer_{epoch - 1}.json"
            told = answer.exists() and json.loads(answer.read_text())["end"]
            if told or epoch == 3:
                return super().poll(timeout)
            assert not epoch or answer.exists()
            folder.mkdir(parents=True, exist_ok=True)
            # the later, the worse
            value = 1 / (1 + int(name.rpartition("_")[2])) + epoch
            question = {"epoch": epoch, "value": value}
            (folder / f"question_{epoch}.json").write_text(json.dumps(question))
            self.epochs[name] = epoch + 1
        return []


def test_what_promises_too_little_is_pruned(tmp_path: Path) -> None:
    pruner = {
        "pruner": {
            "type": "MedianPruner",
            "attributes": {"n_startup_trials": 2, "n_warmup_steps": 1},
        }
    }
    (tmp_path / "optuna.json").write_text(json.dumps(pruner))
    wanted = options(tmp_path, trials=5, options_file=str(tmp_path / "optuna.json"))
    executor = Asking()
    found = searched(wanted, tmp_path / "out", executor)
    assert [trial.state for trial in found.trials] == ["complete"] * 2 + ["pruned"] * 3
    # in the first epoch nothing is pruned
    assert list(executor.epochs.values()) == [3, 3, 2, 2, 2]
    assert all(trial.values is not None for trial in found.trials)
    monitor = json.loads((tmp_path / "out" / "trial_0" / "config.json").read_text())["trainer"]
    assert monitor["callbacks"][0]["monitor"] == "validation_score"
    # the configuration to keep asks nobody
    (config,) = found.configurations.values()
    assert "callbacks" not in config["trainer"]
