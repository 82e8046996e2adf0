"""
Trains allennlp-models' model of a task and scores it by this project's rules.

    HEADS_DATA=data python -m benchmarks.peers dep --sentences 1000 --epochs 6 --seeds 13 14 15

It leaves one record a seed in `docs/results/five_tasks/` (see `docs/five_tasks/record.py`), from
which `python docs/build_results.py` makes its table. benchmarks/peers/README.md says what to
install.
"""

import argparse
import os
import sys
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from allennlp.common import Params
from allennlp.data import DatasetReader

import allennlp_heads  # noqa: F401  (registers the learning rate's schedule)
from allennlp_heads.reports.files import package_versions
from allennlp_heads.training.run_info import file_digests
from benchmarks import ENCODER
from benchmarks.peers.layout import lay_out, sources
from benchmarks.peers.scores import METRIC, counts, main_score
from benchmarks.peers.training import configuration, predictions, train
from docs.five_tasks.record import COUNTS, Record, write_record

# A row of its own, and no counts that would be tested against ours: our `srl` finds its predicates.
SYSTEMS = {"srl": "allennlp-models, predicates given"}
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    given = _parser().parse_args(arguments)
    if find_spec("allennlp_models") is None:
        sys.stderr.write("allennlp-models is not installed: see benchmarks/peers/README.md\n")
        return 1
    for task in given.tasks:
        for seed in given.seeds:
            record = record_of(task, seed, given)
            path = given.results / f"allennlp-models.{task}.{seed}.json"
            write_record(path, record)
            sys.stdout.write(f"{path}: {record['scores']['test']}\n")
    return 0


def record_of(task: str, seed: int, given: argparse.Namespace) -> Record:
    """Train a peer with one seed; its record."""
    started = time.monotonic()
    folder = given.out / f"{task}.{seed}"
    limits = {"train": given.sentences, "dev": None, "test": given.test_sentences}
    lay_out(task, given.data, folder / "data", limits)
    settings = {"seed": seed, "epochs": given.epochs, "batch_size": given.batch_size}
    model, config = train(configuration(task, folder / "data", ENCODER, settings), folder / "run")
    reader = DatasetReader.from_params(Params(config["dataset_reader"]))
    said = predictions(model, reader, folder / "data" / "test")
    found = counts(task, given.data, said, given.test_sentences)
    columns = {name: found[:, i].tolist() for i, name in enumerate(COUNTS)}
    return {
        "system": SYSTEMS.get(task, "allennlp-models"),
        "model": config["model"]["type"],
        "tasks": [task],
        "experiment": f"benchmarks/peers/{task}.jsonnet",
        "command": command_of(given),
        "seed": seed,
        "encoder": ENCODER,
        "hardware": given.hardware,
        "minutes": round((time.monotonic() - started) / 60, 2),
        "budget": {name: getattr(given, name) for name in ("sentences", "epochs", "batch_size")},
        "data": file_digests(sources(task, given.data)),
        "versions": package_versions() | {"allennlp-models": version("allennlp-models")},
        "metric": {task: METRIC[task]},
        "scores": {"test": {f"{task}_{METRIC[task]}": main_score(found)}},
        "counts": {} if task in SYSTEMS else {task: columns},
    }


def command_of(given: argparse.Namespace) -> str:
    """The command line that makes the records of this call."""
    words = ["python -m benchmarks.peers", *given.tasks, f"--epochs {given.epochs}"]
    words += [f"--sentences {given.sentences}"] if given.sentences else []
    words += [f"--batch-size {given.batch_size}", "--seeds", *map(str, given.seeds)]
    return " ".join(words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("tasks", nargs="+", choices=METRIC, help="what to train, one after another")
    parser.add_argument("--sentences", type=int, help="training sentences; all by default")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15])
    parser.add_argument("--test-sentences", type=int, help="for trials; a table needs all")
    parser.add_argument("--data", default="${HEADS_DATA}/ewt")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "peers")
    parser.add_argument("--results", type=Path, default=ROOT / "docs" / "results" / "five_tasks")
    parser.add_argument("--hardware", default=f"{os.cpu_count()} CPU cores")
    return parser


if __name__ == "__main__":
    sys.exit(main())
