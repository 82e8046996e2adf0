"""What the tests of callbacks share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.configs import Config, multitask


@pytest.fixture(scope="module")
def plain(tiny_bert: str, fixtures_root: Path) -> Config:
    """A training of two tasks and two epochs, without the callback that is tested."""
    config = multitask(tiny_bert, fixtures_root)
    config["trainer"]["num_epochs"] = 2
    config["trainer"]["callbacks"] = ["test_kill", "exact_resume"]
    return config
