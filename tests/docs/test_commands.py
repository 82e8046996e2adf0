"""
Every command that the documentation shows is run, as it stands, on a copy of the project in which
the configurations are small; those that install something are checked against the files they name.
"""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from pathlib import Path

import pytest
from allennlp.commands.train import train_model
from allennlp.common import logging as allennlp_logging

import allennlp_heads_cli
from fixtures.grammar.__main__ import main as generate
from tests.docs.blocks import PAGES, ROOT, Command, commands, files, page
from tests.docs.test_files import check_reports_below
from tests.training_configs.shipped import (
    CONFIGS,
    FEW_SHOT,
    GRIDS,
    PROBES,
    SEARCHES,
    TRANSFER,
    reduced,
    reduced_grid,
    reduced_probe,
    reduced_transfer,
    small,
    small_few_shot,
    small_grid,
    small_probe,
    small_search,
    small_transfer,
    written_in_training_configs,
)


@pytest.fixture
def project(tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    A working directory like a clone's, with small configurations under the shipped names, a data
    folder `data` and somebody's own files in `my`.
    """
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)
    configs = {config: small(config, tiny_bert) for config in CONFIGS}
    configs |= {config: small_few_shot(config, tiny_bert) for config in FEW_SHOT}
    configs |= {config: small_grid(config, tiny_bert) for config in GRIDS}
    configs |= {config: small_transfer(config, tiny_bert) for config in TRANSFER}
    texts = {config: small_probe(config, tiny_bert) for config in PROBES}
    texts |= {config: small_search(config, tiny_bert) for config in SEARCHES}
    texts |= {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in (ROOT / "training_configs" / "search").glob("*.json")
    }
    monkeypatch.chdir(tmp_path)
    for config, params in configs.items():
        Path(config).parent.mkdir(parents=True, exist_ok=True)
        params.to_file(config)
    for config, text in texts.items():
        Path(config).parent.mkdir(parents=True, exist_ok=True)
        Path(config).write_text(text, "utf-8")
    shutil.copytree(ROOT / "fixtures", "fixtures", ignore=shutil.ignore_patterns("grammar"))
    shutil.copytree(ROOT / "docs", "docs", ignore=shutil.ignore_patterns("results", "images"))
    shutil.copytree("fixtures/ewt", "data/ewt")
    shutil.copytree("fixtures/squad", "data/squad")
    shutil.copytree("fixtures/ewt", "my")
    for split in ("train", "dev"):
        shutil.copy(f"fixtures/formats/reviews.{split}.jsonl", "my")
    monkeypatch.setattr("allennlp.common.util.install_sigterm_handler", lambda: None)
    monkeypatch.setattr(allennlp_logging, "FILE_FRIENDLY_LOGGING", True)
    return tmp_path


PROGRAMS = ("allennlp-heads", "python")


def check_make(command: Command) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in command.words[1:]:
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


def check_pip(command: Command) -> None:
    assert command.words[1] == "install"
    words = command.words[2:]
    constraints = Path(words.pop(words.index("-c") + 1))
    pinned = {line.split("==")[0] for line in (ROOT / constraints).read_text("utf-8").split()}
    extras = re.findall(r'"(\w+)": [A-Z]+', (ROOT / "setup.py").read_text("utf-8"))
    for word in words:
        if word.startswith(".["):
            assert word[2:-1] in extras
        elif not word.startswith("-"):
            assert word in pinned


def run_python(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    words = command.words[1:]
    if words[:2] == ["-m", "fixtures.grammar"]:
        sizes = {"--train": "3", "--dev": "2", "--test": "1"}
        generate([sizes.get(before, word) for before, word in zip(words[1:], words[2:])])
        return
    module = words[0] == "-m"
    monkeypatch.setattr(sys, "argv", words[1:] if module else words)
    run = runpy.run_module if module else runpy.run_path
    try:
        run(words[module], run_name="__main__")
    except SystemExit as stopped:
        assert not stopped.code


def run_heads(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", command.words)
    assert allennlp_heads_cli.main() == 0


TABLES = {
    "own": ("README.md", 1),
    "half": ("docs/pruning.md", 1),
    "overlap": ("docs/pruning.md", 2),
}
"""Where the files of a run, or of `overlap`, are named: the page, and which of its tables."""


def files_named(run: str) -> set[str]:
    """The files in that table."""
    name, number = TABLES[run]
    text = (ROOT / name).read_text("utf-8").split("## What is written")[1]
    table = text.split("## ")[0].split("| file | content |")[number]
    rows = re.findall(r"^\| (`.*?`) \| ", table, re.MULTILINE)
    if run == "overlap":  # these need several groups, equal epochs, gates that differ
        rows = [row for row in rows if not re.search(r"claims|\.gif|correlation", row)]
    names = [name for row in rows for name in re.findall(r"`(.*?)`", row)]
    return {name.rstrip("/") for name in names if not name.startswith(".")}


def check_what_the_readme_leaves_behind(out: Path) -> None:
    """The commands were run: every file that the tables name is there."""
    for run in ("own", "half", "overlap"):
        written = {str(path.relative_to(out / run)) for path in (out / run).rglob("*")}
        named = {name.replace("<tasks>", "dep+pos") for name in files_named(run)}
        assert len(named) >= 5
        assert named <= written
    for run in ("own", "half"):
        assert len((out / run / "predictions.jsonl").read_text().splitlines()) == 6


def check_what_the_probing_page_leaves_behind(out: Path) -> None:
    """Every picture and every file that its tables name is there, and every predicted arc."""
    text = (ROOT / "docs" / "probing.md").read_text("utf-8")
    rows = re.findall(r"^\| (`probe[_.].*?`) \| ", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(.*?)`", row) if "*" not in name}
    braced = {name for name in named if "{" in name}
    for name in braced:
        stem, endings = name.rstrip("}").split("{")
        named |= {stem + ending for ending in endings.split(",")}
    pictures = {name for name in named - braced if name.endswith(".png")}
    named = named - braced | {name.replace(".png", ".svg") for name in pictures}
    named = {name for name in named if not name.startswith("probe_epochs")}
    of_groups = {name for name in named if name.startswith("probe_comparison")}
    assert len(of_groups) == 6 and len(named - of_groups) == 16
    assert named - of_groups == {path.name for path in (out / "static").iterdir()}
    assert of_groups <= {path.name for path in (out / "compared").iterdir()}
    assert len((out / "arcs.jsonl").read_text().splitlines()) == 5
    assert list((out / "arcs").glob("*.svg"))


def check_what_the_transfer_page_leaves_behind(out: Path) -> None:
    """Every file that its tables name is there."""
    text = (ROOT / "docs" / "transfer.md").read_text("utf-8").split("## What is written")[1]
    table = text.split("## ")[0]
    folders = {"evaluation": "evaluated", "ranking": "ranking", "applied": "applied"}
    named = re.findall(r"`((?:ranking|evaluation|applied)\.[^`]+)`", table)
    assert len(named) == 9
    for name in named:
        stem = name.split(".")[0]
        file = out / folders[stem] / name.replace("<kind>", "heads")
        assert file.is_file() or file.with_name(f"{file.name}.png").is_file(), name
    grid = out / "transfer"
    for name in re.findall(r"`((?:limited_limited|embeddings)/[^`]+|grid\.json)`", table):
        assert (grid / name).exists() or name == "embeddings/full/", name
    assert len(list((grid / "limited_limited" / "cells").iterdir())) == 16


def write_files(name: str, encoder: str) -> None:
    """What the page has its reader write; configurations as small as the others."""
    for path, text in files(name).items():
        if path.endswith(".jsonnet"):
            settings = written_in_training_configs(text)
            smaller = reduced_grid if "runs" in settings else reduced
            smaller(settings, encoder).to_file(path)
        else:
            Path(path).write_text(text, "utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_commands(
    name: str, project: Path, tiny_bert: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(name, tiny_bert)
    for command in page(name):
        with monkeypatch.context() as inside:
            for variable, value in command.variables.items():
                inside.setenv(variable, value)
            program = command.words[0]
            if program == "make":
                check_make(command)
            elif program == "pip":
                check_pip(command)
            elif program == "python":
                run_python(command, inside)
            elif program == "allennlp-heads":
                run_heads(command, inside)
            else:
                pytest.fail(f"{name} shows a command that no test knows: {command.words}")
    if name == "README.md":
        check_what_the_readme_leaves_behind(project / "out")
    if name == "docs/probing.md":
        check_what_the_probing_page_leaves_behind(project / "out")
    if name == "docs/transfer.md":
        check_what_the_transfer_page_leaves_behind(project / "out")
    check_reports_below(project / "out")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("configurations", 11), ("pruning", 1), ("importance", 2), ("probing", 2), ("transfer", 1)],
)
def test_experiments_shown(
    name: str, shown: int, project: Path, tiny_bert: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    texts = re.findall(r"^```jsonnet\n(.*?)^```$", page, re.M | re.DOTALL)
    assert len(texts) == shown
    for number, text in enumerate(texts):
        settings = written_in_training_configs(text)
        if "ontonotes" in text:  # nobody has it here
            assert settings["model"]["backbone"]["transformer_model"] == "bert-base-chinese"
            continue
        if "probes" in settings:
            Path("probe.jsonnet").write_text(reduced_probe(settings, tiny_bert), "utf-8")
            words = ["allennlp-heads", "heads", "probe", "probe.jsonnet", "-o", f"out/{number}"]
            run_heads(Command({}, words), monkeypatch)
            continue
        if "regimes" in settings:
            reduced_transfer(settings, tiny_bert).to_file("grid.jsonnet")
            words = ["allennlp-heads", "heads", "transfer", "grid.jsonnet", "-s", f"out/{number}"]
            run_heads(Command({}, words), monkeypatch)
            continue
        train_model(reduced(settings, tiny_bert), f"out/{number}")
        assert Path(f"out/{number}/model.tar.gz").is_file()


def test_the_demo(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = (ROOT / "training_configs" / "demo.sh").read_text("utf-8")
    script = script.replace("> /dev/null", "").replace("$OUT", "out/demo")
    steps = [c for c in commands(f"```bash\n{script}```\n") if c.words[0] in PROGRAMS]
    assert len(steps) == 5
    for step in steps[:4]:
        run_heads(step, monkeypatch)
    capsys.readouterr()
    runpy.run_path(str(ROOT / steps[4].words[1]))["main"](steps[4].words[2:])
    told = capsys.readouterr().out
    for path in re.findall(r"out/demo/\S+", told):
        assert (project / path).is_file()
    assert told.count("out/demo/") == 5
    assert re.search(r"1  The +[A-Z]+ +\S+ +<- \S+\n", told)
    assert re.search(r"Heads: \d+ open, \d+% closed", told)


def test_blocks_are_read_as_a_shell_would() -> None:
    text = "```bash\nA=1 B='x y' run --a \\\n  'two words'  # why\n\nmake demo\n"
    text += "show 'this\nand that'\n```\n```\nno\n```\n"
    assert commands(text) == [
        Command({"A": "1", "B": "x y"}, ["run", "--a", "two words"]),
        Command({}, ["make", "demo"]),
        Command({}, ["show", "this\nand that"]),
    ]


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("http"):
            assert (ROOT / name).parent.joinpath(target).exists(), target
