"""A GPU for the benchmark of it."""

from tests.gpu.conftest import gpu

__all__ = ["gpu"]
