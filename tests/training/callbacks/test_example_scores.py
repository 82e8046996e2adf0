import json
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import read_arrays
from allennlp_heads.training.callbacks import ExampleScores

Batch = dict[str, Any]


class Head(torch.nn.Module):
    main_metric = ("accuracy", "+")


class Trainer:
    data_loader = _validation_data_loader = None

    def __init__(self, start: int = 0) -> None:
        self.model = torch.nn.Module()
        self.model.heads = torch.nn.ModuleDict({"pos": Head(), "dep": torch.nn.Identity()})
        self._start_after_epochs_completed = start
        self._start_after_batches_in_epoch_completed = 0


def outputs(task: str, examples: list[int], epoch: int) -> Batch:
    index = torch.tensor(examples)
    return {
        "task": [task] * len(examples),
        "example": examples,
        "example_counts": torch.stack([index + epoch, index + 10, index + 20], dim=1),
        "example_loss": (index * 0.5 + epoch).requires_grad_(),
        "example_units": index + 1,
    }


def validate(callback: ExampleScores, trainer: Any, epoch: int, batches: list[Batch]) -> None:
    for number, batch in enumerate(batches):
        callback.on_batch(trainer, [{}], [batch], {}, epoch, number, is_training=False)
    callback.on_epoch(trainer, {"best_epoch": 0}, epoch)


def batches(epoch: int) -> list[Batch]:
    return [outputs("pos", [2, 0], epoch), outputs("dep", [0], epoch), outputs("pos", [1], epoch)]


def train(callback: ExampleScores, trainer: Any, epoch: int) -> None:
    """An update from two batches, and one from one."""
    for groups in ([["pos", "pos"], ["dep"]], [["pos"]]):
        batch = [{"task": tasks} for tasks in groups]
        callback.on_batch(trainer, batch, [{}] * len(batch), {}, epoch, 1, is_training=True)  # type: ignore[arg-type]


def run(folder: Path, epochs: range, state: Batch | None = None) -> list[Batch]:
    """Goes on from a checkpoint where there is one; those at the ends of the epochs."""
    callback, trainer = ExampleScores(str(folder)), Trainer(epochs.start)
    callback.load_state_dict(state or {})
    callback.on_start(trainer)  # type: ignore[arg-type]
    states = []
    for epoch in epochs:
        train(callback, trainer, epoch)
        validate(callback, trainer, epoch, batches(epoch))
        states.append(json.loads(json.dumps(callback.state_dict())))
    return states


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "heads" / "scores").iterdir()}


def test_files_hold_every_example_in_order(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"pytorch_seed": 5}')
    run(tmp_path, range(2))
    folder = tmp_path / "heads" / "scores"
    arrays = read_arrays(folder / "pos.validation.npz")
    assert arrays["epochs"].tolist() == [0, 1] and arrays["example"].tolist() == [0, 1, 2]
    wanted = [[[i + epoch, i + 10, i + 20] for i in range(3)] for epoch in range(2)]
    assert arrays["counts"].tolist() == wanted
    assert numpy.issubdtype(arrays["counts"].dtype, numpy.integer)
    assert arrays["loss"].tolist() == [[0, 0.5, 1], [1, 1.5, 2]]
    assert arrays["units"].tolist() == [1, 2, 3]
    report = json.loads((folder / "scores.json").read_text())
    assert report["schema"] == {"name": "scores", "version": 1}
    assert report["seed"] == 5 and report["best_epoch"] == 0 and report["data"] == "validation"
    assert list(report["tasks"]) == ["dep", "pos"] and report["tasks"]["dep"]["metric"] is None
    assert report["tasks"]["pos"] == {
        "metric": "accuracy",
        "examples": 3,
        "units": 6,
        "epochs": [0, 1],
        "correct": [3, 6],
        "predicted": [33, 33],
        "gold": [63, 63],
        "loss": [1.5, 4.5],
    }


