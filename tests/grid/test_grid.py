"""`allennlp heads grid` with real processes: what it leaves, and that others can read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive

from allennlp_heads.transfer.lock import locked
from tests.grid import configs

NOWHERE = {"pos": "nowhere.conllu", "dep": "nowhere.conllu"}


def test_a_grid_with_everything(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    heads: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = configs.few(tiny_bert, fixtures_root)
    runs: configs.Config = {
        "source": {"config": config, "seeds": [13, 14]},
        "target": {"config": configs.after(config, "source"), "seeds": [13]},
        "broken": {"config": {**config, "train_data_path": NOWHERE}},
        "later": {"config": config, "after": ["broken"], "environment": {"OF_ITS_OWN": "1"}},
    }
    out = tmp_path / "out"
    words = ["grid", configs.written({"runs": runs}, tmp_path), "-s", str(out)]
    assert heads(*words, "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "target.13  to do (1 CPU), after source.13" in lines
    assert lines[-1] == "5 of 5 runs to do" and not out.exists()

    assert heads(*words) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 of 5 runs complete, 1 failed, 1 blocked"
    missing = "nowhere.conllu: no such file or folder, and no file fits it as a pattern."
    assert f"  broken failed: found a mistake: {missing}" in lines
    assert "  later blocked: comes after broken" in lines
    found = configs.summary(out)
    states = {name: run["state"] for name, run in found.items()}
    complete = ("source.13", "source.14", "target.13")
    assert states == {"broken": "failed", "later": "blocked", **dict.fromkeys(complete, "complete")}
    assert found["source.14"]["seed"] == 14 and found["source.14"]["tasks"] == ["dep", "pos"]
    assert found["broken"]["attempts"] == 1 and found["later"]["attempts"] == 0
    metrics = json.loads((out / "target.13" / "metrics.json").read_text())
    assert found["target.13"]["metrics"] == metrics
    failures = (out / "failures.txt").read_text()
    assert "broken: found a mistake" in failures and "nowhere.conllu" in failures
    assert "later: blocked, comes after broken" in failures

    check_that_others_read_it(out, heads, tmp_path)
    assert heads(*words, "--only", "source.13", "--only", "source.14") == 0
    assert (out / "failures.txt").read_text() == failures

    # what was wrong is put right, and only that is done
    runs["broken"]["config"] = config
    configs.written({"runs": runs}, tmp_path)
    capsys.readouterr()
    assert heads(*words, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["summary"] == ["5 of 5 runs complete"]
    again = answer["reports"]["grid.json"]["runs"]
    assert again["broken"]["attempts"] == 2 and again["later"]["attempts"] == 1
    assert {name: again[name] for name in complete} == {name: found[name] for name in complete}
    assert not (out / "failures.txt").exists()

    runs["source"]["overrides"] = {"trainer.num_epochs": 2}
    configs.written({"runs": runs}, tmp_path)
    with pytest.raises(ConfigurationError, match=r"source\.13: 'trainer\.num_epochs' is not what"):
        heads(*words)
    with locked(out), pytest.raises(ConfigurationError, match="another command works in"):
        heads(*words)


def check_that_others_read_it(out: Path, heads: Callable[..., int], place: Path) -> None:
    """Its runs are ordinary ones, and verbs take the folder or all that is in it."""
    load_archive(out / "target.13" / "model.tar.gz")
    assert heads("report", str(out), "-o", str(place / "page.html")) == 0
    page = (place / "page.html").read_text()
    assert "target.13" in page and "broken" not in page
    assert heads("overlap", str(out), "-o", str(place / "overlap"), "--rounds", "5") == 0
    everything = sorted(str(path) for path in out.glob("[!.]*"))
    assert {Path(path).name for path in everything} >= {"grid.json", "failures.txt"}
    options = ["--rounds", "5", "--skip-unfinished"]
    assert heads("compare", *everything, "-o", str(place / "compared"), *options) == 0
    by_hand = json.loads((place / "compared" / "comparison.json").read_text())
    assert heads("compare", str(out), "-o", str(place / "all"), *options) == 0
    assert json.loads((place / "all" / "comparison.json").read_text()) == by_hand
