"""Equal outputs and running times of encoders."""

import time
from statistics import median
from typing import NamedTuple

import torch
from allennlp.common import Tqdm

from allennlp_heads.modules import GatedEncoder

TOKENS, ROWS = 128, 8
"""Size of the batch that is timed."""
_REPETITIONS = 7
_COMPARED_ROWS = 3


class Probe(NamedTuple):
    """
    Random pieces.

    # Parameters

    token_ids : `torch.Tensor`
        `[rows, pieces]`.
    mask : `torch.Tensor`
        `[rows, pieces]` bool: which pieces exist.
    """

    token_ids: torch.Tensor
    mask: torch.Tensor


def tokens_of(encoder: GatedEncoder) -> int:
    """How many pieces the probes have: `TOKENS`, or as many as the encoder takes at once."""
    return min(TOKENS, encoder.max_length)


def random_pieces(encoder: GatedEncoder, rows: int, padded: bool) -> Probe:
    """The same pieces at every call; with `padded`, each row is shorter than the one before."""
    tokens = tokens_of(encoder)
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(int(encoder.config.vocab_size), (rows, tokens), generator=generator)
    lengths = torch.full((rows,), tokens)
    if padded:
        lengths = (lengths - torch.arange(rows) * (tokens // (rows + 1))).clamp(min=1)
    mask = torch.arange(tokens)[None, :] < lengths[:, None]
    device = next(encoder.parameters()).device
    return Probe(ids.to(device), mask.to(device))


@torch.inference_mode()
def outputs(encoder: GatedEncoder) -> torch.Tensor:
    """An encoder's vectors of some random pieces, `[pieces, dim]`, on the CPU."""
    probe = random_pieces(encoder, _COMPARED_ROWS, padded=True)
    return encoder(probe.token_ids, probe.mask)[probe.mask].cpu()


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """
    The largest absolute difference, relative to the largest number where that is above 1. Not a
    number where either has one that is not.
    """
    scale = max(1.0, one.abs().max().item())
    return (one - other).abs().max().item() / scale


@torch.inference_mode()
def seconds(masked: GatedEncoder, removed: GatedEncoder) -> tuple[float, float]:
    """Median time of a batch in each of two encoders, which take turns."""
    probe = random_pieces(masked, ROWS, padded=False)
    times: list[tuple[float, float]] = []
    for _ in Tqdm.tqdm(range(_REPETITIONS + 1), desc="timing the encoder"):
        times.append((_time(masked, probe), _time(removed, probe)))
    # the first turn warms up
    first, second = zip(*times[1:])
    return median(first), median(second)


def _time(encoder: GatedEncoder, probe: Probe) -> float:
    on_gpu = probe.token_ids.is_cuda
    if on_gpu:
        torch.cuda.synchronize(probe.token_ids.device)
    start = time.perf_counter()
    encoder(probe.token_ids, probe.mask)
    if on_gpu:
        torch.cuda.synchronize(probe.token_ids.device)
    return time.perf_counter() - start
