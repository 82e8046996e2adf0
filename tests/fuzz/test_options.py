"""Masks, gates, samplers: numbers that make no sense are refused, others mean what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.masks import random_mask, top_mask
from allennlp_heads.data.data_loaders import EpochSampler
from allennlp_heads.data.data_loaders.order import BatchOrder
from allennlp_heads.gates import HeadGates
from tests.fuzz.mutations import changed_bytes

NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, 1e-300, 1e300, float("nan"), float("inf")])
PHASES = st.fixed_dictionaries(
    {"task": st.sampled_from(["pos", "a", "x"])},
    optional={
        "share": NUMBERS,
        "steps": st.integers(-1, 4),
        "part": st.lists(NUMBERS, max_size=3),
        "head": st.sampled_from(["keep", "reset", "x"]),
    },
)
HEADS = st.lists(st.integers(1, 5), min_size=1, max_size=4)
MASK = [[1, 0, 1], [0, 1, 1]]


def test_files_of_masks_that_are_a_little_wrong(tmp_path: Path) -> None:
    numpy.save(tmp_path / "right.npy", numpy.array(MASK))
    seeds = [(tmp_path / "right.npy").read_bytes(), json.dumps(MASK).encode()]

    @given(content=changed_bytes(seeds))
    def check(content: bytes) -> None:
        for name in ("mask.npy", "mask.json"):
            (tmp_path / name).write_bytes(content)
            params = Params({"type": "fixed", "pretrained_file": str(tmp_path / name)})
            try:
                gates = HeadGates.from_params(params, heads=[3, 3])
            except ConfigurationError as error:
                assert str(error).isprintable()
            else:
                assert set(gates.deterministic().unique().tolist()) <= {0.0, 1.0}

    check()


@given(heads=HEADS, data=st.data())
def test_masks_come_back_from_their_files(
    tmp_path_factory: pytest.TempPathFactory, heads: list[int], data: st.DataObject
) -> None:
    rows = [data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)) for n in heads]
    path = tmp_path_factory.getbasetemp() / "mask.json"
    path.write_text(json.dumps(rows))
    params = Params({"type": "fixed", "pretrained_file": str(path)})
    found = HeadGates.from_params(params, heads=heads).deterministic()
    assert [row[:n].tolist() for row, n in zip(found, heads)] == rows


@given(
    kind=st.sampled_from(["fixed", "hard_concrete", "per_task", "open"]),
    options=st.fixed_dictionaries(
        {},
        optional={
            "mask": st.lists(st.lists(NUMBERS, max_size=4), max_size=3),
            "coefficient": NUMBERS,
            "temperature": NUMBERS,
            "stretch": st.tuples(NUMBERS, NUMBERS),
            "start": st.sampled_from(["open", "even", ""]) | NUMBERS,
            "tasks": st.lists(st.text(max_size=3)),
            "overlap": NUMBERS,
        },
    ),
)
def test_options_of_gates(kind: str, options: dict[str, Any]) -> None:
    try:
        gates = HeadGates.from_params(Params({"type": kind, **options}), heads=[3, 2])
        found = [gates.deterministic(task) for task in gates.tasks or (None,)]
    except ConfigurationError:
        return
    assert all(torch.isfinite(grid).all() and grid.shape == (2, 3) for grid in found)


@given(heads=HEADS, keep=st.integers(-3, 30), seed=st.integers(0, 5))
def test_random_masks(heads: list[int], keep: int, seed: int) -> None:
    if not 1 <= keep <= sum(heads):
        with pytest.raises(ValueError, match="keep"):
            random_mask(heads, keep, seed)
        return
    mask = random_mask(heads, keep, seed)
    assert mask.sum() == keep and not any(row[n:].any() for row, n in zip(mask, heads))


@given(
    scores=st.lists(st.sampled_from([0.0, 1.0, -1.0, float("nan"), 2.5]), min_size=6, max_size=6),
    alpha=st.floats(allow_nan=True),
)
def test_masks_of_the_best(scores: list[float], alpha: float) -> None:
    grid = numpy.array(scores).reshape(2, 3)
    try:
        mask = top_mask(grid, alpha)
    except ValueError:
        return
    worst, others = grid[mask].min(), grid[~mask]
    assert 0 < alpha <= 1 and mask.any()
    assert numpy.isfinite(grid).all() and (others <= worst).all()


@given(
    kind=st.sampled_from(["proportional_power", "annealed", "phases"]),
    options=st.fixed_dictionaries(
        {},
        optional={
            "exponent": NUMBERS,
            "first": NUMBERS,
            "last": NUMBERS,
            "epochs": st.integers(-2, 5),
            "rounds": st.integers(-2, 3),
            "phases": st.lists(PHASES, max_size=3),
        },
    ),
    counts=st.dictionaries(st.sampled_from(["pos", "a"]), st.integers(1, 9), min_size=1),
)
def test_options_of_samplers(kind: str, options: dict[str, Any], counts: dict[str, int]) -> None:
    try:
        sampler = EpochSampler.from_params(Params({"type": kind, **options}))
        sampler.check(sorted(counts))
        length = sampler.default_length(counts)
        order = BatchOrder(sampler, counts, length, 0).of_epoch(0)
    except ConfigurationError:
        return
    assert order
    for task, index in order:
        assert 0 <= index < counts[task]
