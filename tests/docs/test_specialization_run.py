"""The runs about specialised heads: which there are, what they train, and some for real, tiny."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from allennlp_heads.reports.dissociation import read_dissociation
from docs.runs import console
from docs.runs.budget import Budget, command_of, configuration, experiment
from docs.runs.many import is_done
from docs.specialization import run as runner
from docs.specialization.__main__ import main
from docs.specialization.plan import (
    ALL,
    ALPHAS,
    BOTTOM,
    CONTROLS,
    FIVE,
    IMPORTANT,
    PAIR,
    RANDOM,
    STARTS,
    STRUCTURED,
    Run,
    SpecializationBudget,
    all_runs,
    configuration_of,
    text_of,
)
from docs.specialization.record import MASKS, counts_of, read_record, write_record
from docs.specialization.run import STAGES, Place, delete_weights, stages_of
from tests.docs.in_process import Words, replace_heads
from tests.docs.specialization_grid import record

BUDGET = SpecializationBudget()
OUT = Path("somewhere")


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Words:
    return replace_heads(monkeypatch)


@pytest.fixture
def small(tiny_bert: str) -> SpecializationBudget:
    encoder = f"{{ encoder: {{ name: {json.dumps(tiny_bert)} }}, tasks: ['sst2', 'cola'] }}"
    return SpecializationBudget(12, 1, overlay=encoder, scored=16, draws=1, masked_again=5)


def test_runs() -> None:
    runs = all_runs([13, 14, 15], [13])
    names = [run.name for run in runs]
    assert len(set(names)) == len(names) == 3 * 3 + 3 * 4 + 3 * 2 - 1
    for place, run in enumerate(runs):
        assert run.source is None or run.source in runs[:place]
    swept = {(run.alpha, run.start) for run in runs if run.setting == IMPORTANT and run.seed == 13}
    assert swept == {(alpha, start) for alpha in ALPHAS for start in STARTS}
    assert {run.setting for run in runs if run.source} == set(CONTROLS)


def test_stages() -> None:
    budget = SpecializationBudget(masked_again=1)
    for run in (Run(FIVE, 2), Run(PAIR, 1), Run(IMPORTANT, 1), Run(ALL, 1)):
        assert stages_of(run, budget) == STAGES
    for run in (Run(RANDOM, 1), Run(BOTTOM, 1), Run(IMPORTANT, 1, 0.5)):
        assert stages_of(run, budget) == ("train", "record")


def test_structured_tasks_are_trained_as_in_the_table_of_five() -> None:
    run = Run(STRUCTURED, 14)
    plain = experiment("training_configs/stem_cell/joint/all.jsonnet", 14, Budget(1000, 6))
    assert text_of(run, BUDGET, OUT) == plain
    assert configuration_of(run, BUDGET, OUT) == configuration(plain, with_tests=False)


@pytest.mark.parametrize("setting", [FIVE, PAIR])
def test_sentence_tasks(setting: str) -> None:
    config = configuration_of(Run(setting, 14), BUDGET, OUT)
    assert set(config["train_data_path"]) == set(Run(setting, 14).tasks)
    assert config["data_loader"]["max_instances"] == BUDGET.sentences
    trainer = config["trainer"]
    assert trainer["num_epochs"] == BUDGET.epochs and config["pytorch_seed"] == 14
    (group,) = trainer["optimizer"]["parameter_groups"]
    assert group[1] == {"lr": 1e-4} and trainer["optimizer"]["type"] == "adamw_fused"
    assert config["model"]["autocast"] == "bfloat16"
    assert config["model"]["backbone"]["word_dropout"] == 0
    types = {
        callback if isinstance(callback, str) else callback["type"]
        for callback in trainer["callbacks"]
    }
    assert not types & {"head_importance", "head_dissociation", "important_head_training"}


def test_what_goes_on_differs_in_the_heads_alone() -> None:
    found = {setting: configuration_of(Run(setting, 14), BUDGET, OUT) for setting in CONTROLS}
    plain = configuration_of(Run(FIVE, 14), BUDGET, OUT)
    for setting, config in found.items():
        (own,) = [
            callback
            for callback in config["trainer"]["callbacks"]
            if isinstance(callback, dict) and callback["type"] == "important_head_training"
        ]
        assert own == {
            "type": "important_head_training",
            "heads": setting,
            "alpha": 0.3,
            "examples": 1000,
            "seed": 0,
            "start": 0.0,
        }
        config["trainer"]["callbacks"].remove(own)
        ((_, initializer),) = config["model"].pop("initializer")["regexes"]
        weights = (OUT / "five.14" / "best.th").resolve()
        assert initializer == {"type": "pretrained", "weights_file_path": str(weights)}
        assert config["trainer"].pop("num_epochs") == 1
    plain["trainer"].pop("num_epochs")
    assert all(config == plain for config in found.values())


def test_two_tasks_and_what_goes_on(
    small: SpecializationBudget,
    in_process: Words,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Run, "tasks", ("sst2", "cola"))
    place = Place(tmp_path / "out", tmp_path / "results", "one core")
    first, then = Run(FIVE, 5), Run(IMPORTANT, 5)
    with pytest.raises(console.Failed, match="five.5"):
        runner.do(then, small, place, 1)
    runner.do(first, small, place, 1)
    runner.do(then, small, place, 1)
    verbs = [words[1] if words[0] == "heads" else words[0] for words in in_process]
    assert verbs == ["train", "importance", "dissociate"] * 2
    for run, alphas, draws in ((first, list(ALPHAS), 1), (then, [0.3], 1)):
        saved = read_record(place.record_of(run))
        assert saved["hardware"] == "one core" and saved["masked"]
        assert set(saved["minutes"]) == {"train", "importance", "dissociate"}
        counts = counts_of(saved, "cola")
        assert counts is not None and counts.shape == (60, 4)  # of the fixture
        kept = tmp_path / "results" / MASKS / run.name
        data, _ = read_dissociation(kept)
        assert data.alphas == alphas and data.random_masks.shape[3] == draws
        assert all(len(examples) == 16 for examples in data.examples.values())
        assert str(tmp_path) not in (kept / "dissociation.json").read_text("utf-8")
        assert set(saved["data"]) == {
            *(
                f"${{HEADS_DATA}}/glue/{name}/{part}.tsv"
                for name in ("CoLA", "SST-2")
                for part in ("train", "dev")
            )
        }
    assert is_done(place.record_of(first), small, read_record)
    delete_weights([first, then, Run(ALL, 5)], place)
    left = {path.parent.name for path in (tmp_path / "out").glob("*/model.tar.gz")}
    assert left == {"five.5"}
    delete_weights([first, then], place)
    assert not [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".th", ".gz")]


def test_what_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: Words = []

    def note(words: list[str], log: Path, threads: int) -> None:
        commands.append(words)
        if words[1] == "dissociate":
            raise console.Failed("as planned")

    monkeypatch.setattr(console, "heads", note)
    place, run = Place(tmp_path, tmp_path / "results", ""), Run(STRUCTURED, 5)
    place.folder_of(run).mkdir()
    (place.folder_of(run) / "model.tar.gz").touch()
    for again in (False, False, True):
        with pytest.raises(console.Failed, match="as planned"):
            runner.do(run, BUDGET, place, 1, again=again)
    done = [words[1] for words in commands]
    assert done == ["importance", "dissociate", "dissociate", "importance", "dissociate"]
    assert commands[1][commands[1].index("--split") + 1] == "validation"
    with pytest.raises(console.Failed, match="no record without the stages dissociate"):
        runner.do(run, BUDGET, place, 1, ("record",))
    runner.do(run, BUDGET, place, 1, ("train",))
    assert len(commands) == 5


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(
        "docs.specialization.__main__.do", lambda *a: done.append((a[0].name, tuple(a[4])))
    )
    options = ["--results", str(tmp_path), "--out", str(tmp_path / "out"), "--seeds", "1", "2"]
    assert main([*options, "--only", "five.*", "iat.all.1", "--stages", "train"]) == 0
    assert done == [(name, ("train",)) for name in ("five.1", "five.2", "iat.all.1")]
    budget = SpecializationBudget(sentences=9, draws=4)
    assert command_of("docs.specialization", budget) == (
        "python -m docs.specialization --sentences 9 --draws 4"
    )
    write_record(tmp_path / "five.1.json", {**record(Run(FIVE, 1)), "budget": asdict(BUDGET)})
    assert main([*options, "--only", "five.1"]) == 0 and len(done) == 3
    assert main([*options, "--only", "five.1", "--again", "--stages", "importance"]) == 0
    assert done[3:] == [("five.1", ("importance",))]
    assert main([*options, "--only", "five.1", "--draws", "2"]) == 1 and len(done) == 4
    with pytest.raises(SystemExit):
        main([*options, "--again"])
