"""Encoders that can shrink, random masks, and what a mask should leave of an encoder."""

from __future__ import annotations

import copy
import functools
from typing import Any

import torch
import transformers
from hypothesis import strategies as st

import tests.tiny as tiny
from allennlp_heads.attention import HeadTap

Mask = tuple[tuple[bool, ...], ...]
"""`[layers][heads]`: which heads stay."""

SHRINKING = [model_type for model_type in tiny.MODEL_TYPES if model_type != "albert"]
_VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("bert", {"position_embedding_type": "relative_key_query"}),
    ("deberta", {"pos_att_type": ["c2p"]}),
    ("deberta", {"relative_attention": False, "pos_att_type": []}),
    ("deberta-v2", {"share_att_key": False, "conv_kernel_size": 3}),
    ("gpt2", {"scale_attn_by_inverse_layer_idx": True, "reorder_and_upcast_attn": True}),
    *([("modernbert", {"attention_bias": True})] if "modernbert" in tiny.MODEL_TYPES else []),
]
IMPLEMENTATIONS = [
    (model_type, {"attn_implementation": implementation})
    for model_type in SHRINKING
    for implementation in ("eager", "sdpa")
    if implementation == "eager" or tiny.encoder(model_type)._supports_sdpa
]
CASES = [
    *IMPLEMENTATIONS,
    *((kind, {**o, "attn_implementation": "eager"}) for kind, o in _VARIANTS),
]


def case_name(value: object) -> str:
    """What pytest calls a case."""
    if isinstance(value, dict):
        return "-".join(f"{key}={value[key]}" for key in value) or "plain"
    return str(value)


# in which the library computes some steps in single precision, or overflows in double
_SINGLE = {"deberta", "gpt2"}


@functools.cache
def _encoder(model_type: str, options: tuple[tuple[str, Any], ...]) -> Any:
    return tiny.encoder(model_type, **{key: copy.deepcopy(value) for key, value in options})


def fresh(model_type: str, options: dict[str, Any]) -> transformers.PreTrainedModel:
    """A copy of the one random encoder of this kind, in double precision where it can be."""
    frozen = tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in options.items())
    encoder = copy.deepcopy(_encoder(model_type, frozen))
    return encoder if model_type in _SINGLE else encoder.double()


def close(
    first: torch.Tensor, second: torch.Tensor, single: float = 5e-6, double: float = 1e-10
) -> bool:
    """Whether all differences are as small as the precision promises."""
    tolerance = single if first.dtype == torch.float else double
    return torch.allclose(first, second, rtol=0, atol=tolerance)


_layer = st.one_of(
    st.just((False,) * tiny.HEADS),
    st.tuples(*[st.booleans()] * tiny.HEADS),
)
masks = st.tuples(*[_layer] * tiny.LAYERS).filter(lambda mask: any(map(any, mask)))
"""Masks of any pattern that keep a head; layers without heads are frequent."""


def removed(mask: Mask) -> dict[int, list[int]]:
    """The heads that a mask does not keep, as `remove_heads` takes them."""
    return {
        layer: [head for head, kept in enumerate(row) if not kept] for layer, row in enumerate(mask)
    }


def run(
    encoder: transformers.PreTrainedModel, batch: dict[str, torch.Tensor], **more: Any
) -> torch.Tensor:
    """Hidden states, 0 where there is padding."""
    return encoder(**batch, **more).last_hidden_state * batch["attention_mask"][..., None]


def run_masked(
    encoder: transformers.PreTrainedModel, mask: Mask, batch: dict[str, torch.Tensor]
) -> torch.Tensor:
    """Hidden states of the unpruned encoder with gates of 0 and 1."""
    with HeadTap(encoder).scale(torch.tensor(mask, dtype=torch.float)):
        return run(encoder, batch)


def gradients(encoder: transformers.PreTrainedModel) -> dict[str, torch.Tensor]:
    """Of every parameter that has one."""
    return {name: p.grad for name, p in encoder.named_parameters() if p.grad is not None}
