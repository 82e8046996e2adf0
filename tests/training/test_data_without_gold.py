"""Data that can only be predicted is refused before anything is trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from tests import qa_tasks
from tests.training import configs
from tests.training.runs import Config, train


def settings(encoder: str, data: Path) -> Config:
    made = qa_tasks.config(encoder, data)
    made["trainer"] = {
        "num_epochs": 1,
        "validation_metric": "+score",
        "cuda_device": -1,
        "optimizer": "adam",
        "callbacks": ["test_kill", "example_scores"],
    }
    return made


def without_answers(source: Path, target: Path) -> str:
    content = json.loads(source.read_text("utf-8"))
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                question.pop("answers")
    target.write_text(json.dumps(content))
    return str(target)


def without_labels(source: Path, target: Path) -> str:
    """As GLUE's test files are."""
    texts = [line.split("\t")[0] for line in source.read_text("utf-8").splitlines()[1:]]
    lines = ["index\tsentence", *(f"{number}\t{text}" for number, text in enumerate(texts))]
    target.write_text("\n".join(lines) + "\n", "utf-8")
    return str(target)


@pytest.mark.parametrize("part", ["train", "validation"])
@pytest.mark.parametrize("task, field", [("squad", "answer_spans"), ("sst2", "label")])
def test_is_refused(
    part: str, task: str, field: str, tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    made = settings(tiny_bert, fixtures_root)
    paths = made[f"{part}_data_path"]
    bare: Any = {"squad": without_answers, "sst2": without_labels}[task]
    path = paths[task] = bare(Path(paths[task]), tmp_path / f"test{Path(paths[task]).suffix}")
    if part == "train":  # the vocabulary must come from somewhere
        made["datasets_for_vocab_creation"] = ["validation"]
    with pytest.raises(ConfigurationError) as raised:
        train(made, tmp_path / "run")
    said = str(raised.value)
    assert said.startswith(f"{path}: the examples have no gold for model.heads.{task}: they lack")
    assert f"['{field}']" in said and "neither trained on nor scored. Give a file" in said
    assert "view" not in said
    assert not list((tmp_path / "run").glob("model_state*"))


def test_gold_of_another_kind(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    made = configs.multitask(tiny_bert, fixtures_root)
    made["dataset_reader"]["readers"]["dep"]["view"] = "upos"
    made["model"]["heads"]["dep"]["label_namespace"] = "upos_labels"
    with pytest.raises(ConfigurationError, match="Give the reader of 'dep' the 'view' or 'coding'"):
        train(made, tmp_path / "run")
