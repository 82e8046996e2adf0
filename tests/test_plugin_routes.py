"""
The ways in which AllenNLP finds this plugin, each in a process of its own that starts in an empty
folder with an empty home: a dry run of a training that needs a reader of ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

CONFIG = """{
    dataset_reader: {type: 'conllu', view: 'upos'},
    train_data_path: 'two.conllu',
    model: {
        type: 'simple_tagger',
        label_namespace: 'upos_labels',
        text_field_embedder: {token_embedders: {tokens: {type: 'embedding', embedding_dim: 4}}},
        encoder: {type: 'pass_through', input_dim: 4},
    },
    data_loader: {batch_size: 2},
    trainer: {optimizer: {type: 'sgd', lr: 0.1}, num_epochs: 1},
}
"""

SENTENCES = """1	Birds	bird	NOUN	_	_	2	nsubj	_	_
2	sing	sing	VERB	_	_	0	root	_	_

1	Sing	sing	VERB	_	_	0	root	_	_

"""

ROUTES = ["local file", "home file", "include-package", "console script"]


def start(route: str, folder: Path) -> subprocess.Popen[str]:
    """Starts `allennlp train --dry-run` in a fresh folder, the plugin reachable by one route."""
    home, work = folder / "home", folder / "work"
    (home / ".allennlp").mkdir(parents=True)
    work.mkdir()
    (work / "config.jsonnet").write_text(CONFIG, encoding="utf-8")
    (work / "two.conllu").write_text(SENTENCES, encoding="utf-8")
    module, flags = "allennlp", []
    if route == "local file":
        (work / ".allennlp_plugins").write_text((ROOT / ".allennlp_plugins").read_text())
    elif route == "home file":
        (home / ".allennlp" / "plugins").write_text("allennlp_heads\n")
    elif route == "include-package":
        flags = ["--include-package", "allennlp_heads"]
    else:
        module = "allennlp_heads_cli"
    # The clone is importable whether or not it is installed; no route is reachable by this alone.
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", module, "train", "config.jsonnet", "--dry-run", "-s", "out", *flags],
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int, str]]:
    """Folder, exit status and output by route; two at a time, since a start takes six seconds."""
    finished = {}
    for pair in (ROUTES[:2], ROUTES[2:]):
        folders = {route: tmp_path_factory.mktemp("route") for route in pair}
        started = {route: start(route, folder) for route, folder in folders.items()}
        for route, process in started.items():
            output, _ = process.communicate(timeout=120)
            finished[route] = (folders[route] / "work", process.returncode, output)
    return finished


@pytest.mark.parametrize("route", ROUTES)
def test_route(route: str, runs: dict[str, tuple[Path, int, str]]) -> None:
    work, status, output = runs[route]
    assert status == 0, output
    labels = work / "out" / "vocabulary" / "upos_labels.txt"
    assert sorted(labels.read_text().split()) == ["NOUN", "VERB"]
