"""`allennlp heads prune`, and what AllenNLP's own commands make of its archives."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import load_archive

import tests.tiny as tiny
from allennlp_heads.modules import find_encoder
from allennlp_heads.pruning import prune
from tests.pruning import archives

OPEN: dict[str, Any] = {"type": "open"}


def allennlp(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> None:
    """Runs `allennlp ARGUMENTS` in this process."""
    monkeypatch.setattr(sys, "argv", ["allennlp", *map(str, arguments)])
    main(prog="allennlp")


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two tasks with half-open gates, and all that it takes to train it further."""
    config = archives.multitask(tiny_bert, {"type": "hard_concrete"}, ["pos", "dep"])
    paths = {task: str(fixtures_root / "ewt/dev.conllu") for task in ("pos", "dep")}
    loader = {"type": "multitask_bucketed", "batch_size": 8, "max_instances": 8}
    config |= {
        "train_data_path": paths,
        "validation_data_path": paths,
        "data_loader": loader,
        "validation_data_loader": {**loader, "shuffle": False},
        "trainer": {
            "num_epochs": 1,
            "optimizer": {
                "type": "adam",
                "lr": 0.0,
                "parameter_groups": [[["log_alpha"], {"lr": 0.1}]],
            },
            "validation_metric": "+score",
            "callbacks": ["remove_heads", "gate_report"],
        },
    }
    return archives.write(tmp_path_factory.mktemp("prune") / "run", config)


