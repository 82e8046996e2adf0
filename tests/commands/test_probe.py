"""`allennlp heads probe`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing import ProbeResult
from allennlp_heads.collect.probing.configuration import ProbeConfiguration
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.collect.probing.source import probe_source
from allennlp_heads.reports.probing.files import read_probe
from tests.collect.probing.sources import archive, static, written
from tests.pruning import archives

QUICK = ["--random-weights", 0, "--no-control", "--rounds", 10, "--sentences", 10]


def heads(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> None:
    """Runs `allennlp heads probe ARGUMENTS` in this process."""
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "probe", *map(str, arguments)])
    main(prog="allennlp")


def assert_same(found: ProbeResult, wanted: ProbeResult) -> None:
    assert found.labels == wanted.labels and found.options == wanted.options
    numpy.testing.assert_array_equal(found.accuracy, wanted.accuracy)
    numpy.testing.assert_array_equal(found.items.correct, wanted.items.correct)


def test_a_bare_encoder(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    path, out = written(static(tiny_bert, fixtures_root), tmp_path), tmp_path / "out"
    said_options = ["--direction", "to_head", "--no-diagonal", "--label", "nsubj"]
    heads(monkeypatch, path, "-o", out, *QUICK, *said_options, "--seed", 3)
    said = capsys.readouterr().out
    assert "dep, " in said and "items (held out)" in said and f"Written: {out}" in said
    assert "  nsubj (" in said and "  det (" not in said
    configuration = ProbeConfiguration.read(path)
    changed: dict[str, Any] = {
        "draws": 10,
        "random_weights": 0,
        "control": False,
        "sentences": 10,
        "seed": 3,
    }
    changed |= {"direction": "to_head", "diagonal": False}
    found = read_probe(out)
    assert list(found) == ["dep", "pos"]
    with probe_source(configuration, **changed) as source:
        for task, options in source.options.items():
            assert_same(found[task], probe_task(source.encoder, source.data, task, options))
    report = json.loads((out / "probe.json").read_text())
    assert report["seed"] == 5 and report["encoder"] == tiny_bert
    assert report["archive"] is None and len(report["data_files"]) == 3
    assert report["tasks"]["dep"]["options"]["direction"] == "to_head"
    assert {"probe_heads.dep.png", "probe_scatter.pos.svg", "probe.tex"} <= set(report["files"])

    with pytest.raises(ConfigurationError, match="probe.json is there already"):
        heads(monkeypatch, path, "-o", out, *QUICK)
    heads(monkeypatch, path, "-o", out, *QUICK, "--task", "pos", "--transductive", "-f")
    assert list(read_probe(out)) == ["pos"]
    assert "items (transductive)" in capsys.readouterr().out


def test_a_trained_model(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into the folder of its training, where other reports lie."""
    run = archive(tiny_bert, fixtures_root, tmp_path).parent
    (run / "heads").mkdir()
    (run / "heads" / "gates.json").touch()
    test = json.dumps({"test_data_path": {"dep": str(fixtures_root / "ewt/test.conllu")}})
    heads(monkeypatch, run, *QUICK, "--task", "dep", "--overrides", test)
    report = json.loads((run / "heads" / "probe.json").read_text())
    assert report["trained_tasks"] == ["dep", "pos"] and report["seed"] == 6
    assert report["tasks"]["dep"]["samples"]["score"]["sentences"] == 10
    assert list(report["data"]["dep"]) == ["train", "validation", "test"]
    assert (run / "heads" / "gates.json").exists()
    other = ["-o", tmp_path / "other", "--weights-file", run / "best.th", "--task", "dep"]
    heads(monkeypatch, run / "model.tar.gz", *QUICK, "--overrides", test, *other)
    assert_same(read_probe(tmp_path / "other")["dep"], read_probe(run)["dep"])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--task", "ner"], "no data of the tasks"),
        (["--folds", "1"], "'folds' is 1"),
        (["--span-words", "head"], "'head_words'"),
        (["--kind", "srl", "--task", "dep"], "needs the field"),
        (["--overrides", "{"], "--overrides cannot be read"),
        (["--weights-file", "nowhere.th"], "'weights_file'"),
        (["--cuda-device", "99"], "there is no GPU 99"),
        (
            ["--label", "nsub", "--label", "det"],
            "no task has nsub in what is read: dep has acl.*nsubj.*; pos",
        ),
        (["--max-offset", "1000"], "'max_offset' is 1000: give at most 100"),
    ],
)
def test_nothing_half_written(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    path = written(static(tiny_bert, fixtures_root), tmp_path)
    with pytest.raises(ConfigurationError, match=message):
        heads(monkeypatch, path, "-o", tmp_path / "out", *QUICK, *arguments)
    assert list(tmp_path.iterdir()) == [path]


def test_a_label_that_only_chooses(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    train = tmp_path / "train.conllu"
    text = (fixtures_root / "ewt/train.conllu").read_text("utf-8")
    train.write_text(text.replace("\tdet\t", "\tdet:rare\t", 1))
    config = static(tiny_bert, fixtures_root, train_data_path=str(train))
    path, out = written(config, tmp_path), tmp_path / "out"
    whole = ["--random-weights", 0, "--no-control", "--rounds", 10, "--no-trees"]
    whole += ["--sentences", 400]
    heads(monkeypatch, path, "-o", out, *whole, "--label", "det:rare", "--task", "dep")
    assert "det:rare: no task has scored items of this label" in capsys.readouterr().out


def test_a_report_outlives_its_pictures(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
) -> None:
    """Without a package that draws; what cannot be written at all is another matter."""
    path, out = written(static(tiny_bert, fixtures_root), tmp_path), tmp_path / "out"
    monkeypatch.setitem(sys.modules, "adjustText", None)
    heads(monkeypatch, path, "-o", out, *QUICK, "--task", "dep")
    assert list(read_probe(out)) == ["dep"] and not list(out.glob("*.png"))
    (said,) = [line for line in caplog.messages if "without pictures" in line]
    assert "adjustText" in said and "allennlp-heads check" in said and "Traceback" not in said
    assert "probe_mean.png" not in json.loads((out / "probe.json").read_text())["files"]
    monkeypatch.delitem(sys.modules, "adjustText")
    heads(monkeypatch, path, "-o", out, *QUICK, "--task", "dep", "-f")
    assert (out / "probe_mean.png").exists()


@pytest.mark.parametrize("arguments", [[], ["--task", "topic"]])
def test_a_model_without_words(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """One of whole texts, whose heads can be probed for other tasks only."""
    texts = tmp_path / "texts.tsv"
    texts.write_text("text\tlabel\na red book\tone\ntwo dogs\ttwo\n")
    pieces = {"type": "transformer_pieces", "transformer_model": tiny_bert}
    reader = {
        "type": "delimited_text",
        "text": "text",
        "label": "label",
        "tokenizer": pieces,
        "token_indexers": {"tokens": {**pieces, "namespace": None}},
    }
    backbone = {"type": "gated_transformer", "transformer_model": tiny_bert}
    head = {"type": "text_classifier", "label_namespace": "labels"}
    config = {
        "dataset_reader": {"type": "multitask_heads", "readers": {"topic": reader}},
        "model": {
            "type": "multitask_heads",
            "backbone": backbone,
            "heads": {"topic": head},
        },
        "train_data_path": str(texts),
    }
    run = archives.write(tmp_path / "run", config).parent
    with pytest.raises(ConfigurationError) as raised:
        heads(monkeypatch, run, *arguments)
    message = raised.value.message
    assert "task 'topic': its examples (fields" in message and "label" in message
    assert message.endswith("give the reader and the data of one")
    assert not (run / "heads").exists()


def test_a_configuration_needs_a_folder(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match="give a folder to write into: -o OUT"):
        heads(monkeypatch, written(static(tiny_bert, fixtures_root), tmp_path))
