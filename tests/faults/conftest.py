"""What the tests of faults share, and how they say what they have tried."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.reports.page import document
from tests.faults.faults import Disk, Moments, files_below
from tests.faults.verbs import command
from tests.faults.world import World, heads

Noted = Callable[..., None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`share`: where in a work the fault comes; `HEADS_FAULT_MOMENTS` says how many are tried."""
    if "share" in metafunc.fixturenames:
        number = int(os.environ.get("HEADS_FAULT_MOMENTS", 1))
        metafunc.parametrize("share", [(place + 0.6) / number % 1 for place in range(number)])


@pytest.fixture(scope="session")
def world(tiny_bert: str, fixtures_root: Path, tmp_path_factory: Any) -> World:
    with _quick_pages():
        return World(tmp_path_factory.mktemp("world"), tiny_bert, fixtures_root)


@pytest.fixture(scope="session")
def disk(tmp_path_factory: Any) -> Iterator[Disk]:
    made = Disk(tmp_path_factory.mktemp("disk") / "small")
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def quick_pages() -> Iterator[None]:
    """Pages are without what draws them; what is on them is looked at elsewhere."""
    with _quick_pages():
        yield


@contextmanager
def _quick_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(document, "vega_bundle", lambda: "/* the bundle */")
        yield


@pytest.fixture
def noted(record_property: Callable[[str, object], None]) -> Noted:
    """Writes down for the table what was tried with what, and what came of it."""

    def note(fault: str, part: str, came: str) -> None:
        record_property("fault", fault)
        record_property("part", part)
        record_property("came", came)

    return note


class Undisturbed:
    """What a verb leaves when nothing happens, and at which moments something could."""

    def __init__(self, verb: str, world: World, out: Path) -> None:
        with pytest.MonkeyPatch.context() as patched, Moments(out.parent) as moments:
            said = heads(patched, *command(verb, world, out))
        assert said.status == 0, said.lines
        self.files = files_below(out)
        self.moments = [one for one in moments.seen if one.split(" ")[1] != "."]
        sizes = list(map(len, self.files.values()))
        self.bytes = sum(sizes)
        # less than this, in whole pages, and it cannot be written: as large as its largest file
        # where files take the places of others one by one
        least = max(sizes) if verb == "embed" else self.bytes
        self.room = max(least - 2 * resource.getpagesize(), 0)

    def put(self, out: Path) -> None:
        """The same, as an earlier command would have left it."""
        for name, content in self.files.items():
            if name.endswith("/"):
                (out / name).mkdir(parents=True, exist_ok=True)
            else:
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                (out / name).write_bytes(content)


@pytest.fixture(scope="session")
def undisturbed(world: World, tmp_path_factory: Any) -> Callable[[str], Undisturbed]:
    """Verb -> what it leaves."""
    made: dict[str, Undisturbed] = {}

    def of(verb: str) -> Undisturbed:
        if verb not in made:
            out = tmp_path_factory.mktemp("undisturbed") / "out"
            made[verb] = Undisturbed(verb, world, out)
        return made[verb]

    return of
