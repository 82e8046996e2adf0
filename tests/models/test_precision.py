"""Training the backbone in bfloat16."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Backbone

from allennlp_heads.models import MultiTaskHeads
from tests.models.test_multitask_heads import batch, model
from tests.training import configs
from tests.training.pieces import copied, model_and_loader, quiet


class Linear(Backbone):
    """Remembers the type its product came out as."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(3, 3)

    def get_output_dim(self) -> int:
        return 3

    def forward(self, tokens: Any) -> dict[str, torch.Tensor]:  # type: ignore[override]
        inputs = tokens["tokens"]
        text = self.layer(inputs["token_ids"].float())
        self.dtype = text.dtype
        return {"encoded_text": text, "encoded_text_mask": inputs["mask"]}


def dtypes(made: MultiTaskHeads) -> tuple[torch.dtype, torch.dtype, torch.dtype]:
    """Of the backbone's product, of what the head gets and of the loss."""
    outputs = made(**batch(["a"]))
    total = outputs["head_outputs"]["a"]["total"]
    return made.backbone.dtype, total.dtype, outputs["loss"].dtype  # type: ignore[return-value]


def test_only_the_backbone_and_only_in_training() -> None:
    full, half = torch.float32, torch.bfloat16
    made = model(backbone=Linear(), autocast="bfloat16")
    assert dtypes(made.train()) == (half, full, full)
    assert dtypes(made.eval()) == (full, full, full)
    assert dtypes(model(backbone=Linear()).train()) == (full, full, full)
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16])
def test_heads_and_losses_are_spared_by_the_trainers(half: torch.dtype) -> None:
    """In training and in evaluation, as the trainer's `use_amp` is in both."""
    made = model(backbone=Linear())
    inside = []
    made.heads["a"].register_forward_pre_hook(
        lambda *_: inside.append(torch.is_autocast_enabled("cpu"))
    )
    with torch.autocast("cpu", dtype=half):
        assert dtypes(made.train()) == dtypes(made.eval()) == (half, torch.float32, torch.float32)
        assert torch.is_autocast_enabled("cpu")
    assert inside == [False, False]


def test_masks_stay_masks() -> None:
    made = model(backbone=Linear(), autocast="bfloat16").train()
    seen = {}

    def spy(module: Any, args: Any, kwargs: Any) -> None:
        seen.update({key: value.dtype for key, value in kwargs.items() if torch.is_tensor(value)})

    made.heads["a"].register_forward_pre_hook(spy, with_kwargs=True)
    made(**batch(["a"]))
    assert seen["encoded_text_mask"] == torch.bool
    assert seen["encoded_text"] == torch.float32


@pytest.mark.parametrize("name", ["float16", "bf16", "float32", ""])
def test_other_types(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"autocast is '{name}'.*'use_amp'"):
        model(autocast=name)


def test_together_with_the_trainers() -> None:
    made = model(backbone=Linear(), autocast="bfloat16").train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with pytest.raises(ConfigurationError, match="'use_amp' exclude each other"):
            made(**batch(["a"]))


def test_close_to_float32_with_gates(tiny_bert: str, fixtures_root: Path) -> None:
    """Losses, gradients of all weights and of the gates; everything that is kept is float32."""
    config = configs.multitask(tiny_bert, fixtures_root)
    gates = config["model"]["backbone"]["gates"]
    config = quiet(config)
    config["model"]["backbone"]["gates"] = gates
    found = {}
    for name in (None, "bfloat16"):
        torch.manual_seed(0)
        model, loader = model_and_loader(
            copied(config | {"model": {**config["model"], "autocast": name}})
        )
        model.train()
        losses = []
        for one in loader:  # which sets the generators, so that both draw the same gates
            outputs = model(**one)
            outputs["loss"].backward()
            losses.append(outputs["loss"].item())
        assert {value.dtype for value in model.state_dict().values()} <= {
            torch.float32,
            torch.int64,
        }
        gradients = {key: p.grad for key, p in model.named_parameters() if p.grad is not None}
        assert all(gradient.dtype == torch.float32 for gradient in gradients.values())
        found[name] = losses, gradients
    losses, gradients = found[None]
    low_losses, low_gradients = found["bfloat16"]
    assert low_losses == pytest.approx(losses, rel=0.01) and low_losses != losses
    assert low_gradients.keys() == gradients.keys()
    whole, low = (
        torch.cat([g.flatten() for g in gs.values()]) for gs in (gradients, low_gradients)
    )
    assert torch.cosine_similarity(whole, low, dim=0) > 0.995
    alpha = next(key for key in gradients if key.endswith("log_alpha"))
    difference = (low_gradients[alpha] - gradients[alpha]).norm() / gradients[alpha].norm()
    assert 0 < difference < 0.1
