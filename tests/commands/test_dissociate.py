"""`allennlp heads dissociate` on archives of a tiny model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.dissociation import read_dissociation
from allennlp_heads.reports.dissociation_data import joined
from tests.commands.test_prune import allennlp
from tests.pruning import archives

QUICK = ("--examples", 4, "--max-instances", 6, "--draws", 2, "--rounds", 20)


def _write(folder: Path, encoder: str, data: Path, tasks: list[str], seed: int = 0) -> Path:
    """The archive of a model whose heads say something, if not the right thing."""
    config = archives.multitask(encoder, {"type": "open"}, tasks)
    config |= {
        "pytorch_seed": seed,
        "train_data_path": {task: str(data / "ewt/dev.conllu") for task in tasks},
        "validation_data_path": {task: str(data / "ewt/test.conllu") for task in tasks},
        "data_loader": {"type": "multitask_bucketed", "max_instances": 8},
    }
    start = torch.manual_seed
    with pytest.MonkeyPatch.context() as patch:
        # `archives.write` starts every model alike
        patch.setattr(torch, "manual_seed", lambda _: start(seed))
        return archives.write(folder, config)


@pytest.fixture(scope="module")
def seeds(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("dissociate")
    return [
        _write(folder / f"seed{seed}", tiny_bert, fixtures_root, ["dep", "pos"], seed)
        for seed in (0, 1)
    ]


def test_two_seeds(seeds: list[Path], tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    out = tmp_path / "new" / "out"
    allennlp(monkeypatch, "heads", "dissociate", *seeds, "-o", out, "--alpha", 0.5, 0.25, *QUICK)
    said = capsys.readouterr().out
    assert "3 heads masked (alpha 25 %): D " in said
    assert "6 heads masked (alpha 50 %)" in said
    assert "dep and pos: " in said and f"Written: {out}" in said
    report = json.loads((out / "dissociation.json").read_text())
    assert [run["seed"] for run in report["runs"]] == [0, 1]
    assert len({run["weights_sha256"] for run in report["runs"]}) == 2
    assert report["examples"] == {"dep": 6, "pos": 6} and report["split"] == "validation"
    assert report["selection"]["examples"] == {"dep": 4, "pos": 4}
    assert all(path.endswith("test.conllu") for path in report["data_files"])
    assert all(path.endswith("dev.conllu") for path in report["selection_files"])
    data, _ = read_dissociation(out)
    assert (data.importance[0] != data.importance[1]).any()
    assert data.random_masks.shape == (2, 2, 2, 2, 3, 4)
    before = (out / "dissociation.npz").read_bytes()
    with pytest.raises(ConfigurationError, match="is there already"):
        allennlp(monkeypatch, "heads", "dissociate", *seeds, "-o", out, *QUICK)
    assert (out / "dissociation.npz").read_bytes() == before


def test_runs_of_their_own_on_the_same_examples(
    seeds: list[Path], tmp_path: Path, monkeypatch: Any
) -> None:
    found = []
    for mask_seed, archive in zip((13, 14), seeds, strict=True):
        out = tmp_path / str(mask_seed)
        words = ("heads", "dissociate", archive, "-o", out, "--mask-seed", mask_seed)
        allennlp(monkeypatch, *words, *QUICK)
        found.append(read_dissociation(out)[0])
    one, other = found
    assert (one.random_masks != other.random_masks).any()
    assert joined(found).random_masks.shape[0] == 2  # refuses other examples


def test_saved_importance_and_the_folder_of_the_run(
    seeds: list[Path], tmp_path: Path, monkeypatch: Any
) -> None:
    run = shutil.copytree(seeds[0].parent, tmp_path / "run")
    estimate = ("--examples", 4, "-o", tmp_path / "importance")
    allennlp(monkeypatch, "heads", "importance", run, *estimate)
    saved = ("--importance", tmp_path / "importance", "--max-instances", 6, "--draws", 2)
    allennlp(monkeypatch, "heads", "dissociate", run, *saved, "--rounds", 20)
    allennlp(monkeypatch, "heads", "dissociate", run, "-o", tmp_path / "own", *QUICK)
    one, other = read_dissociation(run)[0], read_dissociation(tmp_path / "own")[0]
    assert (run / "heads" / "dissociation.png").is_file()
    for name, array in one.arrays().items():
        numpy.testing.assert_array_equal(array, other.arrays()[name], err_msg=name)
    assert one.about["selection"]["source"] == str(tmp_path / "importance")
    with pytest.raises(ConfigurationError, match="2 models and 3 folders"):
        folders = [tmp_path / "importance"] * 3
        allennlp(monkeypatch, "heads", "dissociate", *seeds, "--importance", *folders, "-o", run)


def test_importance_from_the_data_that_scores(
    seeds: list[Path], tmp_path: Path, monkeypatch: Any
) -> None:
    estimate = ("--split", "validation", "--examples", 4, "-o", tmp_path / "importance")
    allennlp(monkeypatch, "heads", "importance", seeds[0], *estimate)
    ask = ("heads", "dissociate", seeds[0], "-o", tmp_path / "out", *QUICK)
    saved = ("--importance", tmp_path / "importance")
    with pytest.raises(ConfigurationError, match="what selects must not see what scores"):
        allennlp(monkeypatch, *ask, *saved)
    assert not (tmp_path / "out").exists()
    allennlp(monkeypatch, *ask, *saved, "--same-data")
    assert (tmp_path / "out" / "dissociation.json").is_file()


def test_archives_that_do_not_belong_together(
    seeds: list[Path], tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    ask = ("heads", "dissociate", seeds[0])
    other = _write(tmp_path / "tasks", tiny_bert, fixtures_root, ["dep", "con"])
    with pytest.raises(ConfigurationError, match=r"has the tasks \['con', 'dep'\], but"):
        allennlp(monkeypatch, *ask, other, "-o", tmp_path / "out")
    encoder = shutil.copytree(tiny_bert, tmp_path / "other_bert")
    other = _write(tmp_path / "encoders", str(encoder), fixtures_root, ["dep", "pos"])
    with pytest.raises(ConfigurationError, match="has the encoders .*other_bert"):
        allennlp(monkeypatch, *ask, other, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options, message",
    [
        (("--alpha", 0.05), "'alpha' is 0.05, which selects none of 12 heads"),
        (("--alpha", 1.5), "'alpha' is"),
        (("--task", "pos"), "give two or more"),
        (("--task", "pos", "--task", "ner"), r"has no tasks \['ner'\]"),
        (("--split", "test"), "names no 'test_data_path'"),
    ],
)
def test_bad_options(
    seeds: list[Path], tmp_path: Path, monkeypatch: Any, options: Any, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        allennlp(
            monkeypatch, "heads", "dissociate", seeds[0], "-o", tmp_path / "out", *QUICK, *options
        )
    assert not (tmp_path / "out").exists()


def test_an_archive_alone_needs_a_folder(seeds: list[Path], monkeypatch: Any) -> None:
    with pytest.raises(ConfigurationError, match="-o OUT"):
        allennlp(monkeypatch, "heads", "dissociate", seeds[0])


def test_a_seed_given_twice(seeds: list[Path], tmp_path: Path, monkeypatch: Any) -> None:
    copy = shutil.copytree(seeds[0].parent, tmp_path / "copy")
    with pytest.raises(ConfigurationError, match="the same weights as .*give every seed once"):
        allennlp(monkeypatch, "heads", "dissociate", seeds[0], copy, "-o", tmp_path / "o", *QUICK)
    assert not (tmp_path / "o").exists()


def test_a_gpu_that_is_not_there(seeds: list[Path], tmp_path: Path, monkeypatch: Any) -> None:
    words = ("heads", "dissociate", seeds[0], "-o", tmp_path / "o", "--cuda-device", 99)
    with pytest.raises(ConfigurationError, match="there is no GPU 99"):
        allennlp(monkeypatch, *words, *QUICK)


def test_a_folder_that_cannot_be_is_found_out_first(
    seeds: list[Path], tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "file").touch()
    words = ("heads", "dissociate", seeds[0], "-o", tmp_path / "file" / "o")
    with monkeypatch.context() as patch:
        patch.setattr("allennlp_heads.commands.dissociate.dissociate_archives", None)
        with pytest.raises(ConfigurationError, match="cannot be written"):
            allennlp(monkeypatch, *words, *QUICK)


def test_importance_of_the_data_that_scores(
    seeds: list[Path], tmp_path: Path, monkeypatch: Any, caplog: Any
) -> None:
    """Found by content: the importance is of another archive, which had the file elsewhere."""
    allennlp(
        monkeypatch, "heads", "importance", seeds[1], "-o", tmp_path / "i", "--split", "validation",
        "--examples", 4,
    )  # fmt: skip
    report = tmp_path / "i" / "importance.json"
    text = report.read_text().replace('"split": "validation"', '"split": "train"')
    report.write_text(text.replace("/ewt/", "/elsewhere/"))
    words = ("heads", "dissociate", seeds[0], "-o", tmp_path / "o", "--importance", tmp_path / "i")
    with pytest.raises(ConfigurationError, match="elsewhere/test.conllu, which is the data"):
        allennlp(monkeypatch, *words, "--max-instances", 6, "--draws", 1, "--rounds", 5)
    allennlp(monkeypatch, *words, "--max-instances", 6, "--draws", 1, "--rounds", 5, "--same-data")
    assert "measured on other weights" in caplog.text
