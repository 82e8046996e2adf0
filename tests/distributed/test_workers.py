"""What the workers of a distributed training tell each other, compared with one process."""

from typing import Any

import pytest
import torch

from allennlp_heads.distributed import (
    barrier,
    broadcast_from_primary,
    gather_objects,
    gather_rows,
    is_primary,
    rank,
    sum_over_workers,
    world_size,
)
from tests.distributed.launch import run_workers

WORLD = 3
DTYPES = [torch.double, torch.float, torch.half, torch.bfloat16, torch.long, torch.bool]


def _rows(worker: int, dtype: torch.dtype) -> torch.Tensor:
    # worker 1 has none
    return torch.arange(6.0).view(3, 2).add(worker)[: [3, 0, 2][worker]].to(dtype)


def everything() -> dict[str, Any]:
    own = torch.tensor([[1.5, 2.0]], requires_grad=True) * (rank() + 1)
    total = sum_over_workers(own)
    barrier()
    return {
        "rank": rank(),
        "world": world_size(),
        "primary": is_primary(),
        "sum": (total, own.detach()),
        "sums": [sum_over_workers(_rows(0, dtype).t()) for dtype in DTYPES],
        "rows": [gather_rows(_rows(rank(), dtype)) for dtype in DTYPES],
        "none": gather_rows(torch.zeros(0, 4, dtype=torch.long)),
        "objects": gather_objects({"rank": rank()}),
        "first": broadcast_from_primary(["of", rank()]),
    }


def test_of_three_workers() -> None:
    results = run_workers(everything, WORLD)
    assert [result["rank"] for result in results] == [0, 1, 2]
    assert [result["primary"] for result in results] == [True, False, False]
    for number, result in enumerate(results):
        assert result["world"] == WORLD
        total, own = result["sum"]
        assert total.tolist() == [[9.0, 12.0]] and not total.requires_grad
        assert own.tolist() == [[1.5 * (number + 1), 2.0 * (number + 1)]]
        assert result["objects"] == [{"rank": 0}, {"rank": 1}, {"rank": 2}]
        assert result["first"] == ["of", 0]
        assert result["none"].shape == (0, 4) and result["none"].dtype == torch.long
        for dtype, rows, sums in zip(DTYPES, result["rows"], result["sums"]):
            expected = torch.cat([_rows(worker, dtype) for worker in range(WORLD)])
            assert rows.dtype == dtype and rows.equal(expected)
            assert sums.dtype == dtype and sums.equal((_rows(0, dtype).t() * WORLD).to(dtype))


def test_of_one_process_without_distributed_training() -> None:
    result = everything()
    assert (result["rank"], result["world"], result["primary"]) == (0, 1, True)
    assert result["sum"][0].tolist() == [[1.5, 2.0]] and not result["sum"][0].requires_grad
    assert result["objects"] == [{"rank": 0}] and result["first"] == ["of", 0]
    for dtype, rows in zip(DTYPES, result["rows"]):
        assert rows.equal(_rows(0, dtype))


def fail_in_one() -> None:
    if rank() == 1:
        raise ValueError("worker one cannot")
    barrier()


def test_an_exception_of_a_worker_comes_with_its_traceback() -> None:
    with pytest.raises(AssertionError, match="fail_in_one\n(.*\n)*.*worker one cannot"):
        run_workers(fail_in_one)
