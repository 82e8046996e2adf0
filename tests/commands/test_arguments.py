"""What all verbs have in common on the command line."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from allennlp.commands import main, parse_args

from allennlp_heads.commands import Verb
from allennlp_heads.commands.arguments import at_least
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb_parser import VerbParser

ROOT = Path(__file__).resolve().parents[2]
SMALL_LIBRARIES = {"allennlp_heads", "conllu", "allennlp", "tokenizers", "transformers"}
"""Whose modules the plugin may add to those that AllenNLP imports itself."""
WITHOUT_A_REPORT = {"check", "validate"}
"""They write nothing, and have answers of their own."""


def parser_of(verb: str) -> VerbParser:
    """The parser of a verb with all of its arguments."""
    parser = VerbParser(verb, prog="allennlp heads " + verb)
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    return parser


def options_of(verb: str) -> dict[str, argparse.Action]:
    """The options of a verb, by each of their spellings."""
    return {name: one for one in parser_of(verb)._actions for name in one.option_strings}


def test_the_names_are_known_and_the_descriptions_those_of_the_classes() -> None:
    assert list(SHIPPED) == sorted(SHIPPED) and set(SHIPPED) <= set(Verb.list_available())
    for name, description in SHIPPED.items():
        assert Verb.by_name(name).description == description == Verb.description_of(name)


@pytest.mark.parametrize("verb", SHIPPED)
def test_the_example_is_a_command(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = Verb.by_name(verb).example
    words = shlex.split(example)
    assert words[:3] == ["allennlp", "heads", verb]
    monkeypatch.setattr(sys, "argv", words)
    _, args = parse_args(prog="allennlp")
    assert callable(args.func)
    parser_of(verb)
    assert capsys.readouterr().out.endswith(f"example:\n  {example}\n")


@pytest.mark.parametrize("verb", SHIPPED)
def test_the_same_word_is_the_same_thing(verb: str) -> None:
    options = options_of(verb)
    pairs = {
        "-s": "--serialization-dir",
        "-o": "--overrides" if verb == "validate" else "--output-",
        "-f": "--force",
    }
    for letter, name in pairs.items():
        if letter in options:
            assert options[letter].option_strings[1].startswith(name)
    assert {"--include-package", "--file-friendly-logging"} <= set(options)
    assert not {"--tasks", "--output", "--gpu", "--device"} & set(options)
    if verb not in WITHOUT_A_REPORT:
        assert "--json" in options and len({"-o", "-s"} & set(options)) == 1
    for name in ("--task", "--kind"):
        if name in options and (verb, name) not in {("prune", "--task"), ("probe", "--kind")}:
            assert isinstance(options[name], argparse._AppendAction)
    for name, default in (("--seed", {0, None}), ("--cuda-device", {-1})):
        if name in options:
            assert options[name].default in default


@pytest.mark.parametrize("verb", SHIPPED)
def test_help_is_complete(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = parser_of(verb)
    assert all(action.help for action in parser._actions)
    # AllenNLP's parser writes defaults itself
    assert not [one.help for one in parser._actions if one.help.count("(default") > 1]
    assert "SUPPRESS" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["overlap", "run", "-o", "out", "--rounds", "0"], "--rounds: must be at least 1, not 0"),
        (["compare", "run", "-o", "out", "--seed", "-1"], "--seed: must be at least 0, not -1"),
        (["similarity", "run", "-o", "out"], "required: --similarity"),
        (["dissociate", "run", "--draws", "few"], "--draws: 'few' is no whole number"),
        (["prune", "run", "-o", "out", "--keep", "many"], "--keep: 'many': give a number"),
        (["embed", "r", "-o", "o", "--examples", "some"], "'some' is no whole number, nor 'all'"),
        (["embed", "r", "-o", "o", "--examples", "0"], "must be at least 1, not 0, nor 'all'"),
        (["reprt", "run"], "no verb 'reprt': write 'report', if that is meant; 'allennlp heads "),
        (["no-such-verb"], "no verb 'no-such-verb': 'allennlp heads --help' names all"),
    ],
)
def test_wrong_usage_ends_with_status_2(
    words: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", *words])
    with pytest.raises(SystemExit) as stopped:
        main(prog="allennlp")
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert told in said.err and not said.out


def test_at_least() -> None:
    assert at_least(1)("7") == 7
    with pytest.raises(argparse.ArgumentTypeError, match="no whole number"):
        at_least(1)("1.5")


def test_help_imports_no_verb_and_no_library_that_allennlp_does_not(tmp_path: Path) -> None:
    code = (
        "import contextlib, io, sys\n"
        "from allennlp.commands import main\n"
        "before = set(sys.modules)\n"
        "sys.argv = ['allennlp', 'heads', '--help']\n"
        "said = io.StringIO()\n"
        "with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):\n"
        "    main(prog='allennlp')\n"
        "assert 'rank ' in said.getvalue(), said.getvalue()\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    (tmp_path / ".allennlp_plugins").write_text("allennlp_heads\n")
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "allennlp_heads.data.dataset_readers.ontonotes" in found
    verbs = {f"allennlp_heads.commands.{name.replace('-', '_')}" for name in SHIPPED}
    assert not verbs & set(found) and "allennlp_heads.reports.figures" not in found
    # parts of scipy, matplotlib, ray or any other library would be among these
    libraries = {name.partition(".")[0] for name in found} - set(sys.stdlib_module_names)
    assert libraries <= SMALL_LIBRARIES
