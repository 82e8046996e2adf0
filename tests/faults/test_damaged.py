"""Files that were cut short or changed since they were written, under the verbs that read them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Noted, Undisturbed
from tests.faults.faults import cut, files_below, flip
from tests.faults.verbs import command
from tests.faults.world import World, heads

READ: list[tuple[str, str, str]] = [
    *(
        (f"{verb}", "run.1", "model.tar.gz")
        for verb in ("importance", "dissociate", "probe", "prune", "embed")
    ),
    ("submission", "glue", "model.tar.gz"),
    ("overlap", "run.1", "heads/gates.npz"),
    ("overlap", "run.1", "heads/gates.json"),
    ("compare", "run.1", "heads/scores/pos.validation.npz"),
    ("compare", "run.1", "heads/scores/scores.json"),
    ("compare", "run.1", "config.json"),
    ("probe-compare", "run.1", "heads/probe.npz"),
    ("probe-compare", "run.1", "heads/probe.json"),
    ("similarity", "four", "heads/dissociation.json"),
    ("rank", "run.1", "heads/embeddings/pos.npz"),
    ("rank", "run.1", "heads/embeddings/pos.json"),
    ("report", "run.1", "heads/gates.json"),
    ("report", "run.1", "heads/gates.npz"),
]
"""Verb, folder of the world, and file in it."""

DAMAGES = {"cut short": cut, "a bit flipped": flip}


class Damaged:
    """The world, with one of its files put in the place of a damaged copy while it is read."""

    def __init__(self, path: Path, damage: Callable[[Path, float], None], share: float) -> None:
        self._path, self._damage, self._share = path, damage, share
        self._kept = path.read_bytes()

    def __enter__(self) -> None:
        self._damage(self._path, self._share)

    def __exit__(self, *raised: Any) -> None:
        self._path.write_bytes(self._kept)


CASES = [
    (*case, damage)
    for case in READ
    for damage in DAMAGES
    # a digit that became another one is a text as good as before
    if damage == "cut short" or case[2].endswith((".npz", ".gz"))
]


@pytest.mark.parametrize(("verb", "folder", "name", "damage"), CASES, ids=lambda value: str(value))
def test_damaged_file(
    verb: str,
    folder: str,
    name: str,
    damage: str,
    share: float,
    world: World,
    tmp_path: Path,
    noted: Noted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, out = world.folder / folder / name, tmp_path / "out"
    with Damaged(path, DAMAGES[damage], share):
        said = heads(monkeypatch, *command(verb, world, out))
    assert said.status == 1 and len(said.lines) == 1, said
    line = said.lines[0]
    assert path.name in line or str(path.parent) in line, line
    for theirs in ("numpy", "pickle", "zipfile", "Traceback"):
        assert theirs not in line, line
    assert not out.exists() or not files_below(out)
    line = line.removeprefix("allennlp-heads: ").replace(str(world.folder), "")
    noted(f"`{path.name}` {damage}", f"`heads {verb}`", f"“{line}”")


@pytest.mark.parametrize(
    ("verb", "pattern"),
    [
        ("transfer", "*/cells/none.pos.0.json"),
        ("transfer", "embeddings/*/pos.npz"),
        ("transfer", "embeddings/*/pos.json"),
        ("fewshot", "runs/*/2.1.npz"),
    ],
)
def test_damaged_part_is_done_again(
    verb: str,
    pattern: str,
    share: float,
    world: World,
    undisturbed: Callable[[str], Undisturbed],
    tmp_path: Path,
    noted: Noted,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    out = tmp_path / "out"
    undisturbed(verb).put(out)
    (path,) = out.glob(pattern)
    whole = path.read_bytes()
    cut(path, share)
    with caplog.at_level(logging.WARNING, "allennlp_heads"):
        assert heads(monkeypatch, *command(verb, world, out)).status == 0
    assert path.name.split(".")[0] in caplog.text and "again" in caplog.text
    if path.suffix == ".npz":
        assert path.read_bytes() == whole
    assert files_below(out).keys() == undisturbed(verb).files.keys()
    noted(f"`{path.name}` cut short", f"`heads {verb}`", "a warning; this part is done again")
