"""Which parameters of an attention block belong to single heads, and how its size is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from allennlp_heads.attention.emptied import Answer, as_deberta, as_list, as_tuple, with_cache

_QKV = ("query", "key", "value")


@dataclass(frozen=True)
class Recipe:
    """
    How heads are removed from one layer of an architecture.

    The output of each projection is cut into `parts` (query, key and value, where one projection
    yields all three), each part into heads.

    # Parameters

    block : `str`
        Dotted path, from the layer, of the module that computes the heads.
    projections : `Tuple[str, ...]`
        The block's projections to heads: query, key and value in this order, or one that yields
        all three.
    parts : `int`, optional (default = `1`)
    interleaved : `bool`, optional (default = `False`)
        One projection yields all three, and those of one head stand together.
    optional : `Tuple[str, ...]`, optional (default = `()`)
        Projections that only some configurations have.
    vectors : `Tuple[str, ...]`, optional (default = `()`)
        The block's own parameters `[heads * head_dim]`.
    roles : `Mapping[str, str]`, optional (default = `{}`)
        What each of `optional` and `vectors` belongs to: `"query"`, `"key"` or `"value"`.
    heads : `str`, optional (default = `"num_attention_heads"`)
        The block's attribute for its number of heads.
    widths : `Tuple[str, ...]`, optional (default = `("all_head_size",)`)
        The block's attributes for `heads * head_dim`.
    dropout : `str`, optional (default = `None`)
        The block's dropout after an output projection that it holds itself.
    answer : `Answer`, optional (default = `as_tuple`)
        What the block returns once it has no heads.
    obstacle : `Callable`, optional (default = `None`)
        `block -> ` why this block cannot lose heads, or `None`.
    afterwards : `Callable`, optional (default = `None`)
        `(block, its heads that stay)`: called once heads are removed and some are left.
    """

    block: str
    projections: tuple[str, ...]
    parts: int = 1
    interleaved: bool = False
    optional: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict, hash=False)
    heads: str = "num_attention_heads"
    widths: tuple[str, ...] = ("all_head_size",)
    dropout: str | None = None
    answer: Answer = as_tuple
    obstacle: Callable[[torch.nn.Module], str | None] | None = None
    afterwards: Callable[[torch.nn.Module, Sequence[int]], None] | None = None

    def head_tensors(self, block: torch.nn.Module, output: torch.nn.Module) -> list[HeadTensor]:
        """All parameters of one layer that are divided among its heads."""
        tensors = [
            HeadTensor(block, name, 0, is_bias=True, roles=self._roles(name))
            for name in self.vectors
        ]
        tensors.append(HeadTensor(output, "weight", _input_dim(output), roles=("output",)))
        for name in (*self.projections, *(n for n in self.optional if hasattr(block, n))):
            module, roles = block.get_submodule(name), self._roles(name)
            tensors.append(
                HeadTensor(module, "weight", 1 - _input_dim(module), self.parts, roles=roles)
            )
            if module.bias is not None:
                tensors.append(HeadTensor(module, "bias", 0, self.parts, True, roles))
        return tensors

    def _roles(self, name: str) -> tuple[str, ...]:
        if name in self.roles:
            return (self.roles[name],)
        if self.interleaved or self.parts == len(_QKV):
            return _QKV
        if len(self.projections) == len(_QKV) and name in self.projections:
            return (_QKV[self.projections.index(name)],)
        return ()


@dataclass(frozen=True)
class HeadTensor:
    """
    A parameter that is divided among heads along one dimension.

    # Parameters

    module : `torch.nn.Module`
    name : `str`
        The parameter is the module's attribute of this name.
    dim : `int`
    parts : `int`, optional (default = `1`)
        Consecutive parts of the dimension, each of which is divided among all heads.
    is_bias : `bool`, optional (default = `False`)
    roles : `Tuple[str, ...]`, optional (default = `()`)
        What it holds: one of `"query"`, `"key"`, `"value"` and `"output"`, or, one after the other,
        the first three, part by part or, where there is one part only, within each head. Empty
        where the recipe does not say.
    """

    module: torch.nn.Module
    name: str
    dim: int
    parts: int = 1
    is_bias: bool = False
    roles: tuple[str, ...] = ()

    @property
    def parameter(self) -> torch.nn.Parameter:
        """The parameter as it is now."""
        return getattr(self.module, self.name)

    def of_heads(self, heads: int) -> torch.Tensor:
        """A detached copy `[heads, parameters of a head]`."""
        parts = self.parameter.detach().unflatten(self.dim, (self.parts, heads, -1))
        return parts.movedim(self.dim + 1, 0).flatten(1)

    def keep(self, kept: Sequence[int], heads: int) -> None:
        """Cut the parameter down to the heads `kept` out of `heads`."""
        old = self.parameter
        index = torch.arange(old.size(self.dim), device=old.device).view(self.parts, heads, -1)
        index = index[:, list(kept)].flatten()
        cut = old.detach().index_select(self.dim, index)
        setattr(self.module, self.name, torch.nn.Parameter(cut, old.requires_grad))
        if self.name == "weight":
            _tell_size(self.module)


def _input_dim(projection: torch.nn.Module) -> int:
    """The GPT family's `Conv1D` stores its weight transposed."""
    return 1 if isinstance(projection, torch.nn.Linear) else 0


