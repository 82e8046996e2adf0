"""Weights as a trainer validates and saves them."""

from collections.abc import Iterator
from contextlib import contextmanager

from allennlp.training.gradient_descent_trainer import GradientDescentTrainer


@contextmanager
def averaged(trainer: GradientDescentTrainer) -> Iterator[None]:
    """
    Under a `moving_average` the model has its averaged weights while the context manager is open;
    without one nothing happens.
    """
    average = trainer._moving_average
    if average is None:
        yield
        return
    average.assign_average_value()
    try:
        yield
    finally:
        average.restore()
