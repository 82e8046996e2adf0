"""Gradients of single examples with respect to an encoder's own parameters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from torch.nn.functional import layer_norm

from allennlp_heads.collect.embedding.moments import PARAMETER
from allennlp_heads.collect.embedding.rows import Part, Rows

Call = tuple[torch.Tensor, torch.Tensor]
"""Input and output of a module."""
Parts = Callable[[Sequence[torch.Tensor]], Iterator[Part]]
"""The gradients of some tensors -> what each example adds to components."""

_KINDS = (torch.nn.Linear, torch.nn.LayerNorm)


def chosen_parameters(encoder: torch.nn.Module, patterns: Sequence[str]) -> dict[str, list[str]]:
    """
    The names of the parameters in which one of the regular expressions is found, by the name of
    their module.

    Raises `ConfigurationError` for one that is no regular expression, finds nothing, or finds a
    parameter of other modules than linear layers and layer norms.
    """
    names = [name for name, _ in encoder.named_parameters()]
    chosen: dict[str, list[str]] = defaultdict(list)
    for pattern in patterns:
        try:
            found = [name for name in names if re.search(pattern, name)]
        except re.error as error:
            raise ConfigurationError(
                f"'components': {pattern!r} is no regular expression ({error})"
            ) from error
        if not found:
            raise ConfigurationError(
                f"'components': {pattern!r} is in the name of no parameter of the encoder, which "
                f"are like {names[-1]!r}; give layer_outputs, head_contexts, pooled or a regular "
                "expression of such names"
            )
        for name in found:
            module, _, own = name.rpartition(".")
            _check_kind(encoder.get_submodule(module), name, pattern)
            if own not in chosen[module]:
                chosen[module].append(own)
    return dict(chosen)


def _check_kind(module: torch.nn.Module, name: str, pattern: str) -> None:
    if not isinstance(module, _KINDS):
        raise ConfigurationError(
            f"'components': {pattern!r} is also in {name!r}, of a {type(module).__name__}, but "
            "gradients of single examples are computed for parameters of Linear and LayerNorm "
            "only: make the expression narrower"
        )


class ParameterCalls:
    """
    Notes what modules are given and return, from which their parameters' gradients follow.

    # Parameters

    chosen : `Dict[str, List[str]]`
        The own names of parameters by the names of modules.
    """

    def __init__(self, chosen: dict[str, list[str]]) -> None:
        self._chosen = chosen
        self._modules: dict[str, torch.nn.Module] = {}
        self._calls: dict[str, list[Call]] = defaultdict(list)

    @contextmanager
    def watched(self, encoder: torch.nn.Module) -> Iterator[None]:
        """Note the calls of each forward pass while the context manager is open."""
        self._modules = {name: encoder.get_submodule(name) for name in self._chosen}
        with ExitStack() as stack:
            for name, module in self._modules.items():
                handle = module.register_forward_hook(partial(self._note, name))
                stack.callback(handle.remove)
            yield

    def _note(self, name: str, module: torch.nn.Module, args: Any, output: torch.Tensor) -> None:
        self._calls[name].append((args[0].detach(), output))

    def places(self, rows: Rows) -> Iterator[tuple[list[torch.Tensor], Parts]]:
        """
        For each module its outputs in the last forward pass, and what their gradients say.

        Raises `ConfigurationError` for a module that several examples share a call of.
        """
        for name, calls in self._calls.items():
            outputs = [output for _, output in calls]
            if any(output.size(0) != rows.number for output in outputs):
                raise ConfigurationError(
                    f"'components': the parameters of {name!r} are used for what examples share, "
                    "so that there is no gradient of each: choose others"
                )
            # ALBERT calls a module once for each of its layers, and their gradients add up
            inputs = _joined([given for given, _ in calls])
            yield outputs, partial(self._parts, name, rows, inputs)
        self._calls.clear()

    def _parts(
        self, name: str, rows: Rows, inputs: torch.Tensor, gradients: Sequence[torch.Tensor]
    ) -> Iterator[Part]:
        module, gradient = self._modules[name], _joined(gradients)
        for own in self._chosen[name]:
            component = f"{PARAMETER}{name}.{own}"
            if own == "bias":
                yield Part(component, 0, rows.sums(gradient.sum(1)))
            elif isinstance(module, torch.nn.LayerNorm):
                normal = layer_norm(inputs, module.normalized_shape, eps=module.eps)
                yield Part(component, 0, rows.sums((gradient * normal).sum(1)))
            else:
                yield from _of_weight(component, rows, inputs, gradient)


def _of_weight(
    component: str, rows: Rows, inputs: torch.Tensor, gradient: torch.Tensor
) -> Iterator[Part]:
    """Example by example: together they would take the memory of a model each."""
    for example in range(rows.examples):
        given, wanted = (rows.of(example, one).flatten(0, 1) for one in (inputs, gradient))
        yield Part(component, example, (wanted.T @ given).unsqueeze(0))


def _joined(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """`[rows, dim]` or `[rows, tokens, dim]` -> `[rows, all tokens, dim]`."""
    return torch.cat([one.unsqueeze(1) if one.dim() == 2 else one for one in tensors], 1)
