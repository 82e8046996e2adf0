"""
An update of important-head training against a plain one: MiniLM, forward, backward and a step of
AdamW on 32 sentences of 32 pieces. Target: at most 1.05 times the seconds.

Also the way of the paper's program: after the backward pass every gradient of a query, key and
value goes to the host as a numpy array, is multiplied there by a dense mask of the weight's own
shape, and comes back. It only masks gradients; heads outside the masks are moved by momentum and
decay all the same.
"""

from collections.abc import Callable
from itertools import cycle

import numpy
import torch

from allennlp_heads.analysis.random_masks import random_masks
from allennlp_heads.attention import HeadRows, HeadTap, head_rows, load_encoder
from allennlp_heads.training.important_heads import HeadMasks
from benchmarks import ENCODER
from benchmarks.side_by_side import rounds, speedup

SENTENCES, PIECES = 32, 32
HIGHEST_PIECE = 20000
ALPHA, TASKS = 0.3, ("a", "b", "c", "d", "e")
OPTIMIZERS = {"AdamW": False, "fused AdamW": True}
Masks = dict[str, torch.Tensor]
Hooks = tuple[Callable[[str], None], Callable[[str], None]]
"""What is called with the task before and after the backward pass."""
Masking = Callable[[list[HeadRows], Masks, torch.optim.Optimizer], Hooks]


def main(repeats: int = 15) -> dict[str, float]:
    """Ratios of seconds."""
    ratios: dict[str, float] = {}
    for name, fused in OPTIMIZERS.items():
        seconds = rounds(
            {
                "plain": update(fused, no_masks),
                "ours": update(fused, our_masks),
                "on the host": update(fused, _masks_on_the_host),
            },
            repeats,
        )
        ours, noise = speedup(seconds["ours"], seconds["plain"])
        ratios[f"important heads: an update / a plain one, {name} (target <= 1.05)"] = ours
        ratios[f"  half the distance of its quartiles, {name}"] = noise
        host, _ = speedup(seconds["on the host"], seconds["plain"])
        ratios[f"  the same with dense masks on the host, {name}"] = host
    ratios["important heads: bytes of dense masks / of ours"] = _bytes_of_masks()
    return ratios


def update(
    fused: bool,
    masking: Masking,
    device: torch.device = torch.device("cpu"),
    shape: tuple[int, int] = (SENTENCES, PIECES),
) -> Callable[[], None]:
    """An update of a model of its own, a batch of the next task each time."""
    torch.manual_seed(1)
    encoder = load_encoder(ENCODER).train().to(device)
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=1e-5, fused=fused)
    before, after = masking(head_rows(encoder), _masks(encoder), optimizer)
    ids = torch.randint(HIGHEST_PIECE, shape).to(device)
    tasks = cycle(TASKS)

    def one_update() -> None:
        optimizer.zero_grad()
        loss = encoder(input_ids=ids).last_hidden_state[:, 0].square().mean()
        task = next(tasks)
        before(task)
        loss.backward()
        after(task)
        optimizer.step()

    return one_update


def _masks(encoder: torch.nn.Module) -> Masks:
    heads = HeadTap(encoder).heads
    drawn = random_masks(heads, int(ALPHA * sum(heads)), len(TASKS), seed=0)
    return {task: torch.from_numpy(mask) for task, mask in zip(TASKS, drawn, strict=True)}


def no_masks(rows: list[HeadRows], masks: Masks, optimizer: torch.optim.Optimizer) -> Hooks:
    """A plain update."""
    return lambda task: None, lambda task: None


def our_masks(rows: list[HeadRows], masks: Masks, optimizer: torch.optim.Optimizer) -> Hooks:
    """One of important-head training."""
    ours = HeadMasks(rows, masks)
    ours.attach(optimizer)

    def use(task: str) -> None:
        ours.end_update()
        ours.use(task)

    return use, lambda task: None


def _masks_on_the_host(
    rows: list[HeadRows], masks: Masks, optimizer: torch.optim.Optimizer
) -> Hooks:
    dense = {task: [_dense(row, mask) for row in rows] for task, mask in masks.items()}

    def after(task: str) -> None:
        for row, mask in zip(rows, dense[task], strict=True):
            gradient = row.parameter.grad
            assert gradient is not None
            masked = gradient.detach().cpu().numpy().copy() * mask
            row.parameter.grad = torch.from_numpy(masked).to(gradient)

    return lambda task: None, after


def _dense(row: HeadRows, mask: torch.Tensor) -> numpy.ndarray:
    whole = torch.zeros(row.parameter.shape, dtype=torch.int8)
    row.view(whole).index_fill_(row.dim, row.blocks(mask).nonzero().squeeze(1), 1)
    return whole.numpy()


def _bytes_of_masks() -> float:
    rows = head_rows(load_encoder(ENCODER))
    mask = next(iter(_masks(load_encoder(ENCODER)).values()))
    return sum(row.parameter.numel() for row in rows) / mask.numel()


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
