"""What is said of files that cannot be searched with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.search.configuration import check_configuration, configured
from allennlp_heads.search.library import import_optuna
from allennlp_heads.search.objectives import Objective, chosen_objectives
from allennlp_heads.search.optuna_options import read_options
from allennlp_heads.search.space import read_space
from tests.search.searches import CONFIG, SPACE
from tests.training_configs.shipped import ROOT, SEARCHES


def written(folder: Path, content: Any) -> str:
    """As JSON."""
    path = folder / "file.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({}, "must be a list of hyper-parameters"),
        ([], "must be a list of hyper-parameters"),
        ([{"type": "float"}], "entry 1 must have type and attributes"),
        ([{"type": "loguniform", "attributes": {"name": "lr"}}], "'float' with log: true"),
        ([{"type": "float", "attributes": {"low": 1}}], "must have the name"),
        ([SPACE[0], SPACE[0]], "'lr' is there twice"),
        ([{"type": "float", "attributes": {"name": "a", "low": 1, "high": 0}}], "entry 1, 'a': "),
        ([{"type": "int", "attributes": {"name": "a", "lowest": 1}}], "entry 1, 'a': .*'lowest'"),
        ([{"type": "categorical", "attributes": {"name": "a", "choices": []}}], "entry 1, 'a': "),
        ("[", "json: .*unexpected"),
    ],
)
def test_spaces_that_are_none(entries: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_space(written(tmp_path, entries))


@pytest.mark.parametrize(
    ("kind", "attributes", "said"),
    [
        ("int", {"low": 0.1, "high": 0.9}, "low must be a whole number, but is 0.1"),
        ("int", {"low": 0, "high": 4, "step": 1.5}, "step must be a whole number, but is 1.5"),
        ("int", {"low": True, "high": 4}, "low must be a whole number, but is true"),
        ("float", {"low": "0.1", "high": 0.9}, 'low must be a number, but is "0.1"'),
        ("float", {"low": 0.1, "high": None}, "high must be a number, but is null"),
        ("float", {"low": 0.1, "high": 1, "log": "no"}, 'log must be true or false, not "no"'),
        ("categorical", {"choices": "ab"}, 'choices must be a list, but is "ab"'),
        (
            "categorical",
            {"choices": ["a", [1, 2]]},
            r"the choice \[1, 2\] must be .* in the Jsonnet",
        ),
    ],
)
def test_odd_values(kind: str, attributes: dict[str, Any], said: str, tmp_path: Path) -> None:
    entries = [{"type": kind, "attributes": {"name": "a", **attributes}}]
    with pytest.raises(ConfigurationError, match=f"entry 1, 'a': {said}"):
        read_space(written(tmp_path, entries))


def test_values_that_only_look_odd(tmp_path: Path) -> None:
    entries = [
        {"type": "int", "attributes": {"name": "a", "low": 1.0, "high": 1e3}},
        {"type": "float", "attributes": {"name": "b", "low": 1, "high": 2, "step": None}},
        {"type": "categorical", "attributes": {"name": "c", "choices": ["a", 1, 0.5, True, None]}},
    ]
    assert read_space(written(tmp_path, entries)).names == ["a", "b", "c"]


def test_an_undefined_variable_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "config.jsonnet"
    config.write_text("local f(name) = std.extVar(name);\n{ a: { b: f('type') } }\n")
    with pytest.raises(ConfigurationError) as found:
        configured(str(config), {})
    said = str(found.value)
    assert "\n" not in said and f"undefined external variable: type ({config}:1:17" in said
    assert said.endswith("Add it to the hyper-parameters, or set it in the environment")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ trainer: { lr: std.parseJson(std.extVar('lr')) } }", "does not read 'kind'"),
        (CONFIG.replace("'kind'", "'type'"), "undefined external variable: type"),
        (CONFIG.replace("}\n", "", 1), "jsonnet"),
    ],
)
def test_configurations_that_do_not_fit(text: str, said: str, tmp_path: Path) -> None:
    space = read_space(written(tmp_path, SPACE))
    config = tmp_path / "config.jsonnet"
    config.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        check_configuration(str(config), space)


@pytest.mark.parametrize(
    ("content", "objectives", "said"),
    [
        ([], 1, "must be an object with sampler, pruner or both"),
        ({"sampler": {"type": "BestSampler"}}, 1, "sampler needs a type, one of .*TPESampler"),
        ({"pruner": {"type": "MedianPruner", "attributes": {"n": 1}}}, 1, r"pruner\.attributes: "),
        ({"pruner": {"type": "MedianPruner"}}, 2, "prunes by one number only"),
        (
            {"sampler": {"type": "GridSampler", "attributes": {"search_space": []}}},
            1,
            r"sampler\.attributes: ",
        ),
    ],
)
def test_options_that_optuna_does_not_take(
    content: Any, objectives: int, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_options(written(tmp_path, content), 0, objectives)


def test_what_is_searched_by() -> None:
    assert chosen_objectives(None, None, {"validation_metric": "+f1"}) == [
        Objective("best_validation_f1", "maximize")
    ]
    assert chosen_objectives(None, None, {}) == [Objective("best_validation_loss", "minimize")]
    assert chosen_objectives(["a", "closed_share", "my_loss"], None, {}) == [
        Objective("a", "maximize"),
        Objective("closed_share", "maximize"),
        Objective("my_loss", "minimize"),
    ]
    # the sign of the configuration's own metric is known
    trainer = {"validation_metric": "-perplexity"}
    assert chosen_objectives(["best_validation_perplexity"], None, trainer)[0].direction == (
        "minimize"
    )
    assert chosen_objectives(["a"], ["minimize"], {}) == [Objective("a", "minimize")]
    with pytest.raises(ConfigurationError, match="is given 1 times for 2 metrics"):
        chosen_objectives(["a", "b"], ["minimize"], {})


def test_optuna_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigurationError, match=r"not installed: pip install '\.\[search\]'"):
        import_optuna()


@pytest.mark.parametrize("config", SEARCHES)
def test_shipped_searches_fit_together(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    space = read_space(config.replace(".jsonnet", "_hparams.json"))
    found = check_configuration(config, space)
    groups = found["trainer"]["optimizer"]["parameter_groups"]
    assert any(options.get("lr") == space.first["gates_lr"] for _, options in groups)
    read_options("training_configs/search/optuna.json", 0, 1)
