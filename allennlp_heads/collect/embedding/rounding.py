"""Components without any information: nothing but zeros, or but rounding."""

from __future__ import annotations

import numpy
from allennlp.common.checks import ConfigurationError

SMALLEST = 1e-10
"""Of the largest component's norm; what is smaller is rounding, in squares of `float32`."""

Components = dict[str, numpy.ndarray]
LeftOut = dict[str, str]
"""Reasons by component."""


def without_zeros(
    components: Components, task: str, mode: str
) -> tuple[Components, dict[str, str]]:
    """
    Leave components out that say nothing, since a similarity of their rounding would look like one.

    # Parameters

    components : `Dict[str, numpy.ndarray]`
    task : `str`
        For messages.
    mode : `str`
        See `EmbeddingOptions`; the limit is `1e-10` for squares, and its root for gradients.

    # Returns

    `Tuple[Dict[str, numpy.ndarray], Dict[str, str]]`
        Those that are left, and why each of the others is not.

    Raises `ConfigurationError` where none is left and for numbers that are not finite.
    """
    norms = {name: float(numpy.linalg.norm(values)) for name, values in components.items()}
    for name, norm in norms.items():
        if not numpy.isfinite(norm):
            raise ConfigurationError(
                f"the embedding of the task '{task}' has {name} = {norm}, or squares that are not "
                "finite: has training diverged?"
            )
    heads = {name for name in norms if name.startswith("heads.")}
    largest = max((norm for name, norm in norms.items() if name not in heads), default=0.0)
    smallest = SMALLEST**0.5 if mode == "mean_gradient" else SMALLEST
    left_out: LeftOut = {}
    for name, norm in norms.items():
        if norm == 0:
            left_out[name] = "all its values are 0"
        elif name not in heads and norm < smallest * largest:
            left_out[name] = f"its norm is {norm / largest:.0e} of the largest one: rounding"
    kept = {name: values for name, values in components.items() if name not in left_out}
    if components and not kept:
        raise ConfigurationError(
            f"the loss of the task '{task}' has no slope anywhere in the encoder, so that it has "
            "no embedding. Most often all of its training examples have the same label; else its "
            "head does not read the encoder's vectors. Without embeddings a grid runs with "
            "'embeddings: null'"
        )
    return kept, left_out
