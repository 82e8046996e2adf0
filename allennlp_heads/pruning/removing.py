"""A trained model's encoder, masked and without its closed heads."""

from copy import deepcopy
from typing import Optional

import torch
from allennlp.models import Model

from allennlp_heads.gates import FixedGates
from allennlp_heads.modules import GatedEncoder


def mask(encoder: GatedEncoder, kept: torch.Tensor) -> None:
    """Put zeros and ones, `[layers, heads]`, in place of the gates, for all tasks."""
    fixed = FixedGates(encoder.heads)
    fixed.binarize(kept.cpu())
    encoder.gates = fixed.to(kept.device).eval()


def without(encoder: GatedEncoder, kept: torch.Tensor) -> GatedEncoder:
    """A copy of an encoder that has only the heads `kept`, `[layers, heads]` bool."""
    pruned = deepcopy(encoder)
    pruned.remove_heads(
        {
            layer: [head for head, stays in zip(numbers, kept[layer].tolist()) if not stays]
            for layer, numbers in enumerate(encoder.kept_heads)
        }
    )
    return pruned


def kept_closed(
    encoder: GatedEncoder, kept: torch.Tensor, task: Optional[str] = None
) -> list[list[int]]:
    """Of the heads `kept`, by layer, those with a gate of 0, as the pretrained encoder counts."""
    closed = kept & (encoder.gates.deterministic(task) == 0)
    return [
        [head for head, is_closed in zip(numbers, closed[layer].tolist()) if is_closed]
        for layer, numbers in enumerate(encoder.kept_heads)
    ]


def removed_heads(encoder: GatedEncoder) -> dict[int, list[int]]:
    """All heads an encoder has lost, in the numbering of the pretrained one."""
    lost = {
        layer: sorted(set(range(encoder.original_heads)) - set(kept))
        for layer, kept in enumerate(encoder.kept_heads)
    }
    return {layer: heads for layer, heads in lost.items() if heads}


def pruned_state(
    model: Model, name: str, removed: GatedEncoder, lost: list[str]
) -> dict[str, torch.Tensor]:
    """
    The weights of the pruned model, on the CPU.

    # Parameters

    model : `Model`
        The model as it was.
    name : `str`
        Its encoder's name.
    removed : `GatedEncoder`
        The encoder without heads.
    lost : `List[str]`
        Tasks that leave the model.
    """
    prefix = f"{name}.transformer."
    gone = (prefix, f"{name}.gates.", *(f"heads.{task}." for task in lost))
    if lost:
        gone += ("loss_balancer.",)
    state = {key: value for key, value in model.state_dict().items() if not key.startswith(gone)}
    state |= {f"{prefix}{key}": value for key, value in removed.transformer.state_dict().items()}
    return {key: value.cpu() for key, value in state.items()}
