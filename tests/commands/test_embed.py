"""`allennlp heads embed`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import archive_model

from allennlp_heads.collect import encoder_of, trained
from allennlp_heads.collect.bare_encoder import bare_encoder
from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads, embed_text
from allennlp_heads.collect.encoder_digest import encoder_digest
from allennlp_heads.reports.embeddings import read_embedding, read_embeddings, require_alike
from tests.collect.probing import sources

EXAMPLES = 6


def heads(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> None:
    """Runs `allennlp heads embed ARGUMENTS` in this process."""
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "embed", *map(str, arguments)])
    main(prog="allennlp")


def scaled(path: Path, factor: float) -> Path:
    """The archive with other weights of its middle layer than it was pretrained with."""
    weights = torch.load(path.parent / "best.th", weights_only=True)
    for name, values in weights.items():
        if "layer.1" in name and values.is_floating_point():
            values *= factor
    torch.save(weights, path.parent / "best.th")
    archive_model(path.parent, include_in_archive=["encoder"])
    return path


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two tasks, trained so to speak."""
    folder = tmp_path_factory.mktemp("embed")
    return scaled(sources.archive(tiny_bert, fixtures_root, folder), 1.2)


@pytest.fixture
def bare(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> Path:
    """A pretrained encoder and the same data."""
    folder = tmp_path / "bare"
    folder.mkdir()
    return sources.written(sources.static(tiny_bert, fixtures_root), folder)


def test_writes_what_is_computed(
    archive: Path, tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    out = tmp_path / "out"
    heads(monkeypatch, archive, "-o", out, "--examples", EXAMPLES, "--seed", 2, "--batch-size", 4)
    said = capsys.readouterr().out
    assert "pos (labelling): 6 of 20 examples, " in said and "(text, task, heads)" in said
    assert f"Written: {out}" in said
    assert sorted(path.name for path in out.iterdir()) == [
        f"{task}.{kind}" for task in ("dep", "pos") for kind in ("json", "npz")
    ]
    options = EmbeddingOptions(examples=EXAMPLES, seed=2)
    pretrained = bare_encoder(tiny_bert)
    with trained(archive) as source:
        data = source.data()
        wanted = embed_text(pretrained, data, "dep", options)[0]
        wanted |= embed_task_and_heads(source.model, data, "dep", options)[0]
        digests = [encoder_digest(one) for one in (encoder_of(source.model), pretrained)]
    found = read_embedding(out / "dep.npz")
    assert set(found.components) == set(wanted)
    for name, values in wanted.items():
        numpy.testing.assert_allclose(
            found.components[name], values, rtol=1e-3, atol=1e-4 * abs(values).max(), err_msg=name
        )
    encoder = found.manifest["encoder"]
    assert [encoder["sha256"], encoder["pretrained_sha256"]] == digests and len(set(digests)) == 2
    assert [encoder[key] for key in ("layers", "heads", "head_dim", "dim")] == [3, 4, 6, 24]
    assert found.said("archive", "weights_sha256") and found.manifest["seed"] == 6
    assert found.manifest["class"] == "labelling" and found.manifest["head"] == "DependencyHead"
    assert found.manifest["examples"] == EXAMPLES and found.manifest["available"] == 20
    assert found.manifest["tokens"] > EXAMPLES and found.said("options", "seed") == 2
    (digest,) = found.manifest["data_files"].values()
    assert len(digest) == 64 and found.manifest["split"] == "train"
    require_alike(read_embeddings(out))


def test_the_same_bytes_again(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["--examples", EXAMPLES, "--task", "pos", "--class", "tags", "--labels", "sampled"]
    for name in ("one", "two"):
        heads(monkeypatch, archive, "-o", tmp_path / name, *options)
    with pytest.raises(ConfigurationError, match="pos.json is there already"):
        heads(monkeypatch, archive, "-o", tmp_path / "one", *options)
    heads(monkeypatch, archive.parent, "-o", tmp_path / "one", *options, "--force")
    for file in ("pos.json", "pos.npz"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert read_embedding(tmp_path / "one" / "pos.json").manifest["class"] == "tags"


def test_texts_of_a_bare_encoder(
    bare: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Those of an archive are of the encoder that its training began with."""
    options = ["--kind", "text", "--examples", "all", "--task", "pos", "--split", "validation"]
    heads(monkeypatch, bare, "-o", tmp_path / "one", *options)
    assert "pos (no class): " in capsys.readouterr().out
    heads(monkeypatch, archive, "-o", tmp_path / "other", *options)
    one, other = (read_embedding(tmp_path / name / "pos.json") for name in ("one", "other"))
    assert one.kinds == ["text"] and one.manifest["examples"] == one.manifest["available"] > 20
    numpy.testing.assert_allclose(one.components["text"], other.components["text"], rtol=1e-4)
    assert one.said("encoder") == other.said("encoder") | {"sha256": None}
    assert one.said("data_files") == other.said("data_files")
    with pytest.raises(ConfigurationError, match="give --kind text, or an archive"):
        heads(monkeypatch, bare, "-o", tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_one_example(
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--examples", 1, "--task", "dep", "--kind", "heads", "--json")
    heads(monkeypatch, archive, "-o", tmp_path, *words)
    answer = json.loads(capsys.readouterr().out)
    assert answer["reports"]["dep.json"] == json.loads((tmp_path / "dep.json").read_text())
    found = read_embedding(tmp_path / "dep.json")
    assert found.manifest["examples"] == 1 and found.kinds == ["heads"]
    # what says which others it may be compared with
    assert found.said("encoder", "pretrained_sha256")
    importance, fisher = (found.components[f"heads.{n}"] for n in ("importance", "gate_fisher"))
    numpy.testing.assert_allclose(importance**2, fisher, rtol=1e-4)
    assert "'dep' is of a single example" in caplog.text


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--task", "ner"], "there is no task ner; there are"),
        (["--split", "test"], "names no 'test_data_path'"),
        (["--component", "no such parameter", "--examples", "2"], "no such parameter"),
        (["--draws", "3"], "'draws' is 3"),
    ],
)
def test_nothing_half_written(
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        heads(monkeypatch, archive, "-o", tmp_path / "out", *arguments)
    assert not list(tmp_path.iterdir())


def test_one_task_of_two_archives(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match="both have a task 'dep': embed them into"):
        heads(monkeypatch, archive, archive.parent, "-o", tmp_path / "out")
    with pytest.raises(ConfigurationError, match="there is no archive"):
        heads(monkeypatch, tmp_path / "nowhere", "-o", tmp_path / "out")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="file cannot be written"):
        heads(monkeypatch, archive, "-o", tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_pretrained_encoder_is_gone(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive carries how it is built, but not the weights it began with."""
    encoder = tmp_path / "encoder"
    encoder.symlink_to(tiny_bert)
    path = sources.archive(str(encoder), fixtures_root, tmp_path)
    encoder.unlink()
    options = ["-o", tmp_path / "out", "--task", "pos", "--examples", 2]
    with pytest.raises(ConfigurationError, match="the kind 'text' is of the pretrained encoder"):
        heads(monkeypatch, path, *options)
    assert not (tmp_path / "out").exists()
    heads(monkeypatch, path, *options, "--kind", "task")
    assert (
        json.loads((tmp_path / "out/pos.json").read_text())["encoder"]["pretrained_sha256"] is None
    )


def test_a_training_that_diverged(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scaled(sources.archive(tiny_bert, fixtures_root, tmp_path), numpy.nan)
    with pytest.raises(ConfigurationError, match="of the task 'dep' .* has training diverged"):
        heads(monkeypatch, path, "-o", tmp_path / "out", "--examples", 4)
    assert not (tmp_path / "out").exists()