def _tell_size(projection: Any) -> None:
    weight = projection.weight
    if isinstance(projection, torch.nn.Linear):
        projection.out_features, projection.in_features = weight.shape
    else:
        projection.nf = weight.shape[1]


def _pick_position_bias(block: Any, kept: Sequence[int]) -> None:
    """MPNet: all layers are handed one position bias for all heads there once were."""
    if hasattr(block, "position_bias_heads"):
        block.position_bias_heads = block.position_bias_heads[list(kept)]
        return
    device = next(block.parameters()).device
    heads = torch.tensor(list(kept), device=device)
    # not persistent: whoever loads the weights has removed the same heads before
    block.register_buffer("position_bias_heads", heads, persistent=False)
    block.register_forward_pre_hook(_of_heads_that_stay, with_kwargs=True)


def _of_heads_that_stay(
    block: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    given = inspect.signature(block.forward).bind(*args, **kwargs)
    if given.arguments.get("position_bias") is not None:
        bias = given.arguments["position_bias"][:, block.position_bias_heads]
        given.arguments["position_bias"] = bias
    return given.args, given.kwargs


def _talking_heads(block: torch.nn.Module) -> str | None:
    if getattr(block, "talking_head", False):
        return "its heads talk to each other (talking_head), so none can go alone"
    return None


BERT = Recipe("attention.self", ("query", "key", "value"))
DISTILBERT = Recipe("attention", ("q_lin", "k_lin", "v_lin"), heads="n_heads", widths=("dim",))
MPNET = Recipe("attention.attn", ("q", "k", "v"), afterwards=_pick_position_bias)
GPT = Recipe(
    "attn",
    ("c_attn",),
    parts=3,
    heads="n_head",
    widths=("split_size",),
    dropout="resid_dropout",
    answer=as_list,
)
GPT2 = Recipe(
    "attn",
    ("c_attn",),
    parts=3,
    heads="num_heads",
    widths=("split_size", "embed_dim"),
    dropout="resid_dropout",
    answer=with_cache,
)
MODERNBERT = Recipe("attn", ("Wqkv",), parts=3, heads="num_heads", dropout="out_drop")
DEBERTA = Recipe(
    "attention.self",
    ("in_proj",),
    interleaved=True,
    optional=("pos_proj", "pos_q_proj"),
    vectors=("q_bias", "v_bias"),
    roles={"pos_proj": "key", "pos_q_proj": "query", "q_bias": "query", "v_bias": "value"},
    answer=as_deberta,
    obstacle=_talking_heads,
)
DEBERTA_V2 = Recipe(
    "attention.self",
    ("query_proj", "key_proj", "value_proj"),
    optional=("pos_key_proj", "pos_query_proj"),
    roles={"pos_key_proj": "key", "pos_query_proj": "query"},
    answer=as_deberta,
)
