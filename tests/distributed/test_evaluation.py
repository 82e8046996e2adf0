"""Development data of any size is scored in full by several workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from tests import sentence_tasks
from tests.distributed.launch import run_workers

# of three workers none, one or two have no batch in the last step; of 2 batches one has none at all
SIZES = [
    {"sst2": 1, "stsb": 1},
    {"sst2": 3, "stsb": 1},
    {"sst2": 3, "stsb": 5},
    {"sst2": 4, "stsb": 7},
]
WORLD = 3


def score(encoder: str, data: str, sizes: dict[str, int], dealt: bool) -> dict[str, Any]:
    """Two validations: metrics, number of batches with a loss, and what is said of each example."""
    tasks = list(sizes)
    model, reader = sentence_tasks.made(encoder, tasks)
    paths = {"sst2": f"{data}/glue/SST-2/dev.tsv", "stsb": f"{data}/glue/STS-B/dev.tsv"}
    loader = MultiTaskBucketed(reader, paths, batch_size=2, shuffle=False, max_instances=sizes)
    loader.index_with(model.vocab)
    if dealt:
        loader.deal_out()
    examples: dict[tuple[str, int], list[float]] = {}
    for _ in range(2):
        losses = []
        for batch in loader:
            with torch.no_grad():
                outputs = model(**batch)
            if "loss" in outputs:
                losses.append(float(outputs["loss"]))
            values = outputs.get("example_loss", torch.zeros(0)).tolist()
            for task, example, value in zip(outputs["task"], outputs["example"], values):
                examples.setdefault((task, example), []).append(value)
        metrics = model.get_metrics(reset=True)
    return {"metrics": metrics, "losses": losses, "examples": examples, "steps": len(loader)}


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_scores_are_those_of_one_process(
    sizes: dict[str, int], tiny_bert: str, fixtures_root: Path
) -> None:
    alone = score(tiny_bert, str(fixtures_root), sizes, dealt=False)
    workers = run_workers(score, WORLD, tiny_bert, str(fixtures_root), sizes, True)

    together: dict[tuple[str, int], list[float]] = {}
    for worker in workers:
        assert worker["metrics"] == pytest.approx(alone["metrics"], abs=1e-12)
        assert worker["steps"] == -(-alone["steps"] // WORLD)
        assert not together.keys() & worker["examples"].keys()
        together.update(worker["examples"])
    assert {key[0]: 0 for key in together} == dict.fromkeys(sizes, 0)
    assert len(together) == sum(sizes.values())
    assert {key: pytest.approx(values) for key, values in together.items()} == alone["examples"]
    losses = [loss for worker in workers for loss in worker["losses"]]
    assert sorted(losses) == pytest.approx(sorted(alone["losses"]))
