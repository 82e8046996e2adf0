"""What is probed, from what a user names."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.probing.configuration import ProbeConfiguration
from allennlp_heads.collect.probing.source import ProbeSource, probe_source
from allennlp_heads.models.archival import opened
from tests.collect.probing.sources import QUICK, archive, static, written
from tests.pruning import archives


@pytest.fixture(scope="module")
def trained(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tiny_bert, fixtures_root, tmp_path_factory.mktemp("trained"))


def opening(
    source: str | Path,
    overrides: dict[str, Any] | None = None,
    tasks: Sequence[str] | None = None,
    **changed: Any,
) -> ProbeSource:
    given = "" if overrides is None else json.dumps(overrides)
    with probe_source(ProbeConfiguration.read(source, given), tasks, **changed) as found:
        return found


def sizes(found: ProbeSource, task: str) -> dict[str, int]:
    return {file: len(part) for file, part in found.data.instances(task).items()}


def test_a_bare_encoder(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    found = opening(written(static(tiny_bert, fixtures_root), tmp_path))
    assert not found.encoder.training and found.encoder.heads == [4, 4, 4]
    assert sizes(found, "dep") == {"train": 400, "validation": 100, "test": 100}
    assert list(sizes(found, "pos")) == ["train", "validation"]
    assert found.seed == 5 and found.options["pos"].seed == 5
    assert found.about["encoder"] == tiny_bert and found.about["archive"] is None
    assert found.about["trained_tasks"] == []
    assert found.about["data"]["dep"]["test"].endswith("test.conllu")
    assert len(found.about["data_files"]) == 3 and all(found.about["data_files"].values())


def test_options_of_tasks_and_changes_win(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    probes = {**QUICK, "rare": 3, "seed": 8, "tasks": {"dep": {"rare": 4, "folds": 6}}}
    path = written(static(tiny_bert, fixtures_root, probes=probes), tmp_path)
    test = str(fixtures_root / "ewt/test.conllu")
    changes = {"probes.tasks.dep.folds": 7, "validation_data_path": {"pos": test}}
    found = opening(path, changes, draws=11)
    assert (found.options["dep"].rare, found.options["pos"].rare) == (4, 3)
    assert (found.options["dep"].folds, found.options["dep"].seed) == (7, 8)
    assert {options.draws for options in found.options.values()} == {11}
    assert list(sizes(found, "dep")) == ["train", "test"]
    only = opening(path, tasks=["pos"])
    assert list(only.options) == ["pos"] and only.data.tasks == ["pos"]


def test_an_archive_and_the_data_of_its_training(trained: Path, fixtures_root: Path) -> None:
    found = opening(trained.parent)
    with opened(trained) as source:
        assert found.about["archive"] == {"weights_sha256": source.digest}
    assert found.seed == 6 and found.about["trained_tasks"] == ["dep", "pos"]
    whole = {"train": 400, "validation": 100}
    assert sizes(found, "dep") == sizes(found, "pos") == whole, "whatever 'max_instances' was"
    test = str(fixtures_root / "ewt/test.conllu")
    more = opening(trained, {"test_data_path": {"dep": test}})
    assert sizes(more, "dep") == {**whole, "test": 100}
    other = opening(trained, {"validation_data_path": test})
    assert sizes(other, "dep") == whole and list(other.about["data"]["dep"].values())[1] == test


def test_an_archive_and_other_data(
    trained: Path, tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    """A task that it was not trained for, of readers that split words for its encoder."""
    config = static(tiny_bert, fixtures_root, transformer_model=None, archive=str(trained))
    config["dataset_reader"]["readers"] = {"xpos": {"type": "conllu", "view": "xpos"}}
    del config["test_data_path"], config["validation_data_path"]
    found = opening(written(config, tmp_path))
    assert list(found.options) == ["xpos"] and found.options["xpos"].seed == 5
    assert found.seed == 6 and found.about["trained_tasks"] == ["dep", "pos"]


def test_models_of_others(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    """One with a gated embedder, whose own reader knows no tasks."""
    config = archives.tagger(tiny_bert, {"type": "open"})
    path = archives.write(tmp_path / "run", config)
    with pytest.raises(ConfigurationError, match="its 'dataset_reader' has no tasks"):
        opening(path)
    static_config = static(tiny_bert, fixtures_root, transformer_model=None, archive=str(path))
    found = opening(written(static_config, tmp_path), tasks=["dep"])
    assert found.encoder.heads == [4, 4, 4] and found.about["trained_tasks"] == []


def test_tasks_without_gold_to_probe_with(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = static(tiny_bert, fixtures_root)
    texts = tmp_path / "texts.tsv"
    texts.write_text("text\tlabel\na red book\tone\ntwo dogs\ttwo\n")
    pieces = {"type": "transformer_pieces", "transformer_model": tiny_bert}
    config["dataset_reader"]["readers"]["topic"] = {
        "type": "delimited_text",
        "text": "text",
        "label": "label",
        "tokenizer": pieces,
        "token_indexers": {"tokens": {**pieces, "namespace": None}},
    }
    config["validation_data_path"]["topic"] = str(texts)
    del config["train_data_path"]
    assert list(opening(written(config, tmp_path)).options) == ["dep", "pos"]
    config["validation_data_path"] = {"topic": str(texts)}
    del config["test_data_path"]
    with pytest.raises(ConfigurationError, match="nothing to probe heads with: task 'topic'"):
        opening(written(config, tmp_path))


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"model": {}, "trainer": {}}, "keys model, trainer, but .* give the folder of its"),
        ({"transformer_model": None}, "one of 'transformer_model' .* and 'archive'"),
        ({"archive": "x"}, "one of 'transformer_model' .* and 'archive'|there is no archive x"),
        ({"weights_file": "best.th"}, "'weights_file' .* is for the weights of an 'archive'"),
        ({"dataset_reader": None}, "'dataset_reader' is missing"),
        ({"dataset_reader": {"type": "conllu"}}, "'dataset_reader' has no tasks"),
        ({"probes": {"direktion": "either"}}, "probes has direktion, but its keys are kind, dir"),
        ({"probes": {"tasks": {"dep": {"fold": 3}}}}, "probes.tasks.dep has fold, but its keys"),
        ({"probes": {"tasks": {"ner": {}}}}, "probes.tasks has ner, but the tasks .* are dep, pos"),
        ({"probes": {"tasks": {"dep": {"folds": 2}}}}, "probes.tasks.dep: 'folds' is 2"),
        ({"probes": {"seed": "many"}}, "probes: 'seed' is \"many\": give a whole number"),
        ({"probes": {"sentences": True}}, "probes: 'sentences' is true: give a whole number"),
        ({"probes": {"diagonal": 1}}, "probes: 'diagonal' is 1: give true or false"),
        ({"probes": {"held_out": None}}, "probes: 'held_out' is null: give true or false"),
        ({"probes": "either"}, "'probes' is \"either\": give an object"),
        ({"probes": [1]}, "'probes' is \\[1\\]: give an object"),
        ({"dataset_reader": 5}, "'dataset_reader' is 5: give an object"),
        ({"dataset_reader": {"type": "multitask_heads", "readers": {}}}, "has no tasks"),
        ({"dataset_reader": {"type": "multitask_heads", "readers": 5}}, "has no tasks"),
        ({"archive": 5}, "'archive' is 5: give a text"),
        ({"archive": ""}, "'archive' is empty.* in front of the command, as in\nARCHIVE=out/dep"),
        ({"test_data_path": ["x"]}, "'test_data_path' is .*: give a text or an object"),
        ({"test_data_path": {"dep": 5}}, "'test_data_path.dep' is 5: give a text"),
        ({"random_seed": True}, "'random_seed' is true: give a whole number"),
        ({"probes": {"tasks": 3}}, "probes.tasks: give options by task"),
        ({"test_data_path": {"dap": "x"}}, "test_data_path has dap, but the tasks"),
        ({"max_length": 9999}, "'max_length' is 9999"),
    ],
)
def test_what_is_wrong_is_said(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = written(static(tiny_bert, fixtures_root, **changes), tmp_path)
    with pytest.raises(ConfigurationError, match=message) as raised:
        opening(path)
    starts = (str(path), "probes", "'max_length'", "'dataset_reader'", "there is no")
    assert raised.value.message.startswith(starts)


@pytest.mark.parametrize("changed", ["{", '{"probes.tasks": 5}', '{"test_data_path": [1]}'])
def test_wrong_overrides_name_the_key(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, changed: str
) -> None:
    path = written(static(tiny_bert, fixtures_root), tmp_path)
    with pytest.raises(ConfigurationError, match="^--overrides|^probes.tasks: give"):
        with probe_source(ProbeConfiguration.read(path, changed)):
            pass


def test_what_chooses_must_not_score(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    path = written(static(tiny_bert, fixtures_root), tmp_path)
    same = {"validation_data_path": str(fixtures_root / "ewt/../ewt/train.conllu")}
    with pytest.raises(ConfigurationError, match="both 'train_data_path' and 'validation_data_p"):
        opening(path, same)
    assert opening(path, same, held_out=False).options["dep"].held_out is False
    copied = tmp_path / "copy.conllu"
    shutil.copy(fixtures_root / "ewt/train.conllu", copied)
    with pytest.raises(ConfigurationError, match="'test_data_path' of the task 'dep', or a copy"):
        opening(path, {"test_data_path": {"dep": str(copied)}})


@pytest.mark.parametrize(
    "overrides, message",
    [
        ("{", "--overrides cannot be read"),
        ("[1]", "--overrides: give a JSON object"),
        ('{"nothing.here": 1}', "--overrides: .*nothing.here"),
        ('{"trainer": 1}', "has the keys trainer"),
    ],
)
def test_overrides_that_fit_nothing(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, overrides: str, message: str
) -> None:
    path = written(static(tiny_bert, fixtures_root), tmp_path)
    with pytest.raises(ConfigurationError, match=message):
        with probe_source(ProbeConfiguration.read(path, overrides)):
            pass


def test_tasks_that_have_no_data(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    path = written(static(tiny_bert, fixtures_root), tmp_path)
    with pytest.raises(ConfigurationError, match=r"no data of the tasks \['ner'\]: choose from"):
        opening(path, tasks=["ner"])


def test_names_of_encoders_need_a_configuration(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has one, which works as it is."""
    for name in ("bert-base-cased", "package:some/model", tiny_bert):
        with pytest.raises(ConfigurationError, match="is no trained model .* probe.jsonnet") as is_:
            opening(name)
    example = re.search(r"\{.*\}", is_.value.message, re.DOTALL)
    assert example is not None
    path = tmp_path / "probe.jsonnet"
    path.write_text(example[0])
    monkeypatch.chdir(fixtures_root / "ewt")
    found = opening(path)
    assert sizes(found, "dep") == {"train": 400, "validation": 100, "test": 100}


@pytest.mark.parametrize(
    "name, message",
    [
        ("nowhere.jsonnet", "there is no configuration .*nowhere.jsonnet"),
        ("broken.jsonnet", "broken.jsonnet cannot be read: "),
        ("list.jsonnet", "list.jsonnet holds no object: give one with transformer_model, arch"),
        ("unfinished", "unfinished holds no model.tar.gz"),
        (
            "trained.jsonnet",
            "needs the environment variable NOWHERE: .*\nNOWHERE=out/dep allennlp-",
        ),
    ],
)
def test_sources_that_cannot_be_read(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "broken.jsonnet").write_text("{ a: }")
    (tmp_path / "list.jsonnet").write_text("[1]")
    (tmp_path / "trained.jsonnet").write_text("{ archive: std.extVar('NOWHERE') }")
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "config.json").write_text('{"model": {}}')
    with pytest.raises(ConfigurationError, match=message):
        ProbeConfiguration.read(tmp_path / name)
