"""What three workers measure together is what one process measures, in each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.distributed.launch import run_workers
from tests.distributed_callbacks.analyses import EMBEDDING, IMPORTANCE, TASKS, analyses

WORLD = 3


@pytest.fixture(scope="module")
def alone(tiny_bert: str, fixtures_root: Path) -> dict[str, Any]:
    return analyses(tiny_bert, fixtures_root)


@pytest.fixture(scope="module")
def workers(tiny_bert: str, fixtures_root: Path) -> list[dict[str, Any]]:
    return run_workers(analyses, WORLD, tiny_bert, fixtures_root)


def assert_same(found: Any, wanted: Any, tolerance: float, where: str) -> None:
    """Numbers within a relative tolerance, all else equal."""
    if hasattr(wanted, "__dict__"):
        found, wanted = vars(found), vars(wanted)
    if isinstance(wanted, dict):
        assert list(found) == list(wanted), where
        for key, value in wanted.items():
            assert_same(found[key], value, tolerance, f"{where}, {key}")
    elif isinstance(wanted, (list, tuple)):
        assert len(found) == len(wanted), where
        for place, value in enumerate(wanted):
            assert_same(found[place], value, tolerance, f"{where}, {place}")
    elif isinstance(wanted, (numpy.ndarray, float)):
        numpy.testing.assert_allclose(found, wanted, tolerance, tolerance, err_msg=where)
    else:
        assert found == wanted, where


@pytest.mark.parametrize("name", IMPORTANCE)
def test_importance(name: str, alone: dict[str, Any], workers: list[dict[str, Any]]) -> None:
    wanted = alone["importance"][name]
    for found in (worker["importance"][name] for worker in workers):
        assert_same(found, wanted, 1e-6, name)
        for task in TASKS:
            # not nearly: masks and decisions must not depend on the worker
            assert numpy.array_equal(
                found[task]["values"], workers[0]["importance"][name][task]["values"]
            )
            assert numpy.array_equal(found[task]["mask"], wanted[task]["mask"])


def test_scores_under_masks(alone: dict[str, Any], workers: list[dict[str, Any]]) -> None:
    for worker in workers:
        assert_same(worker["masked"], alone["masked"], 1e-6, "masked")


@pytest.mark.parametrize("name", EMBEDDING)
def test_embeddings(name: str, alone: dict[str, Any], workers: list[dict[str, Any]]) -> None:
    for worker in workers:
        assert_same(worker["embedding"][name], alone["embedding"][name], 1e-9, name)
        assert_same(worker["embedding"][name], workers[0]["embedding"][name], 0.0, name)


def test_embeddings_of_texts(alone: dict[str, Any], workers: list[dict[str, Any]]) -> None:
    for worker in workers:
        assert_same(worker["text"], alone["text"], 1e-9, "text")


def test_probes(alone: dict[str, Any], workers: list[dict[str, Any]]) -> None:
    for worker in workers:
        assert_same(worker["probes"], alone["probes"], 1e-6, "probes")


def test_nothing_is_disturbed(alone: dict[str, Any], workers: list[dict[str, Any]]) -> None:
    assert all(found["left as it was"] for found in (alone, *workers))