def test_metrics_with_other_columns(tmp_path: Path) -> None:
    """Matthews' correlation has sums, Spearman's only the score; both survive a resumed run."""
    for start in (0, 1):
        callback, trainer = ExampleScores(str(tmp_path)), Trainer(start)
        for task, metric in (("dep", "spearman"), ("pos", "matthews")):
            trainer.model.heads[task].main_metric = (metric, "+")
        callback.on_start(trainer)  # type: ignore[arg-type]
        decisions = torch.tensor([[1, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1]])
        values = torch.tensor([[0.5, 1.0], [0.25, 2.0], [0.75, 0.0]])
        given = [
            outputs("pos", [0, 1, 2], start) | {"example_counts": decisions},
            outputs("dep", [0, 1, 2], start) | {"example_counts": values},
        ]
        validate(callback, trainer, start, given)
    folder = tmp_path / "heads" / "scores"
    tasks = json.loads((folder / "scores.json").read_text())["tasks"]
    assert tasks["dep"]["spearman"] == pytest.approx([-1, -1])
    assert "correct" not in tasks["dep"]
    sums = {"true_positives": 1, "predicted_positives": 2, "gold_positives": 1, "decisions": 3}
    assert {key: tasks["pos"][key] for key in sums} == {key: [n, n] for key, n in sums.items()}
    assert tasks["pos"]["examples"] == 3
    arrays = read_arrays(folder / "dep.validation.npz")
    assert arrays["counts"].tolist() == [values.tolist()] * 2
    assert arrays["counts"].dtype == numpy.float64


def test_scores_of_answers_keep_every_digit(tmp_path: Path) -> None:
    callback, trainer = ExampleScores(str(tmp_path)), Trainer(0)
    trainer.model.heads["dep"].main_metric = ("token_f1", "+")
    callback.on_start(trainer)  # type: ignore[arg-type]
    shares = torch.tensor([[1 / 3, 0, 1], [0.1, 0, 1], [1, 1, 1]], dtype=torch.double)
    validate(callback, trainer, 0, [outputs("dep", [0, 1, 2], 0) | {"example_counts": shares}])
    folder = tmp_path / "heads" / "scores"
    found = json.loads((folder / "scores.json").read_text())["tasks"]["dep"]
    assert found["token_f1"] == [pytest.approx(1 / 3 + 1.1, rel=1e-15)]
    assert (found["exact_match"], found["questions"]) == ([1], [3])
    assert read_arrays(folder / "dep.validation.npz")["counts"].tolist() == [shares.tolist()]


def test_order_of_batches_does_not_matter(tmp_path: Path) -> None:
    for name, order in (("one", 1), ("two", -1)):
        callback, trainer = ExampleScores(str(tmp_path / name)), Trainer()
        validate(callback, trainer, 0, batches(0)[::order])
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_resumed_run_writes_the_same_files(tmp_path: Path) -> None:
    run(tmp_path / "whole", range(4))
    states = run(tmp_path / "cut", range(3))
    run(tmp_path / "cut", range(2, 4), states[1])
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_resumed_run_without_its_files_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(tmp_path, range(2, 3))
    assert "start at epoch 2" in caplog.text
    arrays = read_arrays(tmp_path / "heads" / "scores" / "pos.validation.npz")
    assert arrays["epochs"].tolist() == [2]


def trained(folder: Path) -> Any:
    return json.loads(files(folder)["scores.json"])["trained"]


def test_what_was_trained_stands_beside_the_scores(tmp_path: Path) -> None:
    run(tmp_path, range(2))
    assert trained(tmp_path) == {
        "epochs": [0, 1],
        "updates": [2, 2],
        "tasks": {
            "dep": {"batches": [1, 1], "examples": [1, 1]},
            "pos": {"batches": [2, 2], "examples": [3, 3]},
        },
    }


