"""What each layer hands on, as recorded in a pass, is what the next one works with."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import tests.tiny as tiny
from allennlp_heads.attention import HeadTap, layout_of


@pytest.mark.parametrize("model_type", tiny.MODEL_TYPES)
def test_equals_what_layers_return(model_type: str) -> None:
    """By hooks on the layers themselves, and by the gradient, which goes through all of them."""
    encoder = tiny.encoder(model_type)
    returned: list[torch.Tensor] = []

    def note(module: torch.nn.Module, args: Any, output: Any) -> None:
        returned.append(output if isinstance(output, torch.Tensor) else output[0])

    layers = [attention.layer for attention in layout_of(encoder)]
    handles = [layer.register_forward_hook(note) for layer in layers if layer is not None]
    with HeadTap(encoder).record(contexts=False, outputs=True) as record:
        last = encoder(**tiny.batch(model_type)).last_hidden_state
    for handle in handles:
        handle.remove()
    assert len(record.outputs) == tiny.LAYERS and not record.contexts
    if model_type != "albert":  # whose layers are one
        final_norm = tiny.LAYERS - (model_type == "gpt2")
        for found, wanted in list(zip(record.outputs, returned, strict=True))[:final_norm]:
            torch.testing.assert_close(found, wanted)
    gradients = torch.autograd.grad(last[0, 0, 0], record.outputs)
    assert all((gradient[0] != 0).any() and not gradient[1:].any() for gradient in gradients)
    if model_type != "modernbert":  # which has a norm after them
        torch.testing.assert_close(record.outputs[-1], last)


def test_replaced_by_each_pass_and_gone_afterwards() -> None:
    encoder, batch = tiny.encoder("bert"), tiny.batch("bert")
    tap = HeadTap(encoder)
    with tap.record(outputs=True) as record:
        encoder(**batch)
        encoder(**{name: values[:1] for name, values in batch.items()})
    assert [len(output) for output in record.outputs] == [1] * tiny.LAYERS
    assert encoder(**batch).hidden_states is None
    assert not encoder._forward_hooks and not encoder._forward_pre_hooks


def test_an_encoder_with_other_layers() -> None:
    """ALBERT's layers may be several in one."""
    encoder = tiny.encoder("albert", inner_group_num=2)
    with HeadTap(encoder).record(outputs=True):
        with pytest.raises(ValueError, match="6 layers with attention but hands out 4 hidden"):
            encoder(**tiny.batch("albert"))
