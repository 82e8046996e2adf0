"""The shipped probes: what they set, and that each runs, of a bare and of a trained encoder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from allennlp.commands import main
from allennlp.commands.train import train_model
from allennlp.common import Params

import tests.tiny as tiny
from allennlp_heads.collect.probing.experiment import ProbeExperiment
from allennlp_heads.reports.probing import read_probe
from tests.training_configs.shipped import (
    PROBES,
    ROOT,
    evaluated,
    reduced,
    reduced_probe,
    settings_of,
    small,
    small_probe,
)

FOLDER = "training_configs/stem_cell/probe/"
TASKS = ["pos", "ner", "srl", "dep", "con"]
KINDS = {
    "pos": "tagger",
    "ner": "span_ner",
    "srl": "srl",
    "dep": "dependency",
    "con": "constituency",
}


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)


@pytest.fixture(scope="module")
def archive(tiny_bert: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished small run of the five tasks."""
    with pytest.MonkeyPatch.context() as inside:
        inside.chdir(ROOT)
        inside.delenv("HEADS_DATA", raising=False)
        run = tmp_path_factory.mktemp("finished") / "run"
        train_model(small("training_configs/stem_cell/joint/all.jsonnet", tiny_bert), str(run))
    return run


def probed(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The kinds of probes that the verb writes for this configuration, by task."""
    (folder / "probe.jsonnet").write_text(text, "utf-8")
    words = ["allennlp", "heads", "probe", str(folder / "probe.jsonnet")]
    monkeypatch.setattr(sys, "argv", [*words, "-o", str(folder / "out")])
    # pictures take most of the time, and are drawn by the commands of the page
    monkeypatch.setattr("allennlp_heads.reports.probing.pictures.probe_figures", lambda *_: {})
    main(prog="allennlp")
    return {task: result.kind for task, result in read_probe(folder / "out").items()}


def tasks_of(config: str) -> list[str]:
    name = config.split("/")[-1].removesuffix(".jsonnet")
    return TASKS if name == "all" else [name]


def test_the_expected_configurations_are_there() -> None:
    names = [f"{name}.jsonnet" for name in (*TASKS, "all")]
    assert sorted(PROBES) == sorted(
        FOLDER + part + name for part in ("", "trained/") for name in names
    )


@pytest.mark.parametrize("config", PROBES)
def test_what_they_set(config: str) -> None:
    settings = settings_of(config)
    tasks, trained = tasks_of(config), "/trained/" in config
    assert sorted(settings["dataset_reader"]["readers"]) == sorted(tasks)
    for part in ("train", "validation", "test"):
        ending = "dev" if part == "validation" else part
        assert sorted(settings[f"{part}_data_path"]) == sorted(tasks)
        assert all(f"/ewt/{ending}." in path for path in settings[f"{part}_data_path"].values())
    assert (settings["archive"] is None) is not trained
    assert (settings["transformer_model"] is None) is trained
    asked = ProbeExperiment.from_params(Params(settings))
    # the words of an archive are split by its own tokenizer
    assert "token_indexers" not in json.dumps(asked.dataset_reader)
    for options in asked.options(tasks).values():
        assert options.changed() == {"seed": 13} and options.held_out


def test_any_encoder_of_the_library() -> None:
    one = "(probe { tasks: ['pos'], encoder: encoder }).transformer_model == encoder.name"
    right = evaluated(f"std.mapWithKey(function(_, encoder) {one}, encoders)")
    assert len(right) > 10 and all(right.values())


def test_a_trained_model_must_be_named() -> None:
    with pytest.raises(RuntimeError, match="undefined external variable: ARCHIVE"):
        evaluated("import 'stem_cell/probe/trained/dep.jsonnet'")


def test_without_tasks_it_says_what_to_write() -> None:
    with pytest.raises(RuntimeError, match="write tasks:"):
        evaluated("probe")


def test_options_and_other_corpora() -> None:
    settings = evaluated(
        "(import 'stem_cell/probe/all.jsonnet') + { corpus: corpora.ontonotes_english, "
        "encoder: encoders.bert_base, probes+: { tasks: { con: { phrases: 'all' } } } }"
    )
    assert "conll-2012" in settings["test_data_path"]["srl"]
    assert settings["transformer_model"] == "bert-base-cased"
    options = ProbeExperiment.from_params(Params(settings)).options(TASKS)
    assert options["con"].phrases == "all" and options["ner"].phrases == "lowest"


@pytest.mark.parametrize("part", ["", "trained/"])
@pytest.mark.parametrize("task", TASKS)
def test_one_task_is_probed_as_with_the_others(part: str, task: str) -> None:
    one, whole = (settings_of(f"{FOLDER}{part}{name}.jsonnet") for name in (task, "all"))
    readers = whole["dataset_reader"]
    readers["readers"] = {task: readers["readers"][task]}
    for key in ("train_data_path", "validation_data_path", "test_data_path"):
        whole[key] = {task: whole[key][task]}
    assert one == whole


@pytest.mark.parametrize("part", ["", "trained/"])
def test_all_five_in_one(
    part: str, tiny_bert: str, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE", str(archive))
    text = small_probe(f"{FOLDER}{part}all.jsonnet", tiny_bert)
    assert probed(text, tmp_path, monkeypatch) == KINDS


def test_a_model_of_other_tasks(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_model(
        reduced(evaluated("experiment { tasks: ['pos'] }"), tiny_bert), str(tmp_path / "run")
    )
    monkeypatch.setenv("ARCHIVE", str(tmp_path / "run"))
    text = small_probe(f"{FOLDER}trained/dep.jsonnet", tiny_bert)
    assert probed(text, tmp_path, monkeypatch) == {"dep": "dependency"}


@pytest.mark.parametrize("kind", ["roberta", "deberta"])
def test_other_architectures_of_the_study(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "encoder").mkdir()
    encoder = tiny.encoder_folder(tmp_path / "encoder", kind)
    text = reduced_probe(evaluated("probe { tasks: ['ner', 'dep'] }"), encoder)
    assert probed(text, tmp_path, monkeypatch) == {task: KINDS[task] for task in ("ner", "dep")}


def test_probes_while_training(tiny_bert: str, tmp_path: Path) -> None:
    settings = evaluated(
        "experiment { tasks: ['dep'], "
        "probe: { probe: { draws: 10, sentences: 12 }, every_epochs: 1 } }"
    )
    run, params = tmp_path / "run", reduced(settings, tiny_bert)
    params["trainer"]["num_epochs"] = 2
    train_model(params, str(run))
    for folder in ("heads", "heads/probe_epochs/0", "heads/probe_epochs/1"):
        [(task, result)] = read_probe(run / folder).items()
        assert (task, result.kind) == ("dep", "dependency")
    assert (run / "heads" / "probe_epochs.png").is_file()
