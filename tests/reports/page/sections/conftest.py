"""One run with every report of its heads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.page.specimen_verbs import write_verbs
from tests.reports.page.specimens import SMALL, without_pictures, write_run


@pytest.fixture(scope="session")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training; tests that change it change a copy."""
    folder = tmp_path_factory.mktemp("specimen") / "one"
    with without_pictures():
        write_run(folder, SMALL)
    return folder


@pytest.fixture(scope="session")
def verbs(specimen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one of each verb that looks at several runs or tasks."""
    folder = tmp_path_factory.mktemp("verbs")
    with without_pictures():
        other = write_run(folder / "two", SMALL, 1)
        write_verbs(folder, [str(specimen), other])
    return folder
