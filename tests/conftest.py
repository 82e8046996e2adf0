"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO
from unittest import mock

import hypothesis
import pytest
from matplotlib.figure import Figure

import tests.tiny as tiny

# The same examples in every run, and none fails for a slow machine;
# `pytest --hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("repeatable")

# What tests write need not outlive a power cut, and waiting for the disk takes long.
os.fsync = lambda fd: None

ROOT = Path(__file__).resolve().parent.parent
NOT_DRAWN = ("training", "training_configs", "faults", "gpu", "distributed_callbacks", "transfer")
"""
Folders of tests that ask what is written when, and not how it looks: their pictures, a sixth of
their time, are empty. Elsewhere all are drawn.
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Not a fixture, since those that train are there for several tests."""
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    if folder not in NOT_DRAWN:
        return (yield)
    with mock.patch.object(Figure, "savefig", _some_bytes):
        return (yield)


def _some_bytes(figure: Figure, file: BinaryIO, **settings: object) -> None:
    file.write(b"a picture " * 1000)


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of a tiny random BERT with its tokenizer."""
    return tiny.encoder_folder(tmp_path_factory.mktemp("tiny-bert"))


@pytest.fixture(scope="session")
def fixtures_root() -> Path:
    """The folder of the project's own small data."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def heads_data() -> Path:
    """
    The folder of real data named by HEADS_DATA; without it the test is skipped, in CI it fails.
    """
    folder = os.environ.get("HEADS_DATA")
    if folder and Path(folder).is_dir():
        return Path(folder)
    reason = f"real data: HEADS_DATA names no folder (it is {folder!r})"
    if os.environ.get("HEADS_REQUIRE_DATA"):
        pytest.fail(reason)
    pytest.skip(reason)
