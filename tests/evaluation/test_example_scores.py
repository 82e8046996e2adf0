"""`allennlp evaluate` with the evaluator `example_scores`, on a tiny untrained archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.commands.evaluate import evaluate_from_archive
from allennlp.common.checks import ConfigurationError
from allennlp.data.data_loaders import SimpleDataLoader
from allennlp.models import load_archive

from allennlp_heads.analysis import f1
from allennlp_heads.evaluation import ExampleScoresEvaluator
from allennlp_heads.reports.files import read_arrays
from tests.predictors.tiny_archive import TREEBANK, write_archive

MAIN = {"pos": "accuracy", "dep": "LAS"}


@pytest.fixture(scope="module")
def archive(tiny_bert: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Asks for the evaluator in its configuration."""
    folder = tmp_path_factory.mktemp("archive")
    heads = {"pos": "tagger", "dep": "dependency"}
    write_archive(folder, tiny_bert, {"pos": "upos", "dep": "dependency"}, heads)
    config = json.loads((folder / "config.json").read_text())
    config["evaluation"] = {"type": "example_scores"}
    config["data_loader"] = {"type": "multitask_bucketed", "shuffle": False, "batch_size": 2}
    (folder / "config.json").write_text(json.dumps(config))
    return str(folder)


@pytest.fixture(scope="module")
def treebank(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Five sentences whose lengths are not in order, so that batches are not in theirs."""
    path = tmp_path_factory.mktemp("data") / "some.conllu"
    path.write_text(TREEBANK + TREEBANK + TREEBANK.split("\n\n")[0] + "\n\n")
    return str(path)


def evaluate(archive: str, data: str, output: Path | None, **overrides: Any) -> dict[str, Any]:
    options = json.dumps(overrides) if overrides else ""
    return evaluate_from_archive(
        archive, data, str(output) if output else None, cmd_overrides=options
    )


def test_counts_lie_beside_the_metrics(archive: str, treebank: str, tmp_path: Path) -> None:
    metrics = evaluate(archive, treebank, tmp_path / "test.json")
    assert json.loads((tmp_path / "test.json").read_text()) == metrics
    report = json.loads((tmp_path / "scores.test.json").read_text())
    assert report["data"] == "test" and len(report["data_files"][treebank]) == 64
    for task, name in MAIN.items():
        arrays = read_arrays(tmp_path / f"{task}.test.npz")
        assert arrays["example"].tolist() == [0, 1, 2, 3, 4] and arrays["epochs"].tolist() == [0]
        assert arrays["counts"][0, :, 2].tolist() == [3, 1, 3, 1, 3]
        assert f1(arrays["counts"][0].sum(axis=0)) == pytest.approx(metrics[f"{task}_{name}"])
        assert report["tasks"][task]["metric"] == name
        assert report["tasks"][task]["path"] == treebank
        assert report["tasks"][task]["gold"] == [11]


def test_examples_are_in_the_order_of_the_file_whatever_the_batches(
    archive: str, treebank: str, tmp_path: Path
) -> None:
    evaluate(archive, treebank, tmp_path / "a.json", **{"data_loader.batch_size": 1})
    evaluate(archive, treebank, tmp_path / "b.json", **{"data_loader.batch_size": 5})
    for task in MAIN:
        one, other = (read_arrays(tmp_path / f"{task}.{name}.npz") for name in "ab")
        assert one["counts"].tolist() == other["counts"].tolist()
        numpy.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-4)


def test_metrics_are_those_of_the_simple_evaluator(archive: str, treebank: str) -> None:
    simple = evaluate(archive, treebank, None, evaluation={"type": "simple"})
    assert evaluate(archive, treebank, None) == pytest.approx(simple)


def test_without_an_output_file_nothing_is_written(
    archive: str, treebank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    evaluate(archive, treebank, None)
    assert not list(tmp_path.iterdir())


def test_two_sets_have_files_of_their_own(archive: str, treebank: str, tmp_path: Path) -> None:
    outputs = f"{tmp_path / 'in.json'},{tmp_path / 'out.json'}"
    evaluate_from_archive(archive, f"{treebank},{treebank}", outputs)
    assert {path.name for path in tmp_path.glob("*.npz")} == {
        f"{task}.{name}.npz" for task in MAIN for name in ("in", "out")
    }


def test_a_loader_without_numbers_is_an_error_that_leaves_no_hook(
    archive: str, treebank: str, tmp_path: Path
) -> None:
    loaded = load_archive(archive)
    reader = loaded.dataset_reader.readers["pos"]  # type: ignore[attr-defined]
    loader = SimpleDataLoader(list(reader.read(treebank)), 2, vocab=loaded.model.vocab)
    with pytest.raises(ConfigurationError, match="evaluation: 'example_scores' misses") as raised:
        ExampleScoresEvaluator()(loaded.model, loader, metrics_output_file=tmp_path / "x.json")
    assert "multitask_bucketed" in str(raised.value)
    assert not loaded.model._forward_hooks