def test_a_checkpoint_that_does_not_know_what_was_trained_makes_it_unknown(tmp_path: Path) -> None:
    run(tmp_path / "epoch", range(2))
    run(tmp_path / "epoch", range(1, 3))
    assert trained(tmp_path / "epoch") is None
    callback, trainer = ExampleScores(str(tmp_path / "batch")), Trainer()
    trainer._start_after_batches_in_epoch_completed = 3
    callback.on_start(trainer)  # type: ignore[arg-type]
    train(callback, trainer, 0)
    validate(callback, trainer, 0, batches(0))
    assert trained(tmp_path / "batch") is None and callback.state_dict() == {}


def test_workers_that_do_not_share_the_batches_count_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = run(tmp_path / "alone", range(1))[0]
    monkeypatch.setattr("allennlp_heads.distributed.world_size", lambda: 2)
    assert run(tmp_path / "start", range(1)) == [{}] and trained(tmp_path / "start") is None
    assert run(tmp_path / "resumed", range(1, 2), state) == [{}]
    assert trained(tmp_path / "resumed") is None


def test_a_worker_without_a_batch_adds_nothing(tmp_path: Path) -> None:
    run(tmp_path / "without", range(1))
    callback, trainer = ExampleScores(str(tmp_path / "with")), Trainer()
    callback.on_start(trainer)  # type: ignore[arg-type]
    train(callback, trainer, 0)
    empty: Batch = {"task": [], "example": []}
    callback.on_batch(trainer, [empty], [empty], {}, 0, 9, is_training=False)  # type: ignore[arg-type]
    validate(callback, trainer, 0, batches(0))
    assert files(tmp_path / "with") == files(tmp_path / "without")


def test_training_batches_and_unvalidated_epochs_are_nothing(tmp_path: Path) -> None:
    callback, trainer = ExampleScores(str(tmp_path)), Trainer()
    callback.on_batch(trainer, [{}], [{}], {}, 0, 1, is_training=True)  # type: ignore[arg-type]
    callback.on_epoch(trainer, {}, 0)  # type: ignore[arg-type]
    assert not (tmp_path / "heads").exists()


def test_task_and_example_may_come_with_the_batch(tmp_path: Path) -> None:
    callback, trainer = ExampleScores(str(tmp_path)), Trainer()
    batch = outputs("pos", [0, 1], 0)
    inputs = {key: batch.pop(key) for key in ("task", "example")}
    callback.on_batch(trainer, [inputs], [batch], {}, 0, 1, is_training=False)  # type: ignore[arg-type]
    callback.on_epoch(trainer, {}, 0)  # type: ignore[arg-type]
    assert "pos.validation.npz" in files(tmp_path)


@pytest.mark.parametrize(
    ("key", "message"),
    [("example", "multitask_bucketed"), ("task", "multitask_bucketed"), ("example_units", "Head")],
)
def test_missing_numbers_are_an_error_that_names_who_misses_them(
    tmp_path: Path, key: str, message: str
) -> None:
    batch = outputs("pos", [0], 0)
    del batch[key]
    with pytest.raises(ConfigurationError, match=message) as raised:
        validate(ExampleScores(str(tmp_path)), Trainer(), 0, [batch])
    assert key in str(raised.value)


def test_examples_must_be_numbered_and_always_the_same(tmp_path: Path) -> None:
    callback, trainer = ExampleScores(str(tmp_path)), Trainer()
    with pytest.raises(ConfigurationError, match="two examples of the same number"):
        validate(callback, trainer, 0, [outputs("pos", [0, 1, 1], 0)])
    validate(callback, trainer, 1, [outputs("pos", [0, 1], 0)])
    with pytest.raises(ConfigurationError, match="other examples than before"):
        validate(callback, trainer, 2, [outputs("pos", [0, 2], 0)])


def test_a_full_disk_never_stops_training(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "heads").write_bytes(b"in the way")
    run(tmp_path, range(1))
    assert "could not be written" in caplog.text
