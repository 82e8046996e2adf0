"""What several workers cannot do is said before they wait for each other."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.metrics import CategoricalAccuracy

from allennlp_heads.distributed import Step
from allennlp_heads.training.callbacks import Workers
from tests.distributed.launch import run_workers
from tests.training import configs
from tests.training.pieces import model_and_loader


def start(find_unused: bool) -> Any:
    parallel = torch.nn.parallel.DistributedDataParallel
    wrapped = parallel(torch.nn.Linear(1, 1), find_unused_parameters=find_unused)
    trainer: Any = SimpleNamespace(
        _ddp_wrapped_model=SimpleNamespace(model=wrapped),
        data_loader=None,
        _validation_data_loader=None,
        _num_gradient_accumulation_steps=1,
    )
    try:
        Workers("").on_start(trainer)
    except ConfigurationError as error:
        return error.message
    return None


def test_torch_must_look_for_unused_parameters() -> None:
    assert run_workers(start, 2, True) == [None, None]
    for message in run_workers(start, 2, False):
        assert '"ddp_accelerator": "multitask_torch"' in message


def test_one_process_needs_nothing() -> None:
    trainer: Any = SimpleNamespace(data_loader=None, _validation_data_loader=None)
    callback = Workers("")
    callback.on_start(trainer)
    callback.on_end(trainer)


def test_metrics_that_wait_for_other_workers(tiny_bert: str, fixtures_root: Path) -> None:
    model, loader = model_and_loader(configs.multitask(tiny_bert, fixtures_root))
    model.heads["dep"].accuracy = CategoricalAccuracy()  # type: ignore[assignment]
    batch = next(iter(loader))
    model(**batch)
    with pytest.raises(ConfigurationError, match="heads.dep has the metric CategoricalAccuracy"):
        model(**next(iter(loader)), step=Step())
