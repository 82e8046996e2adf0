"""A GPU for tests: a pretended one, and the machine's where it has one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.gpu.pretend_device import PretendDevice, pretend_device


@pytest.fixture(params=["pretended", "real"])
def gpu(request: pytest.FixtureRequest) -> Iterator[PretendDevice | None]:
    """While a test runs there is `cuda:0`; gives the mode that watches it where it is pretended."""
    if request.param == "pretended":
        with pretend_device() as watching:
            yield watching
    elif torch.cuda.is_available():
        yield None
    else:
        pytest.skip("no GPU: torch.cuda.is_available() is False")
