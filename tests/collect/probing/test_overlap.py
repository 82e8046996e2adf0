"""Sentences that stand in more than one role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.probing.gold import read_gold
from allennlp_heads.collect.probing.items import words_of
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.overlap import SHARED
from allennlp_heads.collect.probing.probe import probe_task
from tests.collect.probing import probes
from tests.collect.probing.sources import static, written
from tests.collect.probing.test_source import opening


def sentences(folder: str, fixtures: Path, task: str = "dep") -> dict[str, list[Any]]:
    """Different ones, so that none is shared by chance."""
    known: set[str] = set()
    files: dict[str, list[Any]] = {}
    for file in probes.FILES:
        files[file] = []
        for one in probes.sentences(task, folder, fixtures, file):
            words = " ".join(words_of(one))
            if words not in known:
                files[file].append(one)
            known.add(words)
    return files


def copies(folder: str, fixtures: Path, task: str = "dep", file: str = "test") -> list[Any]:
    return sentences(folder, fixtures, task)[file]


def noted(files: dict[str, list[Any]], task: str = "dep", **options: Any) -> int:
    gold = read_gold(probes.data_of(files, task), task, ProbeOptions(**options)).gold
    return gold.notes[SHARED]


@pytest.mark.parametrize("task", ["dep", "pos"])
def test_some_are_counted(task: str, tiny_bert: str, fixtures_root: Path) -> None:
    files = sentences(tiny_bert, fixtures_root, task)
    assert noted(files, task) == 0
    again = copies(tiny_bert, fixtures_root, task)
    files["train"] += again[:3]
    files["validation"] += again[2:5]
    assert noted(files, task) == 5
    two = {file: files[file] for file in ("train", "test")}
    assert noted(two, task) == 3, "whichever half they are in"
    assert noted(files, task, held_out=False) == 0
    options = ProbeOptions(random_weights=0, control=False, draws=10)
    result = probe_task(probes.encoder(tiny_bert), probes.data_of(files, task), task, options)
    assert result.notes[SHARED] == 5


def test_with_one_file(tiny_bert: str, fixtures_root: Path) -> None:
    """With three folds each chooses or gives centroids for the others, but not for itself."""
    once = sentences(tiny_bert, fixtures_root)["test"]
    files = {"test": [*once, *copies(tiny_bert, fixtures_root)[:2]]}
    roles = read_gold(probes.data_of(files, "dep"), "dep", ProbeOptions(folds=3)).roles
    words = [[" ".join(words_of(one)) for one in part] for part in roles.parts]
    wanted = sum(one in words[(k + 1) % 3] for k, part in enumerate(words) for one in part)
    assert noted(files, folds=3) == wanted
    with pytest.raises(ConfigurationError, match="all .* sentences to score .*, without repet"):
        noted({"test": copies(tiny_bert, fixtures_root)[:1] * 9})


def test_all_are_too_many(tiny_bert: str, fixtures_root: Path) -> None:
    files = sentences(tiny_bert, fixtures_root)
    files["train"] += copies(tiny_bert, fixtures_root)
    message = r"'dep': all 14 sentences to score \(test.data\) also .* \(train.data, validation.da"
    with pytest.raises(ConfigurationError, match=message):
        noted(files)
    assert noted(files, held_out=False) == 0


@pytest.mark.parametrize("other", ["copy.conllu", "*.conllu"])
def test_copies_of_files(other: str, tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    """One that lacks its last line's end, and a pattern that has the very file among others."""
    test = tmp_path / "test.conllu"
    test.write_bytes((fixtures_root / "ewt/test.conllu").read_bytes())
    (tmp_path / "copy.conllu").write_bytes(test.read_bytes().rstrip(b"\n"))
    changes = {"train_data_path": str(tmp_path / other), "test_data_path": {"dep": str(test)}}
    config = static(tiny_bert, fixtures_root, probes={}, **changes)
    source = opening(written(config, tmp_path), tasks=["dep"])
    with pytest.raises(ConfigurationError, match="all 100 sentences to score"):
        read_gold(source.data, "dep", source.options["dep"])
