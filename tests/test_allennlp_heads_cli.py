"""The console script inside this process; `tests/test_installation.py` has it on broken stacks."""

from __future__ import annotations

import json
import logging
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import allennlp_heads_cli


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Runs in an empty folder and leaves this process's signal handlers and logging alone."""
    handlers, level = logging.root.handlers[:], logging.root.level
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("allennlp.common.util.install_sigterm_handler", lambda: None)
    monkeypatch.delenv("ALLENNLP_DEBUG", raising=False)
    yield monkeypatch
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["allennlp-heads", *arguments])
    return allennlp_heads_cli.main()


def test_check(heads: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(heads, "check", "--json") == 0
    assert json.loads(capsys.readouterr().out)["ok"]


def test_everything_else_is_allennlp(
    heads: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(heads, "heads") == 0
    assert capsys.readouterr().out.startswith("usage: allennlp-heads heads")
    with pytest.raises(SystemExit) as stopped:
        run(heads, "--version")
    assert stopped.value.code == 0
    assert "2.10.1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "file config.json not found"),
        ('{"train_data_path": "x"}', 'key "dataset_reader" is required'),
        ('{"train_data_path": ', "config.json:1:21"),
    ],
)
def test_a_mistake_ends_in_its_message(
    content: str | None,
    message: str,
    heads: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if content is not None:
        Path("config.json").write_text(content)
    arguments = ("train", "config.json", "--dry-run", "-s", "out")
    assert run(heads, *arguments) == 1
    first, second = capsys.readouterr().err.splitlines()[-2:]
    assert first.startswith("allennlp-heads: ") and message in first
    assert "ALLENNLP_DEBUG" in second

    heads.setenv("ALLENNLP_DEBUG", "1")
    with pytest.raises(Exception, match=message):
        run(heads, *arguments, "--force")


@pytest.mark.parametrize(
    ("variables", "level"),
    [
        ({}, logging.INFO),
        ({"ALLENNLP_LOG_LEVEL": "WARNING"}, logging.WARNING),
        ({"ALLENNLP_LOG_LEVEL": "nonsense"}, logging.INFO),
        ({"ALLENNLP_DEBUG": "1"}, logging.DEBUG),
    ],
)
def test_log_level(variables: dict[str, str], level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[int] = []
    monkeypatch.setattr(logging, "basicConfig", lambda format, level: levels.append(level))
    for name in ("ALLENNLP_DEBUG", "ALLENNLP_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    allennlp_heads_cli._set_up_logging()
    assert levels == [level]


@pytest.mark.parametrize("content", [b"no archive", b"\x1f\x8b\x08\x00cut off", b""])
def test_an_unreadable_archive(
    content: bytes, heads: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("model.tar.gz").write_bytes(content)
    Path("input.jsonl").write_text("{}")
    assert run(heads, "predict", "model.tar.gz", "input.jsonl") == 1
    assert "allennlp-heads: the archive cannot be read" in capsys.readouterr().err


def test_an_archive_without_configuration_or_with_broken_weights(
    heads: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("input.jsonl").write_text("{}")
    for missing, message in ((True, "it has no config.json"), (False, "the archive is damaged")):
        config = {
            "dataset_reader": {"type": "conllu", "view": "upos"},
            "model": {
                "type": "simple_tagger",
                "text_field_embedder": {
                    "token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 2}}
                },
                "encoder": {"type": "pass_through", "input_dim": 2},
            },
        }
        Path("weights.th").write_bytes(b"PK no weights")
        Path("config.json").write_text(json.dumps(config))
        Path("vocabulary").mkdir(exist_ok=True)
        Path("vocabulary/non_padded_namespaces.txt").write_text("*labels")
        Path("vocabulary/labels.txt").write_text("NOUN")
        Path("vocabulary/tokens.txt").write_text("@@UNKNOWN@@")
        with tarfile.open("model.tar.gz", "w:gz") as archive:
            for name in ["weights.th", "vocabulary"] + ([] if missing else ["config.json"]):
                archive.add(name)
        assert run(heads, "predict", "model.tar.gz", "input.jsonl") == 1
        assert message in capsys.readouterr().err


def test_overrides_that_do_not_fit(
    heads: pytest.MonkeyPatch, fixtures_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are no fault of the archive."""
    Path("config.json").write_text(json.dumps({"model": {"type": "simple_tagger"}}))
    Path("vocabulary").mkdir()
    Path("vocabulary/labels.txt").write_text("NOUN")
    Path("weights.th").write_bytes(b"")
    with tarfile.open("model.tar.gz", "w:gz") as archive:
        for name in ("config.json", "vocabulary", "weights.th"):
            archive.add(name)
    wrong = json.dumps({"dataset_reader": {"type": "conllu", "max_instances": "many"}})
    data = str(fixtures_root / "ewt/dev.conllu")
    assert run(heads, "evaluate", "model.tar.gz", data, "--overrides", wrong) == 1
    said = capsys.readouterr().err
    assert "the configuration with --overrides does not fit: Expected max_instances" in said
    assert "damaged" not in said


def test_interrupted(heads: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(prog: str) -> None:
        raise KeyboardInterrupt

    heads.setattr("allennlp.commands.main", interrupted)
    assert run(heads, "train") == 130
    assert capsys.readouterr().err.endswith(
        "allennlp-heads: interrupted; the same command with --recover goes on from the last "
        "checkpoint\n"
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model": {"type": "simple_tagger", "headz": 1}}, "headz"),
        ({"trainer": {"num_epochs": "x"}}, "num_epochs"),
    ],
)
def test_values_that_do_not_fit(
    config: dict[str, dict[str, object]],
    message: str,
    heads: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = "1\tBirds\t_\tNOUN\t_\t_\t2\tnsubj\t_\t_\n2\tsing\t_\tVERB\t_\t_\t0\troot\t_\t_\n\n"
    Path("a.conllu").write_text(row)
    whole: dict[str, dict[str, object] | str] = {
        "dataset_reader": {"type": "conllu", "view": "upos"},
        "train_data_path": "a.conllu",
        "data_loader": {"batch_size": 1},
        "trainer": {"optimizer": "adam"},
        "model": {
            "type": "simple_tagger",
            "text_field_embedder": {
                "token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 2}}
            },
            "encoder": {"type": "pass_through", "input_dim": 2},
        },
    }
    for key, changes in config.items():
        part = whole[key]
        assert isinstance(part, dict)
        part.update(changes)
    Path("config.json").write_text(json.dumps(whole))
    assert run(heads, "train", "config.json", "-s", "out") == 1
    assert message in capsys.readouterr().err.splitlines()[-2]
