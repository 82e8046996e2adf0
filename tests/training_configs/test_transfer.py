"""Grids of tasks: what they say, that each of them runs, and the manifest of the study's tasks."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.data import DatasetReader

from allennlp_heads.transfer.bench import TransferBench
from allennlp_heads.transfer.configuration import grid_of
from allennlp_heads.transfer.plan import cells_of
from allennlp_heads.transfer.recipes import RECIPES
from tests.training_configs.shipped import (
    ROOT,
    TRANSFER,
    evaluated,
    reduced_transfer,
    settings_of,
    small_transfer,
    written_in_training_configs,
)

FOLDER = "training_configs/transfer/"
GLUE = ["cola", "sst2", "mrpc", "qqp", "stsb", "mnli", "qnli", "rte", "wnli"]
ON_WORDS = "pos ner dep con srl wnut17 parent gparent ggparent chunk".split()
MANIFEST = json.loads((ROOT / FOLDER / "manifest.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)


def grid(name: str) -> dict[str, Any]:
    return settings_of(f"{FOLDER}{name}.jsonnet")


def test_the_expected_grids_are_there() -> None:
    assert {Path(config).stem for config in TRANSFER} == {"grid", "small", "tiny"}


def test_the_whole_grid_has_every_task() -> None:
    settings = grid("grid")
    assert list(settings["tasks"]) == sorted([*GLUE, "squad", *ON_WORDS])
    assert settings["regimes"] == ["full_full", "full_limited", "limited_limited"]
    assert settings["limited"] == 1000 and "recipes" not in settings and "full" not in settings
    head_lengths = {task["reader"].get("max_length") for task in settings["tasks"].values()}
    assert head_lengths == {None, 384}
    assert settings["tasks"]["sst2"]["reader"]["tokenizer"]["max_length"] == 128
    assert settings["tasks"]["srl"]["head"]["keep_gold"] is True


@pytest.mark.parametrize("config", TRANSFER)
def test_every_grid_is_one(config: str, tiny_bert: str) -> None:
    params = small_transfer(config, tiny_bert).as_dict(quiet=True)
    found = grid_of(params)
    tasks = len(found.tasks)
    assert len(cells_of(found)) == len(found.regimes) * found.restarts * tasks**2
    for name, task in settings_of(config)["tasks"].items():
        namespace = task["head"].get("label_namespace")
        assert task["reader"].get("label_namespace", namespace) == namespace
        paths = [task["train_data_path"], task["validation_data_path"]]
        paths += [task["test_data_path"]] if "test_data_path" in task else []
        assert len(set(paths)) == len(paths) == (3 if name in [*ON_WORDS, "ner_bio"] else 2)


def test_tasks_that_a_grid_changes_or_adds(tiny_bert: str) -> None:
    settings = evaluated(
        """
        transfer {
          between: ['sst2', 'reviews', 'pos'],
          encoder: encoders.bert_base.name,
          max_length: 64,
          further_tasks: {
            reviews: {
              layer: 'reviews',
              pieces: true,
              head: { type: 'text_classifier', label_namespace: 'reviews_labels' },
            },
          },
          corpus+: {
            reviews: {
              reader: { type: 'delimited_text' },
              data: {
                train: 'fixtures/formats/reviews.train.jsonl',
                dev: 'fixtures/formats/reviews.dev.jsonl',
              },
            },
          },
          tasks+: { reviews+: { recipe: { epochs: 1 }, class: 'opinions' } },
          recipes: { opinions: { epochs: 2 } },
        }
        """
    )
    assert settings["tasks"]["reviews"]["recipe"] == {"epochs": 1}
    assert settings["tasks"]["reviews"]["reader"]["tokenizer"]["max_length"] == 64
    assert json.dumps(settings).count("bert-base-cased") == 6
    assert "test_data_path" not in settings["tasks"]["reviews"]
    found = grid_of(reduced_transfer(settings, tiny_bert).as_dict(quiet=True))
    assert found.task("reviews").task_class == "opinions"


def test_tasks_of_ones_own_as_the_page_has_them(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text,) = re.findall(
        r"^## A task of your own$.*?^```jsonnet\n(.*?)^```$",
        (ROOT / "docs" / "transfer.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    settings = written_in_training_configs(text)
    own = {name: settings["tasks"][name] for name in ("reviews", "classes")}
    (tmp_path / "my").mkdir()
    for path in (*fixtures_root.glob("formats/reviews.*"), *fixtures_root.glob("ewt/*.ner.conll")):
        shutil.copy(path, tmp_path / "my")
    monkeypatch.chdir(tmp_path)
    found = grid_of(reduced_transfer({**settings, "tasks": own}, tiny_bert).as_dict(quiet=True))
    bench = TransferBench(found)
    assert {bench.task_class(name) for name in own} == {"opinions", "labelling"}
    for name in own:
        assert bench.fine_tune(name, "limited", 0).metrics["accuracy"] <= 1
    labels = bench.data("classes").vocab.get_token_to_index_vocabulary("classes_labels")
    assert {"NN", "VB"} <= set(labels)


@pytest.mark.parametrize(
    "settings, message",
    [
        ("{}", "write between:"),
        ("{ between: ['sst2', 'sts'] }", "tasks has sts, but there are only"),
    ],
)
def test_misspelt_settings_are_errors(settings: str, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        evaluated(f"transfer {settings}")


def test_the_callback_is_a_setting() -> None:
    settings = evaluated("experiment { tasks: ['pos'], embedding: { embedding: { examples: 9 } } }")
    callbacks = settings["trainer"]["callbacks"]
    assert {"type": "task_embedding", "embedding": {"examples": 9}} in callbacks
    assert callbacks[-1] == "exact_resume"
    assert "task_embedding" not in json.dumps(evaluated("experiment { tasks: ['pos'] }"))


def test_the_study_has_eleven_tasks_of_each_class() -> None:
    tasks = MANIFEST["tasks"]
    assert Counter(task["class"] for task in tasks.values()) == dict.fromkeys(RECIPES, 11)
    for name, task in tasks.items():
        assert task["train_thousands"] > 0.6 and task["format"] in MANIFEST["formats"], name
    # Classes of GLUE by their numbers of labels, and metrics by what their heads have
    assert [tasks[name]["labels"] for name in ("SNLI", "MNLI", "STS-B")] == [3, 3, None]
    whole = evaluated("tasks")
    for name, task in tasks.items():
        if task["here"] is None:
            continue
        head = whole[task["here"]["task"]]["head"]
        default = {"classification": "accuracy", "questions": "token_f1", "labelling": "accuracy"}
        metric = "f1" if "label_encoding" in head else default[task["class"]]
        assert task["metric"] == head.get("main_metric", metric), name


def test_recipes_of_the_study_are_the_defaults() -> None:
    lengths = ("max_length", "stride")
    for name, recipe in MANIFEST["recipes"].items():
        assert {k: v for k, v in recipe.items() if k not in lengths} == RECIPES[name]
    tasks = grid("grid")["tasks"]
    lengths_here = {key: tasks["squad"]["reader"][key] for key in lengths}
    assert lengths_here == {key: MANIFEST["recipes"]["questions"][key] for key in lengths}


WORDS = {"type": "transformer_pieces"}
SAMPLES = {
    "glue": None,
    "squad_json": None,
    "delimited_text": None,
    "bio_columns": "Anna B-PER\nran O\n\nYes O\n",
}
TABLES = {
    "SNLI": "pairID\tsentence1\tsentence2\tgold_label\n1\tA man ran.\tHe moved.\tentailment\n",
    "SciTail": "A man ran.\tHe moved.\tentails\n",
}


READERS = {json.dumps(task["reader"]): name for name, task in MANIFEST["tasks"].items()}
"""A task for each different reader."""


@pytest.mark.parametrize("name", READERS.values())
def test_a_reader_takes_files_of_each_format(name: str, tiny_bert: str, tmp_path: Path) -> None:
    task = MANIFEST["tasks"][name]
    options = dict(task["reader"])
    text = TABLES.get(name) or SAMPLES[options["type"]]
    if task["class"] != "labelling":
        options["tokenizer"] = {**WORDS, "transformer_model": tiny_bert}
    reader = DatasetReader.from_params(Params(options))
    if text is None:  # files of these kinds are read in the tests of their readers
        return
    (tmp_path / "train.txt").write_text(text, "utf-8")
    instances = list(reader.read(tmp_path / "train.txt"))
    assert len(instances) == (1 if name in TABLES else 2)
    assert ("tags" if task["class"] == "labelling" else "label") in instances[0].fields
