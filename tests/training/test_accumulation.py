"""One update over several batches of different tasks, by AllenNLP's trainer."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.training import configs
from tests.training.pieces import Watching, model_and_loader, quiet, trainer_of

Gradients = dict[str, torch.Tensor]


def gradients_of(model: torch.nn.Module) -> Gradients:
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def test_an_update_is_the_mean_of_its_tasks(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = quiet(configs.multitask(tiny_bert, fixtures_root))
    config["data_loader"]["sampler"] = {"type": "proportional_power", "exponent": 0.5}
    model, loader = model_and_loader(config)
    model.train()
    batches = list(loader)
    loader.epoch = 0
    alone = []
    for batch in batches:
        model.zero_grad(set_to_none=True)
        model(**batch)["loss"].backward()
        alone.append(gradients_of(model))
    watching = Watching(lambda trainer: gradients_of(trainer.model))
    sgd = {"type": "sgd", "lr": 0.0}
    options = {"num_epochs": 1, "num_gradient_accumulation_steps": 3, "optimizer": sgd}
    trainer_of(model, loader, tmp_path, watching, **options).train()

    groups = [range(start, min(start + 3, len(batches))) for start in range(0, len(batches), 3)]
    assert len(watching.seen) == len(groups) > 1
    assert any(len({batches[index]["task"][0] for index in group}) == 2 for group in groups)
    for found, group in zip(watching.seen, groups):
        for name, gradient in found.items():
            parts = [alone[index].get(name, torch.zeros_like(gradient)) for index in group]
            wanted = torch.stack(parts).mean(dim=0)
            torch.testing.assert_close(gradient, wanted, rtol=1e-4, atol=1e-6, msg=name)
