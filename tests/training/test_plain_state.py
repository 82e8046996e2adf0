import io
from collections import Counter, OrderedDict, defaultdict, deque
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

from allennlp_heads.training.plain_state import plain_state


class Share(float):
    pass


def safely_saved(state: Any) -> Any:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


STATE = {
    "float": numpy.float64(0.1),
    "float32": numpy.float32(0.1),
    "int": numpy.int64(2**53 + 1),
    "bool": numpy.bool_(True),
    numpy.int64(3): "numpy key",
    "own": Share(0.5),
    "path": Path("a") / "b",
    "nested": [({"x": numpy.float32(1.5)},), None, "text", b"bytes", True, 2j],
    "counts": Counter("aab"),
    "default": defaultdict(list, {"a": [numpy.int32(1)]}),
    "ordered": OrderedDict(b=1, a=2),
    "queue": deque([1, numpy.float32(2)]),
    "set": {1, 2},
    "frozen": frozenset([3]),
    "size": torch.Size([2]),
    "dtype": torch.float16,
}


def test_everything_comes_back_with_its_value() -> None:
    unreadable: list[str] = []
    found = safely_saved(plain_state(STATE, "state", unreadable))
    assert unreadable == []
    wanted = {**STATE, "path": "a/b", "queue": [1, 2.0], "float32": float(numpy.float32(0.1))}
    assert found == wanted
    assert list(found) == list(STATE) and list(found["ordered"]) == ["b", "a"]
    assert type(found["float"]) is float and type(found["int"]) is int
    assert type(found["bool"]) is bool and type(found["own"]) is float


def test_without_it_the_safe_loader_refuses() -> None:
    with pytest.raises(Exception, match="Weights only"):
        safely_saved({"float": numpy.float64(0.1)})


def test_arrays_become_tensors_and_tensors_are_shared() -> None:
    tensor = torch.ones(2)
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.tag = Share(1)  # type: ignore[attr-defined]
    state = {"array": numpy.arange(3), "tensor": tensor, "parameter": parameter}
    found = plain_state(state)
    assert found["tensor"] is tensor
    assert found["parameter"].data_ptr() == parameter.data_ptr()
    loaded = safely_saved(found)
    assert loaded["array"].tolist() == [0, 1, 2] and loaded["parameter"].tolist() == [1, 1]


def test_the_state_itself_is_not_changed() -> None:
    state = {"list": [numpy.float32(1)]}
    plain_state(state)
    assert type(state["list"][0]) is numpy.float32


def test_what_cannot_be_read_back_is_named() -> None:
    unreadable: list[str] = []
    thing = object()
    found = plain_state({"callbacks": [{}, {"thing": thing}]}, "training state", unreadable)
    assert found["callbacks"][1]["thing"] is thing
    assert unreadable == ["training state['callbacks'][1]['thing'] is a builtins.object"]
