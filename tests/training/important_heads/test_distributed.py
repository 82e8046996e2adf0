"""Two workers with batches of different tasks."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
import torch
import torch.distributed
from torch.nn.parallel import DistributedDataParallel

import tests.tiny as tiny
from allennlp_heads.attention import head_rows
from allennlp_heads.training.important_heads import HeadMasks
from tests.training.important_heads.by_name import Snapshot, loss, two_masks

UPDATES = [("a", "b"), ("b", "b"), ("b", "a"), ("a", "a")]


def work(rank: int, folder: Path) -> None:
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder / 'store'}", rank=rank, world_size=2
    )
    model, masks = tiny.encoder("bert"), two_masks()
    wrapped = DistributedDataParallel(model, find_unused_parameters=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    masking = HeadMasks(head_rows(model), masks)
    masking.attach(optimizer)
    for step, tasks in enumerate(UPDATES):
        before = Snapshot(model, optimizer)
        optimizer.zero_grad()
        masking.use(tasks[rank])
        found = loss(wrapped, tasks[rank], 10 * step + rank)
        found.backward()
        optimizer.step()
        masking.end_update()
        trained = masks[tasks[0]] | masks[tasks[1]]
        for (layer, _, what), moved in Snapshot(model, optimizer).moved_since(before).items():
            if what == "weight":
                assert moved == trained[layer].tolist()
    torch.save(model.state_dict(), folder / f"{rank}.th")
    torch.distributed.destroy_process_group()


@pytest.mark.skipif(
    not torch.distributed.is_gloo_available(), reason="torch was built without gloo"
)
def test_workers_agree(tmp_path: Path) -> None:
    """Both end with the weights of one worker that accumulates the batches of both."""
    # New interpreters: what a fork takes over from torch's threads can wait for ever.
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(rank, tmp_path), daemon=True) for rank in (0, 1)]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join(timeout=240)
            assert worker.exitcode == 0
    finally:
        for worker in workers:
            worker.kill()
    alone = tiny.encoder("bert")
    optimizer = torch.optim.AdamW(alone.parameters(), lr=0.01, weight_decay=0.1)
    masking = HeadMasks(head_rows(alone), two_masks())
    masking.attach(optimizer)
    for step, tasks in enumerate(UPDATES):
        optimizer.zero_grad()
        for rank, task in enumerate(tasks):
            masking.use(task)
            (loss(alone, task, 10 * step + rank) / 2).backward()
        optimizer.step()
        masking.end_update()
    first, second = (torch.load(tmp_path / f"{rank}.th", weights_only=True) for rank in range(2))
    for name, wanted in alone.state_dict().items():
        assert torch.equal(first[name], second[name])
        torch.testing.assert_close(first[name], wanted, rtol=1e-6, atol=1e-7)
