"""The page of results comes from the saved files and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docs import build_results, record_result
from tests.docs.blocks import ROOT

RESULT: dict[str, Any] = {
    "experiment": "some.jsonnet",
    "command": "allennlp-heads train some.jsonnet",
    "data": "some text",
    "encoder": "tiny",
    "hardware": "one core",
    "budget": "3 epochs",
    "seed": 13,
    "minutes": 2,
    "scores": {"dev": {"pos_accuracy": 0.5}},
}


def write(folder: Path, name: str, result: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result), "utf-8")


def test_committed_page_is_up_to_date() -> None:
    assert build_results.main(["--check"]) == 0


def test_committed_results_name_existing_configurations() -> None:
    for path in (ROOT / "docs" / "results").glob("*.json"):
        assert (ROOT / build_results.read(path)["experiment"]).is_file()


def test_page(tmp_path: Path) -> None:
    write(tmp_path, "one", RESULT | {"heads": {"open": 3, "all": 12}, "note": "A remark."})
    many = {"pos_accuracy": [0.5, 0.7], "dep_LAS": [0.25, 0.75]}
    write(tmp_path, "two", RESULT | {"scores": {"dev": many}, "seed": [1, 2]})
    lines = build_results.render(tmp_path).splitlines()
    assert "| result | data | set | pos_accuracy | dep_LAS | heads open | minutes |" in lines
    assert "| [one](#one) | some text | dev | 0.5000 |  | 3 of 12 | 2.0 |" in lines
    assert "- A remark." in lines and "allennlp-heads train some.jsonnet" in lines
    # Worked out by hand: deviations 0.1 and 0.25 on both sides, n - 1 = 1.
    row = next(line for line in lines if line.startswith("| [two]"))
    assert "| 0.6000 +- 0.1414 | 0.5000 +- 0.3536 |" in row
    assert "- seed: 1, 2" in lines


def test_check_tells_an_old_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "results", "one", RESULT)
    page = tmp_path / "page.md"
    options = ["--results", str(tmp_path / "results"), "--page", str(page)]
    assert build_results.main([*options, "--check"]) == 1
    assert "not up to date" in capsys.readouterr().err
    assert build_results.main(options) == 0
    assert build_results.main([*options, "--check"]) == 0
    page.write_text(page.read_text() + "by hand\n")
    assert build_results.main([*options, "--check"]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [('{"seed": 1', "not JSON"), ('{"seed": 1}', "experiment, command, data")],
)
def test_a_bad_file_is_named(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text(text)
    assert build_results.main(["--results", str(tmp_path), "--page", str(tmp_path / "x")]) == 1
    error = capsys.readouterr().err
    assert "bad.json" in error and message in error
    assert not (tmp_path / "x").exists()


def test_record(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "heads").mkdir(parents=True)
    metrics = {
        "training_duration": "1 day, 0:03:30.5",
        "best_validation_pos_accuracy": 0.5,
        "best_validation_score": 0.5,
        "best_validation_loss": 1.5,
        "validation_pos_accuracy": 0.25,
    }
    config = {"pytorch_seed": 7, "model": {"backbone": {"transformer_model": "tiny"}}}
    gates = {
        "sets": {"gates": {"heads": 12}},
        "final": {"sets": {"gates": {"open": 5, "open_share": 5 / 12}}},
    }
    (run / "metrics.json").write_text(json.dumps(metrics))
    (run / "config.json").write_text(json.dumps(config))
    (run / "heads" / "gates.json").write_text(json.dumps(gates))
    (run / "test.json").write_text(json.dumps({"pos_accuracy": 0.75, "loss": 2.0}))
    words = ["experiment", "command", "data", "budget", "hardware"]
    given = [option for word in words for option in (f"--{word}", RESULT[word])]
    given += ["--results", str(tmp_path / "results"), "--scores", f"test={run / 'test.json'}"]
    assert record_result.main([str(run), "--name", "mine", *given]) == 0
    result = build_results.read(tmp_path / "results" / "mine.json")
    assert result["scores"] == {"dev": {"pos_accuracy": 0.5}, "test": {"pos_accuracy": 0.75}}
    assert (result["seed"], result["minutes"]) == (7, 1443.51)
    assert result["heads"] == {"open": 5, "all": 12}


def test_runs_of_several_seeds_become_one_result() -> None:
    runs = [
        {"seed": s, "encoder": "e", "minutes": 1.25, "scores": {"dev": {"LAS": s / 10}}}
        for s in (1, 2)
    ]
    assert record_result.merged(runs[:1]) == runs[0]
    assert record_result.merged(runs) == {
        "seed": [1, 2],
        "encoder": "e",
        "minutes": 2.5,
        "scores": {"dev": {"LAS": [0.1, 0.2]}},
    }
    with pytest.raises(SystemExit, match="several encoders"):
        record_result.merged([runs[0], {**runs[1], "encoder": "f"}])


def test_the_readme_quotes_the_recorded_demo() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    demo = json.loads((ROOT / "docs/results/demo.json").read_text("utf-8"))
    test = demo["scores"]["test"]
    assert f"UPOS accuracy {test['pos_accuracy']:.3f}, LAS {test['dep_LAS']:.3f}" in text
    assert f"{demo['heads']['open']} of {demo['heads']['all']} are open" in text
