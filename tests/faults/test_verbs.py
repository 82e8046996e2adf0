"""Disks that are full or read-only, and signals, under every verb that writes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from allennlp_heads.commands.shipped import SHIPPED
from tests.faults.conftest import Noted, Undisturbed
from tests.faults.faults import Disk, Moments, files_below, in_a_child, interrupt, kill, terminate
from tests.faults.verbs import GOES_ON, TRAINING, WITHOUT_OUTPUT, WRITING, command
from tests.faults.world import Said, World, heads

SIGNALS = {"Ctrl-C": (interrupt, 130), "SIGTERM": (terminate, 143)}
BEGINS_AGAIN = sorted(set(WRITING) - GOES_ON)
FORKED = ["compare", "overlap", "prune", "rank", "report"]
"""Verbs that a forked process can do: gradients need threads, which a fork does not have."""

Of = Callable[[str], Undisturbed]


@pytest.fixture
def out(disk: Disk) -> Iterator[Path]:
    """A place on the small disk, empty before and after."""
    yield disk.folder / "out"
    for path in disk.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_no_verb_is_left_out() -> None:
    assert set(WRITING) | WITHOUT_OUTPUT | TRAINING == set(SHIPPED)


def repeated(usual: Undisturbed, share: float) -> int:
    """The moment at this share of a command that is given again: its folders are there already."""
    return int(share * sum("mkdir" not in moment for moment in usual.moments))


def advice(said: Said, *places: Path) -> str:
    """The one line for the user: it names a place of theirs, and says what to do."""
    assert said.status == 1 and len(said.lines) == 1, said
    (line,) = said.lines
    assert any(str(place) in line for place in places) and ".tmp" not in line, line
    assert any(word in line for word in ("hoose another", "ree space", "ake room")), line
    return line.removeprefix("allennlp-heads: ").replace(str(places[0]), "OUT")


@pytest.mark.parametrize("verb", BEGINS_AGAIN)
def test_full_disk(
    verb: str,
    share: float,
    world: World,
    undisturbed: Of,
    disk: Disk,
    out: Path,
    noted: Noted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = undisturbed(verb)
    usual.put(out)
    with disk.full(int(share * usual.room)):
        said = heads(monkeypatch, *command(verb, world, out))
    line = advice(said, out)
    assert files_below(disk.folder) == {"out/": b""} | {
        f"out/{name}": content for name, content in usual.files.items()
    }
    noted("disk full", f"`heads {verb}`", f"the earlier report stays; “{line}”")


@pytest.mark.parametrize("verb", sorted(WRITING))
def test_read_only_folder(
    verb: str,
    world: World,
    disk: Disk,
    out: Path,
    noted: Noted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with disk.read_only():
        said = heads(monkeypatch, *command(verb, world, out))
    line = advice(said, out)
    assert not files_below(disk.folder)
    noted("read-only folder", f"`heads {verb}`", f"“{line}”")


@pytest.mark.parametrize("verb", BEGINS_AGAIN)
@pytest.mark.parametrize("name", SIGNALS)
def test_signal(
    verb: str,
    name: str,
    share: float,
    world: World,
    undisturbed: Of,
    out: Path,
    noted: Noted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if (name == "Ctrl-C") != (BEGINS_AGAIN.index(verb) % 2 == 0) and share == 0.6:
        pytest.skip("half of the verbs get the other signal, unless HEADS_FAULT_MOMENTS is more")
    signal, status = SIGNALS[name]
    usual = undisturbed(verb)
    usual.put(out)
    at = repeated(usual, share)
    with Moments(out.parent, at, signal) as moments:
        said = heads(monkeypatch, *command(verb, world, out))
    assert len(moments.seen) > at, "the moment came"
    assert said.status == status and len(said.lines) == 1, (said, moments.seen[at])
    assert files_below(out) == usual.files
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    noted(name, f"`heads {verb}`", "the earlier report stays, or the new one is complete")


@pytest.mark.parametrize("verb", FORKED)
def test_killed(
    verb: str,
    share: float,
    world: World,
    undisturbed: Of,
    out: Path,
    noted: Noted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a killed process leaves half-written is gone once the command is repeated."""
    usual = undisturbed(verb)
    usual.put(out)
    at = repeated(usual, share)

    def work() -> None:
        with Moments(out.parent, at, kill):
            heads(monkeypatch, *command(verb, world, out))

    assert in_a_child(work) == -9
    left = files_below(out.parent)
    assert {f"out/{name}" for name in usual.files} <= set(left)
    said = heads(monkeypatch, *command(verb, world, out))
    assert said.status == 0, said
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert files_below(out).keys() == usual.files.keys()
    noted("`kill -9`", f"`heads {verb}`", "the earlier report stays; repeated, nothing is left")


@pytest.mark.parametrize("verb", sorted(GOES_ON))
@pytest.mark.parametrize("fault", ["disk full", *SIGNALS])
def test_what_is_complete_is_not_repeated(
    verb: str,
    fault: str,
    share: float,
    world: World,
    undisturbed: Of,
    disk: Disk,
    out: Path,
    noted: Noted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = undisturbed(verb)
    if fault == "disk full":
        with disk.full(int(share * usual.bytes)):
            advice(heads(monkeypatch, *command(verb, world, out)), out)
    else:
        signal, status = SIGNALS[fault]
        with Moments(out.parent, int(share * len(usual.moments)), signal):
            assert heads(monkeypatch, *command(verb, world, out)).status == status
    found = files_below(out)
    # encoders on the way are not kept in the end
    kept = {n: text for n, text in found.items() if not n.endswith(("/", ".pt"))}
    assert set(kept) < set(usual.files)
    assert heads(monkeypatch, *command(verb, world, out)).status == 0
    after = files_below(out)
    assert after.keys() == usual.files.keys()
    parts = {name for name in kept if Path(name).parts[0] in ("runs", "embeddings")}
    parts |= {name for name in kept if "cells" in Path(name).parts}
    assert all(after[name] == kept[name] for name in parts)
    noted(fault, f"`heads {verb}`", "what is complete stays; repeated, it goes on")
