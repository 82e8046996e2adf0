"""The runs about answered questions: which there are, what they train, and some for real, tiny."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from docs.qa_nli_sa import run as runner
from docs.qa_nli_sa.__main__ import main
from docs.qa_nli_sa.content import content_of
from docs.qa_nli_sa.floor import ANY_SPAN, FIRST_SENTENCE, MAJORITY, any_span, first_sentence
from docs.qa_nli_sa.plan import (
    EPOCHS,
    HALF,
    SETTINGS,
    SQUAD,
    SST2,
    TASKS,
    UNTRAINED,
    QaBudget,
    Run,
    all_runs,
    configuration_of,
    updates_of,
)
from docs.qa_nli_sa.record import EXACT, F1, counts_of, floor_of, read_record, write_record
from docs.runs.budget import command_of
from docs.runs.records import Record
from tests.docs.in_process import Words, replace_heads
from tests.docs.qa_nli_sa_grid import record
from tests.qa_tasks import WINDOWS
from tests.training.runs import dying

BUDGET = QaBudget(updates=80)
SWITCHING = ("squad_sst2_squad", "sst2_squad_sst2", "squad_mnli_squad", "mnli_squad_mnli")


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Words:
    return replace_heads(monkeypatch)


@pytest.fixture
def small(tiny_bert: str) -> QaBudget:
    encoder = f"encoder: {{ name: {json.dumps(tiny_bert)} }}"
    windows = f"windows: {json.dumps(WINDOWS)}"
    watched = "training+: { autocast: null, callbacks: ['test_kill'] + super.callbacks }"
    return QaBudget(24, overlay=f"{{ {encoder}, {windows}, {watched} }}", updates=8)


def done(run: Run, budget: QaBudget, folder: Path) -> Record:
    runner.do(run, budget, folder / "out", folder / "results", "one core", 1)
    return read_record(folder / "results" / f"{run.name}.json")


def test_runs() -> None:
    runs = all_runs([13, 14, 13])
    assert len(runs) == len({run.name for run in runs}) == 2 * 15
    assert [run.seed for run in runs] == sorted(run.seed for run in runs)
    assert {name for name in SETTINGS if SETTINGS[name].switching} == set(SWITCHING)
    for name in SWITCHING:
        assert "_".join(SETTINGS[name].phases) == name


@pytest.mark.parametrize("setting", SETTINGS)
def test_all_settings_make_the_updates_of_the_budget(setting: str) -> None:
    run = Run(setting, 14)
    config = configuration_of(run, QaBudget(updates=80, encoder_lr=3e-5))
    assert set(config["train_data_path"]) == set(run.tasks)
    trainer, loader = config["trainer"], config["data_loader"]
    made = trainer["num_epochs"] * loader["batches_per_epoch"]
    scored = 1 if setting == UNTRAINED else EPOCHS if setting in SWITCHING else EPOCHS // 2
    assert trainer["num_epochs"] == scored
    assert made == updates_of(run, BUDGET)
    assert made == {HALF: 40, UNTRAINED: 1}.get(setting.rpartition("_")[2], 80)
    assert trainer["num_gradient_accumulation_steps"] == 1 and loader["batch_size"] == 16
    assert trainer["patience"] is None and config["pytorch_seed"] == 14
    assert config["model"]["backbone"]["word_dropout"] == 0
    assert config["model"]["loss_balancer"] is None
    rate = 0 if setting == UNTRAINED else 3e-5
    assert trainer["optimizer"]["parameter_groups"][0][1] == {"lr": rate}
    assert (trainer["optimizer"]["lr"] == 0) == (setting == UNTRAINED)
    if len(run.tasks) == 1:
        assert loader["sampler"] is None
    elif setting not in SWITCHING:
        assert loader["sampler"] == {"type": "proportional_power", "exponent": 0}
    else:
        assert_switched_at_the_end_of_epochs(setting, config)


def assert_switched_at_the_end_of_epochs(setting: str, config: dict[str, Any]) -> None:
    last, middle, _ = SETTINGS[setting].phases
    assert config["data_loader"]["sampler"] == {
        "type": "phases",
        "epochs": EPOCHS,
        "phases": [
            {"task": last, "steps": 20, "part": [0, 0.5]},
            {"task": middle, "steps": 40},
            {"task": last, "steps": 20, "part": [0.5, 1]},
        ],
    }
    callbacks = config["trainer"]["callbacks"]
    assert [c for c in callbacks if isinstance(c, dict) and c["type"] == "phases"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 6}, "epochs is 6: phases are quarters, so give a multiple of 4"),
        ({"epochs": None}, "epochs is None"),
        ({"updates": 81}, "updates is 81: give a multiple of 8"),
        ({"updates": 0}, "updates is 0"),
    ],
)
def test_budgets_that_cannot_be_parted(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QaBudget(**options)


def test_a_run_that_was_cut_off_goes_on(small: QaBudget, in_process: Words, tmp_path: Path) -> None:
    run = Run("squad_sst2_squad", 5)
    whole = done(run, small, tmp_path / "whole")
    with dying("batch", 2, 1):
        done(run, small, tmp_path / "cut")
    assert not (tmp_path / "cut" / "results").exists()
    resumed = done(run, small, tmp_path / "cut")
    assert ["--recover" in words for words in in_process] == [False, False, True]
    assert resumed["resumed"] and not whole["resumed"]
    changing = ("resumed", "minutes")
    assert {k: v for k, v in resumed.items() if k not in changing} == {
        k: v for k, v in whole.items() if k not in changing
    }
    assert [phase["task"] for phase in whole["phases"]] == [SQUAD, SST2, SQUAD]
    batches = {task: found["batches"] for task, found in whole["trained"]["tasks"].items()}
    assert batches == {SQUAD: [2, 0, 0, 2], SST2: [0, 2, 2, 0]}
    assert whole["trained"]["updates"] == [2] * EPOCHS and whole["updates"] == 8
    assert whole["metric"] == {SST2: "accuracy", SQUAD: F1}
    counts = counts_of(whole, SQUAD)
    saved = numpy.load(tmp_path / "whole/out" / run.name / "heads/scores/squad.validation.npz")
    assert numpy.array_equal(counts, saved["counts"][-1])
    assert whole["scores"][SQUAD][EXACT] == saved["counts"][..., 1].mean(axis=1).tolist()
    assert {len(scores) for found in whole["scores"].values() for scores in found.values()} == {4}
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".th", ".gz")]
    assert set(whole["data"]) == {
        f"${{HEADS_DATA}}/{name}"
        for name in (
            "glue/SST-2/train.tsv",
            "glue/SST-2/dev.tsv",
            "squad/train-v1.1.json",
            "squad/dev-v1.1.json",
        )
    }
    with pytest.raises(ValueError, match="has epochs .0, 1, 2, 3., not all 8"):
        content_of(
            run,
            QaBudget(24, epochs=8, updates=16, overlay=small.overlay),
            tmp_path / "whole/out" / run.name,
        )


def test_the_untrained_and_what_looks_at_nothing(
    small: QaBudget, in_process: Words, tmp_path: Path
) -> None:
    found = done(Run(UNTRAINED, 5), small, tmp_path)
    assert found["tasks"] == list(TASKS) and found["phases"] is None
    (majority,) = floor_of(found, SST2).values()
    assert majority.shape == counts_of(found, SST2).shape
    assert majority[:, 0].mean() == 0.5  # of two labels, which the fixture has equally often
    floor = floor_of(found, SQUAD)
    assert set(floor) == {ANY_SPAN, FIRST_SENTENCE} and set(floor_of(found, SST2)) == {MAJORITY}
    for counts in floor.values():
        assert counts.shape == counts_of(found, SQUAD).shape and (counts[:, 2] == 1).all()
        assert (counts[:, 0] >= counts[:, 1]).all() and counts[:, 0].any()


def test_answers_that_look_at_nothing() -> None:
    # of the four spans "red", "cat", "red" and "mat" two are wholly right
    assert any_span("red cat red mat", ["Red!", "blue sky"], 1) == [0.5, 0.5]
    # "red cat" and "cat sat" have one of two words
    assert any_span("red cat sat", ["cat"], 2) == pytest.approx([2 / 3, 0.0])
    assert any_span("red cat", ["red cat"], 5) == [1.0, 1.0]
    assert first_sentence("It cost 3.5 pounds. Then more.") == "It cost 3.5 pounds."
    assert first_sentence("no end") == "no end"


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    monkeypatch.setattr("docs.qa_nli_sa.__main__.do", lambda run, *_: names.append(run.name))
    options = ["--results", str(tmp_path), "--out", str(tmp_path / "out"), "--seeds", "1", "2"]
    assert main([*options, "--only", "sst2*.1", "squad_half.2"]) == 0
    assert names == [
        "sst2.1",
        "sst2_half.1",
        "sst2_mnli.1",
        "sst2_squad.1",
        "sst2_squad_sst2.1",
        "squad_half.2",
    ]
    made = QaBudget(updates=88, encoder_lr=5e-5)
    assert command_of("docs.qa_nli_sa", made) == (
        "python -m docs.qa_nli_sa --updates 88 --encoder-lr 5e-05"
    )
    budget = {**record(Run(SQUAD, 1))["budget"], **vars(BUDGET)}
    write_record(tmp_path / "squad.1.json", {**record(Run(SQUAD, 1)), "budget": budget})
    only = [*options, "--only", "squad.1"]
    assert main([*only, "--updates", "80"]) == 0 and len(names) == 6
    assert main([*only, "--updates", "88"]) == 1 and len(names) == 6
    with pytest.raises(SystemExit):
        main([*only, "--updates", "81"])