@pytest.fixture(scope="module")
def pruned(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pruned") / "out"
    with pytest.MonkeyPatch.context() as patch:
        allennlp(patch, "heads", "prune", archive, "-o", folder, "--keep", "0.5")
    return folder


def test_closed_heads_that_are_kept(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    config = archives.multitask(tiny_bert, {"type": "hard_concrete"}, ["pos"])
    archive = archives.write(tmp_path / "run", config)
    closed = torch.tensor(archives.MASK) == 0
    model = load_archive(archive).model
    gates: Any = find_encoder(model)[1].gates
    with torch.no_grad():
        gates.log_alpha.copy_(torch.where(closed, -5.0, 5.0))
        gates.log_alpha[0, 1] = -4.0  # the best of those that are closed
    weights = tmp_path / "weights.th"
    torch.save(model.state_dict(), weights)
    opened = int((~closed).sum())
    for keep, told in ((opened, ""), (opened + 1, "(layer.head, both from 1): 1.2. ")):
        out = tmp_path / str(keep)
        words = ["--keep", keep, "--weights-file", weights, "--no-measure", "--no-plain"]
        allennlp(monkeypatch, "heads", "prune", archive, "-o", out, *words)
        said = capsys.readouterr().out
        assert ("Kept although their gates are closed" in said) == bool(told) and told in said
        report = json.loads((out / "heads/pruning.json").read_text())
        assert report["kept_closed"] == ([[1], [], []] if told else [[], [], []])


def test_what_it_says(archive: Path, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    # the run's folder stands for its archive, and the result may lie in it
    run = shutil.copytree(archive.parent, tmp_path / "run")
    allennlp(monkeypatch, "heads", "prune", run, "-o", run / "pruned", "--keep", "5")
    out = capsys.readouterr().out
    assert (
        "5 of 12 kept" in out
        and "without any heads it would be 4.50, never more" in out
        and "Measured: " in out
    )
    assert "only 33% of them" in out and f"Written: {run}/pruned" in out
    found = {str(path.relative_to(run / "pruned")) for path in (run / "pruned").iterdir()}
    names = "config.json encoder heads meta.json model.tar.gz transformers vocabulary weights.th"
    assert {Path(path).name for path in found} == set(names.split())


def test_half_of_the_heads_stay(pruned: Path) -> None:
    model = load_archive(pruned / "model.tar.gz").model
    order = archives.log_alpha().flatten().argsort(descending=True)[:6].tolist()
    kept = [[head for head in range(4) if 4 * layer + head in order] for layer in range(3)]
    assert find_encoder(model)[1].kept_heads == kept


def test_predict(archive: Path, pruned: Path, tmp_path: Path, monkeypatch: Any) -> None:
    # the same model with gates of zeros and ones
    encoder = find_encoder(load_archive(pruned / "model.tar.gz").model)[1]
    mask = [[int(head in kept) for head in range(4)] for kept in encoder.kept_heads]
    config = json.loads((archive.parent / "config.json").read_text())
    config["model"]["backbone"]["gates"] = {"type": "fixed", "mask": mask}
    masked = archives.write(tmp_path / "masked", config)
    lines = [
        json.dumps({"task": task, "words": sentence.split()})
        for task in ("pos", "dep")
        for sentence in archives.SENTENCES
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    outputs = []
    for number, path in enumerate([masked, pruned / "model.tar.gz", pruned]):
        output = tmp_path / f"{number}.jsonl"
        options = ["--output-file", output, "--silent"]
        allennlp(monkeypatch, "predict", path, tmp_path / "in.jsonl", *options)
        outputs.append(output.read_text())
    assert outputs[0] == outputs[1] == outputs[2] and len(outputs[0].splitlines()) == 4


def test_evaluate_and_train(
    pruned: Path, fixtures_root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    data = fixtures_root / "ewt/dev.conllu"
    archive = pruned / "model.tar.gz"
    options = ["--output-file", tmp_path / "metrics.json"]
    allennlp(monkeypatch, "evaluate", archive, data, *options)
    before = json.loads((tmp_path / "metrics.json").read_text())
    # a warm start from the pruned weights; at a learning rate of 0 they stay what they were
    start = {"regexes": [[".*", {"type": "pretrained", "weights_file_path": str(archive)}]]}
    vocabulary = {"type": "from_files", "directory": str(pruned / "vocabulary")}
    overrides = json.dumps({"model.initializer": start, "vocabulary": vocabulary})
    run = tmp_path / "run"
    allennlp(monkeypatch, "train", pruned / "config.json", "-s", run, "-o", overrides)
    after = json.loads((run / "metrics.json").read_text())
    assert after["best_validation_score"] == pytest.approx(before["score"])
    weights = torch.load(run / "best.th", weights_only=True)
    wanted = torch.load(pruned / "weights.th", weights_only=True)
    assert weights.keys() == wanted.keys()
    assert all(torch.equal(weights[name], tensor) for name, tensor in wanted.items())


@pytest.mark.parametrize(
    "options, message",
    [
        (["--keep", "0"], "asks for 0 heads"),
        (["--keep", "13"], "asks for 13 heads, but this encoder has 12"),
        (["--keep", "0.01"], "asks for 0 heads"),
        (["--keep", "1.0"], "'keep' is 1.0: give a whole number"),
        (["--keep", "1.5"], "'keep' is 1.5"),
        (["--keep", "nan"], "'keep' is nan"),
        (["--keep", "3", "--threshold", "0.4"], "give one of them"),
        (["--threshold", "1"], "'threshold' is 1.0"),
        (["--threshold", "0.99999"], None),
        (["--task", "pos"], "share one set of gates"),
        (["--weights-file", "nowhere.th"], "no file of weights nowhere.th"),
    ],
)
def test_options_that_cannot_be_met(
    options: list[str], message: str | None, archive: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    if message is None:  # gates of exactly 1 pass every threshold, so these lie below
        config = json.loads((archive.parent / "config.json").read_text())
        monkeypatch.setattr(archives, "log_alpha", lambda seed=0: torch.zeros(3, 4))
        archive = archives.write(tmp_path / "run", config)
        message = "no head has a gate above the threshold 0.99999"
    refused(monkeypatch, message, archive, tmp_path / "out", *options)


def refused(monkeypatch: Any, message: str, archive: Path, out: Path, *options: str) -> None:
    """The verb ends in one message and leaves nothing."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        allennlp(monkeypatch, "heads", "prune", archive, "-o", out, *options)
    assert len(str(caught.value).splitlines()) == 1
    assert not out.exists() and not list(out.parent.glob(".out*"))


def test_gates_that_choose_nothing(tiny_bert: str, tmp_path: Path, monkeypatch: Any) -> None:
    without = archives.write(tmp_path / "open", archives.multitask(tiny_bert, OPEN, ["pos"]))
    refused(monkeypatch, 'without gates.*"hard_concrete"', without, tmp_path / "out")
    closed = {"type": "fixed", "mask": [[0] * 4] * 3}
    none = archives.write(tmp_path / "none", archives.multitask(tiny_bert, closed, ["pos"]))
    refused(monkeypatch, "no head has a gate above", none, tmp_path / "out")
    gates = {"type": "per_task", "tasks": ["pos", "dep"]}
    own = archives.write(tmp_path / "own", archives.multitask(tiny_bert, gates, ["pos", "dep"]))
    refused(monkeypatch, "choose with --task .* pos, dep", own, tmp_path / "out")
    refused(monkeypatch, "'ner': choose one of pos", own, tmp_path / "out", "--task", "ner")


def test_encoders_that_do_not_fit(tmp_path: Path, monkeypatch: Any) -> None:
    albert = tiny.encoder_folder(tmp_path / "albert", "albert")
    shared = archives.write(
        tmp_path / "shared", archives.multitask(albert, archives.FIXED, ["pos"])
    )
    refused(monkeypatch, "share one set of weights", shared, tmp_path / "out")
    # what the archive does not carry is another encoder by now
    folder = tiny.encoder_folder(tmp_path / "encoder")
    config = archives.multitask(folder, archives.FIXED, ["pos"])
    moved = archives.write(tmp_path / "moved", config, carry=False)
    tiny.encoder_folder(folder, hidden_size=16)
    refused(monkeypatch, "weights do not fit the model", moved, tmp_path / "out")


def test_archives_that_are_none(archive: Path, tmp_path: Path, monkeypatch: Any) -> None:
    refused(monkeypatch, "there is no archive", tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    refused(monkeypatch, "holds no model.tar.gz", tmp_path / "empty", tmp_path / "out")
    (tmp_path / "model.tar.gz").write_bytes(archive.read_bytes()[:20000])
    refused(monkeypatch, "damaged, no model.tar.gz", tmp_path / "model.tar.gz", tmp_path / "out")


def test_folders_that_cannot_be_written(archive: Path, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "file").write_text("")
    for out, message in ((tmp_path / "file", "no folder"), (tmp_path / "file/out", "cannot write")):
        with pytest.raises(ConfigurationError, match=message):
            allennlp(monkeypatch, "heads", "prune", archive, "-o", out)
    (tmp_path / "there").mkdir()
    (tmp_path / "there/thesis.txt").write_text("")
    arguments = ["heads", "prune", archive, "-o", tmp_path / "there", "--no-measure", "--no-plain"]
    with pytest.raises(ConfigurationError, match="there already.*--force"):
        allennlp(monkeypatch, *arguments)
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["thesis.txt"]
    allennlp(monkeypatch, *arguments, "--force")
    assert not (tmp_path / "there/thesis.txt").exists()
    assert (tmp_path / "there/model.tar.gz").exists()
    assert not (tmp_path / "there/transformers").exists()


@pytest.mark.parametrize("moment", ["write_archive", "_compared", "write_pruning"])
def test_ctrl_c_leaves_nothing(
    moment: str, archive: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prune, moment, interrupted)
    options = ["--no-measure", "--no-plain"]
    with pytest.raises(KeyboardInterrupt):
        allennlp(monkeypatch, "heads", "prune", archive, "-o", tmp_path / "some/out", *options)
    assert not list(tmp_path.iterdir())
