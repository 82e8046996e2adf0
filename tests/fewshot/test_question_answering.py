"""Few-shot learning of questions and answers, with a new head and with a trained one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from tests import qa_tasks
from tests.fewshot.test_runner import equal, runner_of
from tests.pruning.archives import Config


def experiment(encoder: str, data: Path, start: Config) -> Config:
    """A few questions, of which two are learned."""
    return {
        "starts": {"a": start},
        "task": {
            "name": "questions",
            "reader": qa_tasks.reader(encoder, max_instances=9),
            "head": {"type": "span_qa"},
            "train_data_path": str(data / "squad/train-v1.1.json"),
            "validation_data_path": str(data / "squad/dev-v1.1.json"),
        },
        "examples": [2],
        "seeds": 1,
        "training": {"updates": 2, "batch_size": 2, "encoder_lr": 0.0, "head_lr": 0.0},
        "max_validation": 4,
    }


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: Any) -> str:
    folder = tmp_path_factory.mktemp("fewshot") / "run"
    return str(qa_tasks.archive(folder, qa_tasks.config(tiny_bert, fixtures_root)))


def test_a_new_head(tiny_bert: str, fixtures_root: Path) -> None:
    config = experiment(tiny_bert, fixtures_root, {"transformer_model": tiny_bert})
    config["training"] |= {"encoder_lr": 1e-3, "head_lr": 1e-2}
    runner = runner_of(config)
    found = runner.run(2, 0)
    assert (runner.metric, runner.direction) == ("token_f1", "+")
    assert found.metrics.keys() == {"token_f1", "exact_match"}
    assert found.scores.counts.shape == (4, 3) and found.scores.counts[:, 2].tolist() == [1.0] * 4
    assert equal(runner.run(2, 0), found)
    assert runner.majority() is None, "questions have no label that is the most frequent"


def test_a_copied_head(archive: str, tiny_bert: str, fixtures_root: Path) -> None:
    start = {"archive": archive, "copy_head_from": "squad"}
    runner = runner_of(experiment(tiny_bert, fixtures_root, start))
    assert runner.copied == ["projection.weight", "projection.bias"]
    runner.run(2, 0)
    old, new = runner._start.old_head, runner._model.heads["questions"]
    assert old is not None
    for name, values in old.state_dict().items():
        assert torch.equal(values, new.state_dict()[name])


def test_what_does_not_fit(archive: str, tiny_bert: str, fixtures_root: Path) -> None:
    config = experiment(tiny_bert, fixtures_root, {"archive": archive, "copy_head_from": "sst2"})
    with pytest.raises(ConfigurationError, match="no weight of TextClassifierHead fits the new Sp"):
        runner_of(config)
    config = experiment(tiny_bert, fixtures_root, {"archive": archive})
    runner = runner_of(config)
    with pytest.raises(ConfigurationError, match="per_class: .*'questions' have no single label"):
        runner._data.draw(2, True, 0)
