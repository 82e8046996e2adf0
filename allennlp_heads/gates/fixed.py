"""A 0/1 mask over heads."""

from pathlib import Path
from typing import Any, Optional

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import one_line, whole_text
from allennlp_heads.gates.head_gates import HeadGates


@HeadGates.register("fixed")
class FixedGates(HeadGates):
    """
    A 0/1 mask that training does not change. It is saved with the weights, so an archive needs no
    file.

    Registered as `"fixed"`.

    # Parameters

    heads : `List[int]`
        Number of heads of each layer, given by the encoder.
    mask : `List[List[float]]`, optional (default = `None`)
        One row of 0s and 1s a layer.
    pretrained_file : `str`, optional (default = `None`)
        A `.json` file with such rows or a `.npy` file `[layers, heads]`. With neither, all heads
        are open until weights are loaded.

    Raises `ConfigurationError` for a shape that does not fit the encoder or values other than 0
    and 1.
    """

    gates: torch.Tensor

    def __init__(
        self,
        heads: list[int],
        mask: Optional[list[list[float]]] = None,
        pretrained_file: Optional[str] = None,
    ) -> None:
        super().__init__(heads)
        if mask is not None and pretrained_file is not None:
            raise ConfigurationError(
                "gates 'fixed': give either 'mask' or 'pretrained_file', not both"
            )
        source = "'mask'"
        if pretrained_file is not None:
            source, mask = f"'pretrained_file' ({pretrained_file})", _read(pretrained_file)
        gates = self.mask.float() if mask is None else _rows(mask, heads, source)
        self.register_buffer("gates", gates)

    def forward(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        return self.gates

    def deterministic(self, task: Optional[str] = None) -> torch.Tensor:
        return self.gates * self.mask

    def binarize(self, kept: torch.Tensor, task: Optional[str] = None) -> None:
        self.gates.copy_(self._checked(kept))

    @property
    def binary(self) -> bool:
        return True


def _read(path: str) -> list[Any]:
    try:
        if Path(path).suffix == ".npy":
            rows = numpy.load(path, allow_pickle=False).tolist()
        else:
            rows = load_json(whole_text(path))
    except Exception as error:  # whatever NumPy makes of files that are not its own
        raise ConfigurationError(
            one_line(f"gates 'fixed': cannot read 'pretrained_file' {path}: {error}")
        ) from error
    if not isinstance(rows, list):
        raise ConfigurationError(f"gates 'fixed': 'pretrained_file' {path} holds no rows of heads")
    return rows


def _rows(mask: Any, heads: list[int], source: str) -> torch.Tensor:
    # rows may leave out the cells that a narrower layer does not have
    shape = [len(row) if isinstance(row, list) else -1 for row in mask or []]
    if len(shape) != len(heads) or any(n not in (h, max(heads)) for n, h in zip(shape, heads)):
        raise ConfigurationError(
            f"gates 'fixed': {source} has {len(shape)} rows of {sorted(set(shape))} numbers, but "
            f"the encoder has {len(heads)} layers of {sorted(set(heads))} heads"
        )
    gates = torch.zeros(len(heads), max(heads))
    for layer, row in enumerate(mask):
        if not all(value in (0, 1) for value in row):
            raise ConfigurationError(f"gates 'fixed': {source} must hold nothing but 0 and 1")
        if any(row[heads[layer] :]):
            raise ConfigurationError(
                f"gates 'fixed': {source} opens a head of layer {layer} behind its "
                f"{heads[layer]}: give a number for each head that the layer has now"
            )
        gates[layer, : heads[layer]] = torch.tensor(row[: heads[layer]], dtype=torch.float)
    return gates
