"""An embedding of a task: arrays by name, and what they were computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.transfer import KINDS, kind_of

_GRIDS = "heads."


@dataclass(frozen=True, eq=False)
class Embedding:
    """
    An embedding of one task.

    # Parameters

    task : `str`
    components : `Dict[str, numpy.ndarray]`
        Become `float32`. `text`, `layer_output.{layer}`, `head_context.{layer}`, `pooled` and
        `parameter.{name}`: `[dim]`, layers from 0; `heads.importance`, `heads.gate_fisher` and
        `heads.learned_gates`: `[layers, heads]`, heads numbered as in the pretrained encoder.
    manifest : `Dict[str, Any]`
        What they were computed from; see `manifest_of`.
    path : `Path`, optional (default = `None`)
        The file of the manifest it was read from, for messages.

    Raises `ConfigurationError` where there is no component, one has another shape, is empty, or
    holds what is no finite `float32`.
    """

    task: str
    components: dict[str, numpy.ndarray]
    manifest: dict[str, Any]
    path: Path | None = field(default=None)

    def __post_init__(self) -> None:
        if not self.components:
            raise ConfigurationError(f"{self.name} has no component: ask for at least one kind")
        arrays = {name: _as_float32(value) for name, value in self.components.items()}
        for name, array in arrays.items():
            self._check(name, array)
        object.__setattr__(self, "components", arrays)

    @property
    def name(self) -> str:
        """What the user knows it by: its file, or else its task."""
        return str(self.path or f"the embedding of the task '{self.task}'")

    @property
    def kinds(self) -> list[str]:
        """Those of `KINDS` that it has a component of."""
        found = {kind_of(name) for name in self.components}
        return [kind for kind in KINDS if kind in found]

    @property
    def zeros(self) -> list[str]:
        """Names of the components that are zero throughout: these point nowhere."""
        return [name for name, array in self.components.items() if not array.any()]

    def said(self, *keys: str) -> Any:
        """What the manifest says under these keys, one inside the other; `None` where nothing."""
        found: Any = self.manifest
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _check(self, name: str, array: numpy.ndarray) -> None:
        dimensions = 2 if name.startswith(_GRIDS) else 1
        if array.ndim != dimensions or not array.size:
            wanted = "[layers, heads]" if dimensions == 2 else "[dim]"
            raise ConfigurationError(
                f"{self.name}: the component '{name}' has the shape {list(array.shape)}, but "
                f"{wanted} is wanted: compute it again with 'allennlp heads embed'"
            )
        bad = int((~numpy.isfinite(array)).sum())
        if bad:
            raise ConfigurationError(
                f"{self.name}: {bad} of the {array.size} numbers of the component '{name}' are not "
                "finite: has training diverged? Train again, and compute the embedding again"
            )


def _as_float32(value: Any) -> numpy.ndarray:
    with numpy.errstate(over="ignore", under="ignore"):  # what overflows is refused as not finite
        return numpy.asarray(value).astype(numpy.float32)
