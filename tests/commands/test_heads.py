"""`allennlp heads`, run through AllenNLP's own `main`."""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
from copy import deepcopy
from pathlib import Path

import pytest
from allennlp.commands import main
from allennlp.common import logging as allennlp_logging
from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands import Verb
from allennlp_heads.commands.check import Check
from allennlp_heads.installation import report
from allennlp_heads.installation.stack import this_stack
from tests.pruning import archives


def heads(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Runs `allennlp heads ARGUMENTS` in this process."""
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", *arguments])
    main(prog="allennlp")


def test_without_a_verb_it_prints_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heads(monkeypatch)
    out = capsys.readouterr().out
    assert out.startswith("usage: allennlp heads")
    assert Check.description in " ".join(out.split())


def test_help_of_a_verb(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        heads(monkeypatch, "check", "--help")
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert "--json" in out and "--include-package" in out and "SUPPRESS" not in out


def test_check_reports_this_installation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heads(monkeypatch, "check", "--json")
    written = json.loads(capsys.readouterr().out)
    assert written["ok"] and written["versions"]["allennlp"] == "2.10.1"


def test_check_fails_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = this_stack()
    broken = real._replace(versions={**real.versions, "transformers": "4.50.1"})
    monkeypatch.setattr(report, "this_stack", lambda: broken)
    with pytest.raises(SystemExit) as stopped:
        heads(monkeypatch, "check")
    assert stopped.value.code == 1
    assert "AdamW" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--include-package", "package_of_a_user"),
        ("--include-package", "package_of_a_user", "check"),
    ],
    ids=["after the verb", "before the verb"],
)
def test_include_package(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package_of_a_user.py").write_text("imported = True\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "package_of_a_user", raising=False)
    heads(monkeypatch, *arguments)
    assert sys.modules["package_of_a_user"].imported


def test_a_class_that_is_not_known(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = deepcopy(archives.multitask(tiny_bert, archives.FIXED, ["pos"]))
    archive = archives.write(tmp_path / "run", config)
    config["model"]["heads"]["pos"]["type"] = "head_of_a_user"
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as out, tarfile.open(archive) as read:
        for member in read:
            content = read.extractfile(member)
            if member.name == "config.json":
                text = json.dumps(config).encode()
                member.size, content = len(text), io.BytesIO(text)
            out.addfile(member, content)
    with pytest.raises(ConfigurationError) as found:
        heads(monkeypatch, "prune", str(tmp_path / "other.tar.gz"), "-o", str(tmp_path / "out"))
    assert found.value.message == (
        "model.heads.pos.type: nothing is registered as 'head_of_a_user': name the module that "
        "registers it with --include-package"
    )


def test_file_friendly_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allennlp_logging, "FILE_FRIENDLY_LOGGING", False)
    heads(monkeypatch, "check")
    assert not allennlp_logging.FILE_FRIENDLY_LOGGING
    heads(monkeypatch, "check", "--file-friendly-logging")
    assert allennlp_logging.FILE_FRIENDLY_LOGGING


def test_a_new_verb_is_one_class(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Count(Verb):
        """Counts to a number."""

        description = "Count."

        def add_arguments(self, parser: argparse.ArgumentParser) -> None:
            parser.add_argument("number")

        def run(self, args: argparse.Namespace) -> int:
            seen.append(args.number)
            return 3

    Verb.register("count")(Count)
    try:
        with pytest.raises(SystemExit) as stopped:
            heads(monkeypatch, "count", "7")
    finally:
        del Verb._registry[Verb]["count"]
    assert (seen, stopped.value.code) == (["7"], 3)
