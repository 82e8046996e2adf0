"""In what runs differ beside their tasks, and what a report says of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.attention.pretrained import carry_files, load_encoder
from allennlp_heads.reports.comparing import (
    choose,
    compare_settings,
    notes_of,
    read_settings,
    write_comparison,
)
from tests.reports.comparing.made_runs import DIGEST, configuration, some_counts, write_run

TASKS = ("pos", "dep")
COUNTS = {task: some_counts(place) for place, task in enumerate(TASKS)}
POS = {"pos": COUNTS["pos"]}


def notes(arguments: list[str], data: str = "validation", epoch: str = "last") -> list[str]:
    settings, _ = read_settings(arguments)
    tables = compare_settings(choose(settings, tasks=["pos"]), 20)
    return notes_of(tables, settings, data, epoch, [])


def about(found: list[str], words: str) -> list[str]:
    return [note for note in found if words in note]


def changed(tasks: tuple[str, ...], place: str, value: Any) -> dict[str, Any]:
    """A part of the configuration of these tasks, with another value at a place of it."""
    first, *keys = place.split(".")
    part = configuration(tasks, 1).get(first, {})
    inner = part
    for key in keys[:-1]:
        inner = inner.setdefault(key, {})
    inner[keys[-1]] = value
    return {first: part}


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        ("trainer.num_epochs", 5, "trainer.num_epochs"),
        ("trainer.optimizer", {"type": "adamw", "lr": 1.0}, "trainer.optimizer"),
        ("data_loader.batch_size", 9, "data_loader.batch_size"),
        ("data_loader.max_instances", 9, "data_loader.max_instances"),
        ("data_loader.max_instances", {"pos": 9, "dep": 7}, "data_loader.max_instances.pos"),
        ("train_data_path.pos", "data/other", "train_data_path.pos"),
        ("dataset_reader.readers.pos", {"type": "conllu", "x": 1}, "dataset_reader.readers.pos.x"),
        ("model.heads.pos", {"type": "other"}, "model.heads.pos"),
        ("model.backbone.gates", {"type": "hard_concrete"}, "model.backbone.gates"),
        ("trainer.callbacks", ["sparsity_target"], "trainer.callbacks.sparsity_target"),
    ],
)
def test_what_differs_beside_the_tasks_is_named(
    tmp_path: Path, place: str, value: Any, shown: str
) -> None:
    alone = write_run(tmp_path / "pos", POS)
    both = write_run(tmp_path / "both", COUNTS, **changed(TASKS, place, value))
    (found,) = about(notes([alone, both]), "differs from its reference")
    assert found == f"pos+dep differs from its reference in more than its tasks: {shown}."


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("data_loader.sampler", {"type": "annealed"}),
        ("data_loader.max_instances", {"dep": 7}),
        ("model.loss_balancer", {"type": "fixed", "weights": {"pos": 1, "dep": 2}}),
        ("model.heads.dep", {"type": "other"}),
        ("train_data_path.dep", "data/other"),
        ("trainer.callbacks", ["phases", {"type": "gate_report"}]),
    ],
)
def test_tasks_and_their_mixing_are_nothing_to_note(tmp_path: Path, place: str, value: Any) -> None:
    alone = write_run(tmp_path / "pos", POS, **changed(("pos",), "data_loader.sampler", None))
    both = write_run(tmp_path / "both", COUNTS, **changed(TASKS, place, value))
    assert not about(notes([alone, both]), "differs from its reference")


def test_another_encoder_is_named_once(tmp_path: Path) -> None:
    def run(name: str, tasks: tuple[str, ...], encoder: str) -> str:
        readers = {t: {"tokenizer": {"type": "t", "transformer_model": encoder}} for t in tasks}
        changes = changed(tasks, "model.backbone.transformer_model", encoder)
        changes |= changed(tasks, "dataset_reader.readers", readers)
        return write_run(tmp_path / name, {task: COUNTS[task] for task in tasks}, **changes)

    (found,) = about(notes([run("pos", ("pos",), "a"), run("both", TASKS, "b")]), "differs from")
    assert found.endswith("more than its tasks: model.backbone.transformer_model.")


def test_equal_data_elsewhere_is_no_difference_and_changed_data_is(tmp_path: Path) -> None:
    def run(name: str, counts: Any, place: str, digest: str | None) -> str:
        paths = {"train_data_path": {task: f"{place}/{task}" for task in counts}}
        digests = {f"{place}/pos": digest}
        return write_run(tmp_path / name, counts, digests=digests, **paths)

    alone = run("pos", POS, "here", "x")
    assert not about(notes([alone, run("same", COUNTS, "there", "x")]), "differs from")
    assert about(notes([alone, run("other", COUNTS, "here", "y")]), "tasks: train_data_path.pos.")
    assert not about(notes([alone, run("unknown", COUNTS, "here", None)]), "differs from")


def test_runs_of_a_named_setting_that_do_not_repeat_each_other(tmp_path: Path) -> None:
    runs = [
        write_run(
            tmp_path / f"run{seed}", POS, seed, **changed(("pos",), "trainer.num_epochs", seed)
        )
        for seed in (1, 2, 3)
    ]
    (found,) = about(notes([f"mine={','.join(runs)}"]), "repeat")
    assert found == "The runs of mine do not repeat each other: trainer.num_epochs."
    sampler = changed(TASKS, "data_loader.sampler", {"type": "annealed"})
    both = [write_run(tmp_path / "one", COUNTS, 1), write_run(tmp_path / "2", COUNTS, 2, **sampler)]
    assert about(notes([f"mine={','.join(both)}"]), "each other: data_loader.sampler.")
    equal = write_run(tmp_path / "equal", POS, 9, **changed(("pos",), "trainer.num_epochs", 1))
    assert not about(notes([f"mine={runs[0]},{equal}"]), "repeat")


def test_many_keys_are_cut(tmp_path: Path) -> None:
    alone = write_run(tmp_path / "pos", POS)
    loader = {"data_loader": {f"key{number:02}": 1 for number in range(12)}}
    both = write_run(tmp_path / "both", COUNTS, **loader)
    (found,) = about(notes([alone, both]), "differs from its reference")
    assert found.endswith("data_loader.key07 and 4 more.")


@pytest.mark.parametrize(
    ("tasks", "trainer", "otherwise"),
    [
        (TASKS, {}, True),
        (("pos",), {"callbacks": [{"type": "phases", "best": "any"}]}, True),
        (("pos",), {"validation_metric": "-loss"}, True),
        (("pos",), {"num_epochs": 7}, False),
    ],
)
def test_epochs_that_are_chosen_in_another_way(
    tmp_path: Path, tasks: tuple[str, ...], trainer: dict[str, Any], otherwise: bool
) -> None:
    alone = write_run(tmp_path / "pos", POS)
    counts = {task: COUNTS[task] for task in tasks}
    other = write_run(tmp_path / "other", counts, trainer=trainer)
    arguments = [f"a={alone}", f"b={other}"]
    settings, _ = read_settings(arguments)
    tables = compare_settings(choose(settings, ["a"], ["pos"]), 20)
    found = about(notes_of(tables, settings, "validation", "best", []), "another way")
    assert bool(found) == otherwise
    assert all(note.endswith("compare with --epoch last: b (pos).") for note in found)
    for data, epoch in (("validation", "last"), ("test", "best")):
        assert not about(notes_of(tables, settings, data, epoch, []), "another way")


def test_json_has_encoder_and_data_of_each_run(tmp_path: Path, tiny_bert: str) -> None:
    gone = str(tmp_path / "gone")
    shutil.copytree(tiny_bert, gone)
    runs = [
        write_run(
            tmp_path / f"run{seed}",
            COUNTS,
            seed,
            **changed(TASKS, "model.backbone", {"transformer_model": name}),
        )
        for seed, name in enumerate((gone, tiny_bert, "nowhere"))
    ]
    carry_files(gone, load_encoder(gone), runs[0])
    shutil.rmtree(gone)
    settings, _ = read_settings([f"mine={','.join(runs)}"])
    tables = compare_settings(choose(settings), 20)
    write_comparison(tmp_path / "out", tables, settings, [], {}, 1)
    found = json.loads((tmp_path / "out" / "comparison.json").read_text())["settings"]["mine"]
    size = json.loads((Path(tiny_bert) / "config.json").read_text())
    layers, heads = size["num_hidden_layers"], size["num_attention_heads"]
    assert [run["encoder"] for run in found["runs"]] == [
        {"name": gone, "layers": layers, "heads": heads},
        {"name": tiny_bert, "layers": layers, "heads": heads},
        {"name": "nowhere", "layers": None, "heads": None},
    ]
    assert found["differs"] == ["model.backbone.transformer_model"]
    dev = {"path": "data/dep.dev", "digest": f"{DIGEST}data/dep.dev"}
    train = {"path": "data/dep.train", "digest": None}
    assert found["runs"][0]["data"]["dep"] == {"train": train, "validation": dev, "scored": dev}
