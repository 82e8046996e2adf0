"""What is sent of the gradients in which way changes nothing but the time."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.parallel import DistributedDataParallel

from allennlp_heads.distributed import accelerator, rank
from allennlp_heads.distributed.accelerator import mean_over_workers
from tests.distributed.launch import run_workers

PIECES, SIZE = 40, 4
Batches = list[list[list[int]]]
"""For each step the numbers that each worker looks up; of an empty list it trains the rest only."""


class Small(torch.nn.Module):
    """Two embeddings, one of them used twice, and a head that not every step uses."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.pieces = torch.nn.Embedding(PIECES, SIZE, dtype=dtype)
        self.places = torch.nn.Embedding(8, SIZE, dtype=dtype)
        self.out = torch.nn.Linear(SIZE, 3, dtype=dtype)
        self.head = torch.nn.Linear(3, 1, dtype=dtype)

    def forward(self, numbers: list[int]) -> torch.Tensor:
        if not numbers:
            return self.out.weight.square().sum()
        found = torch.tensor(numbers)
        context = self.pieces(found) + self.places(found % 8)
        scores = self.out(context) @ self.out.weight @ self.pieces.weight[:2].t()
        return scores.sum() + self.head(self.out(context)).sum() * (len(numbers) % 2)


def gradients(hooked: bool, view: bool, batches: Batches) -> list[list[torch.Tensor | None]]:
    """After each step, in this worker."""
    torch.manual_seed(0)
    model = Small(torch.float64)
    wrapped = DistributedDataParallel(
        model, find_unused_parameters=True, gradient_as_bucket_view=view
    )
    if hooked:
        embeddings = {id(model.pieces.weight), id(model.places.weight)}
        wrapped.register_comm_hook(embeddings, mean_over_workers)  # type: ignore[operator]
    found = []
    for step in batches:
        wrapped.zero_grad()
        wrapped(step[rank()]).backward()
        found.append([p.grad if p.grad is None else p.grad.clone() for p in model.parameters()])
    return found


def both(batches: Batches) -> bool:
    """Whether every gradient is, with the hook, what torch makes of it."""
    usual, ours = gradients(False, False, batches), gradients(True, True, batches)
    for wanted_step, found_step in zip(usual, ours, strict=True):
        for wanted, found in zip(wanted_step, found_step, strict=True):
            if wanted is None or found is None:
                assert wanted is found
                continue
            torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)
    return True


@pytest.mark.parametrize("world", [2, 3])
def test_gradients_are_those_of_torch(world: int) -> None:
    steps = [
        [[1, 2, 3], [3, 7], [39]],
        [[0], [0], [0]],
        [[], [5, 5, 6], []],
        [[], [], []],
        [list(range(PIECES)), [1], []],  # nearly all rows: all are sent
    ]
    batches = [step[:world] for step in steps]
    assert run_workers(both, world, batches) == [True] * world


class Bucket:
    """As the hook sees one."""

    def __init__(self, gradients: list[torch.Tensor]) -> None:
        self._buffer = torch.cat([one.reshape(-1) for one in gradients])
        self._shapes = [one.shape for one in gradients]
        self._parameters = [torch.empty(one.shape) for one in gradients]

    def buffer(self) -> torch.Tensor:
        return self._buffer

    def gradients(self) -> list[torch.Tensor]:
        parts = self._buffer.split([shape.numel() for shape in self._shapes])
        return [part.view(shape) for part, shape in zip(parts, self._shapes)]

    def parameters(self) -> list[torch.Tensor]:
        return self._parameters


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_bucket(data: st.DataObject) -> None:
    """Of two workers that have the same gradients the mean is these, whatever is sent of them."""
    rows = st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.5, float("inf")]), min_size=1, max_size=9)
    columns = data.draw(st.integers(1, 3))
    parts = [
        torch.tensor(one).repeat(columns, 1).t() for one in data.draw(st.lists(rows, min_size=1))
    ]
    bucket = Bucket(parts)
    chosen = data.draw(st.sets(st.integers(0, len(parts) - 1)))
    embeddings = {id(bucket.parameters()[number]) for number in chosen}
    before, sent = bucket.buffer().clone(), []

    def summed(tensor: torch.Tensor) -> torch.futures.Future[list[torch.Tensor]]:
        sent.append(tensor.numel())
        done: torch.futures.Future[list[torch.Tensor]] = torch.futures.Future()
        done.set_result([tensor.mul_(2)])
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accelerator, "_sum", summed)
        patch.setattr(accelerator.dist, "get_world_size", lambda: 2)
        patch.setattr(accelerator.dist, "all_reduce", lambda tensor, op: tensor)
        found = mean_over_workers(embeddings, bucket).wait()  # type: ignore[arg-type]
    assert torch.equal(found, before)
    assert torch.equal(torch.cat([one.reshape(-1) for one in bucket.gradients()]), before)
    used = sum(int(parts[number].ne(0).any(1).sum()) for number in chosen) * columns
    all_of_it = sum(parts[number].numel() for number in chosen)
    few = used < all_of_it / 2
    assert sent == [before.numel() - (all_of_it - used if few else 0)]
