"""0/1 masks: where they come from and that they travel with the weights."""

from __future__ import annotations

import json

import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.gates import FixedGates, HeadGates, OpenGates

HEADS = [3, 2]
MASK = [[1, 0, 1], [0, 1]]
ARRAY = torch.tensor([[1.0, 0, 1], [0, 1, 0]])


@pytest.mark.parametrize("rows", [MASK, [[1, 0, 1], [0, 1, 0]]])
def test_from_a_list(rows) -> None:
    gates = HeadGates.from_params(Params({"type": "fixed", "mask": rows}), heads=HEADS)
    assert torch.equal(gates(), ARRAY) and torch.equal(gates.deterministic(), ARRAY)
    assert gates.penalty() is None and not list(gates.parameters())


def test_from_files(tmp_path) -> None:
    (tmp_path / "mask.json").write_text(json.dumps(MASK))
    numpy.save(tmp_path / "mask.npy", ARRAY.numpy())
    for name in ("mask.json", "mask.npy"):
        assert torch.equal(FixedGates(HEADS, pretrained_file=str(tmp_path / name))(), ARRAY)


def test_saved_with_the_weights() -> None:
    fresh = FixedGates(HEADS)
    assert torch.equal(fresh(), fresh.mask.float())
    fresh.load_state_dict(FixedGates(HEADS, mask=MASK).state_dict())
    assert torch.equal(fresh(), ARRAY)


@pytest.mark.parametrize(
    "mask,message",
    [
        ([[1, 1, 1]], "1 rows of .* but the encoder has 2 layers of"),
        ([[1, 1], [1, 1]], "rows of"),
        ([1, 0], "rows of"),
        ([[1, 0.5, 1], [0, 1]], "nothing but 0 and 1"),
        ([[1, "a", 1], [0, 1]], "nothing but 0 and 1"),
        ([[1, 1, 1], [0, 1, 1]], "opens a head of layer 1 behind its 2"),
        ([1, 1], "rows of"),
    ],
)
def test_bad_masks(mask, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        FixedGates(HEADS, mask=mask)


def test_bad_files(tmp_path) -> None:
    path = tmp_path / "mask.json"
    with pytest.raises(ConfigurationError, match="pretrained_file.*mask.json"):
        FixedGates(HEADS, pretrained_file=str(path))
    path.write_text("[[1, 0")
    with pytest.raises(ConfigurationError, match="cannot read 'pretrained_file'"):
        FixedGates(HEADS, pretrained_file=str(path))
    with pytest.raises(ConfigurationError, match="not both"):
        FixedGates(HEADS, mask=MASK, pretrained_file=str(path))
    for text in ("null", "3", '"mask"'):
        path.write_text(text)
        with pytest.raises(ConfigurationError, match="holds no rows"):
            FixedGates(HEADS, pretrained_file=str(path))
    numpy.save(tmp_path / "pickled.npy", numpy.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ConfigurationError, match="cannot read"):
        FixedGates(HEADS, pretrained_file=str(tmp_path / "pickled.npy"))


def test_open_is_the_default_and_multiplies_nothing() -> None:
    gates = HeadGates.from_params(Params({}), heads=HEADS)
    assert isinstance(gates, OpenGates) and gates() is None and gates.penalty() is None
    assert torch.equal(gates.deterministic(), torch.tensor([[1.0, 1, 1], [1, 1, 0]]))


def test_a_layer_without_heads_has_an_empty_row() -> None:
    gates = FixedGates([0, 2], mask=[[], [0, 1]])
    assert gates().tolist() == [[0, 0], [0, 1]]
    with pytest.raises(ConfigurationError, match="rows of"):
        FixedGates([0, 2], mask=[1, [0, 1]])  # type: ignore[list-item]


def test_binarize_replaces_the_mask() -> None:
    gates = FixedGates(HEADS)
    gates.binarize(ARRAY)
    assert gates.binary and torch.equal(gates(), ARRAY)
    assert torch.equal(gates.open_probability(), ARRAY) and gates.expected_open() is None
    assert gates.ranking().tolist() == [[1, 0, 1], [0, 1, float("-inf")]]


def test_open_gates_cannot_be_binarised() -> None:
    gates = OpenGates(HEADS)
    assert not gates.binary and gates.expected_open() is None
    assert torch.equal(gates.open_probability(), gates.mask.float())
    with pytest.raises(ConfigurationError, match="no head gates to binarise"):
        gates.binarize(ARRAY)
    with pytest.raises(ConfigurationError, match="'HeadGates' cannot be binarised"):
        HeadGates(HEADS).binarize(ARRAY)
