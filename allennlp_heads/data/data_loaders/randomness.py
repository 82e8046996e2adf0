"""Random choices as pure functions of what they depend on."""

import random

import numpy
import torch


def seeded(*parts: int | str) -> random.Random:
    """A generator of its own whose numbers depend on `parts` only, on every machine."""
    return random.Random("/".join(str(part) for part in parts))


def reseed_generators(seed: int, epoch: int, step: int, rank: int = 0) -> None:
    """
    Set the global generators of Python, NumPy and PyTorch (CPU and all CUDA devices) to a state
    that depends on the arguments only.

    Called before each training batch, it makes dropout, gates and all other noise of a step
    independent of what was computed before it. AllenNLP's trainer resumes by drawing the batches it
    has done already without running the model on them; the noise of the steps after these is then
    the same as if the training had never stopped. With gradient accumulation the trainer draws all
    batches of an update first, so the state is that of the last of them, with and without a stop.

    # Parameters

    seed : `int`
        Of the run.
    epoch : `int`
        From 0.
    step : `int`
        Batch in the epoch, from 0.
    rank : `int`, optional (default = `0`)
        Of the process in distributed training.
    """
    generator = seeded("step", seed, epoch, step, rank)
    random.seed(generator.getrandbits(64))
    numpy.random.seed(generator.getrandbits(32))
    # not torch.manual_seed, which formats a stack trace for every kind of device that is not in use
    torch.default_generator.manual_seed(generator.getrandbits(63))
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(generator.getrandbits(63))
