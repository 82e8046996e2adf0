"""Embeddings of tasks at the end of training, and what training notices of them: nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect import trained
from allennlp_heads.collect.bare_encoder import bare_encoder
from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads, embed_text
from allennlp_heads.reports.embeddings import read_embeddings
from allennlp_heads.training.callbacks import TaskEmbedding
from tests.training.callbacks.reporting import (
    assert_needs_our_encoder,
    assert_not_noticed,
    fail,
    with_callback,
)
from tests.training.configs import Config
from tests.training.runs import Unkilled, train

EMBEDDING: Config = {"examples": 8, "batch_size": 3, "seed": 4, "components": ["layer_outputs"]}


def with_embedding(config: Config, **options: Any) -> Config:
    return with_callback(config, "task_embedding", **{"embedding": EMBEDDING, **options})


@pytest.fixture(scope="module")
def run(plain: Config, tmp_path_factory: pytest.TempPathFactory) -> tuple[Unkilled, Path]:
    folder = tmp_path_factory.mktemp("embedding") / "run"
    return Unkilled(with_embedding(plain), folder), folder


def test_training_does_not_notice(
    run: tuple[Unkilled, Path], plain: Config, tmp_path: Path
) -> None:
    assert_not_noticed(run[0], plain, tmp_path / "run")


def test_is_that_of_the_archive(run: tuple[Unkilled, Path], tiny_bert: str) -> None:
    folder = run[1]
    options = EmbeddingOptions(**EMBEDDING)
    found = read_embeddings(folder / "heads/embeddings")
    assert [one.task for one in found] == ["dep", "pos"]
    with trained(folder) as source:
        data = source.data()
        for one in found:
            wanted, of_text = embed_text(bare_encoder(tiny_bert), data, one.task, options)
            found_too, of_task = embed_task_and_heads(source.model, data, one.task, options)
            wanted |= found_too
            assert one.manifest["tokens"] == of_text["tokens"] == of_task["tokens"]
            assert set(one.components) == set(wanted) and "heads.learned_gates" in wanted
            assert "head_context.0" not in wanted
            for name, values in wanted.items():
                limit = 1e-4 * abs(values).max()
                numpy.testing.assert_allclose(
                    one.components[name], values, rtol=1e-3, atol=limit, err_msg=name
                )
            assert one.manifest["seed"] == 7 and one.manifest["examples"] == 8
            assert one.manifest["available"] == 20 and one.manifest["class"] == "labelling"


def test_a_failure_costs_nothing(
    plain: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allennlp_heads.training.callbacks.task_embedding.write_embedding", fail)
    folder = tmp_path / "run"
    embedding: Config = {
        "kinds": ["task"],
        "examples": None,
        "components": ["pooled", "value.bias$"],
    }
    embedding |= {"labels": "sampled", "draws": 2}
    train(with_embedding(plain, tasks=["pos"], task_class="my tags", embedding=embedding), folder)
    assert (folder / "model.tar.gz").is_file() and not (folder / "heads").exists()
    said = (folder / "out.log").read_text()
    command = f"allennlp heads embed {folder} -o {folder}/heads/embeddings --force --kind task"
    assert "disk full" in said and command in said
    assert "--examples all --component pooled --component 'value.bias$' --labels sampled" in said
    assert "--draws 2 --task pos --class 'my tags'" in said


def test_wrong_options(plain: Config, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no tasks \['ner'\]"):
        train(with_embedding(plain, tasks=["ner"]), tmp_path / "run")
    with pytest.raises(ConfigurationError, match="'kinds' is 'texts'"):
        train(with_embedding(plain, embedding={"kinds": ["texts"]}), tmp_path / "other")


def test_needs_our_encoder_and_loader(tmp_path: Path) -> None:
    assert_needs_our_encoder(TaskEmbedding, tmp_path)
