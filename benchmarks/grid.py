"""
A grid of twelve tiny trainings by `allennlp heads grid`, two at a time, against the same trainings
by `allennlp train`, one after the other. Targets: at most 1 / 1.7 of the seconds, and at most 1 s a
run beyond `allennlp train`, whose start is AllenNLP's own.

Beside it, the grid one at a time: it imports once as well, which is a third of its seconds, so two
at a time cannot be twice as fast.

The encoder is random and has two small layers, so that what is measured is what is around the
training. Nothing else should run on the machine meanwhile.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from transformers import BertConfig, BertModel

from allennlp_heads.attention import load_tokenizer
from benchmarks import ENCODER
from benchmarks.configured import configuration
from benchmarks.two_processes import allennlp

TASKS, SEEDS, ALONE = ("pos", "dep"), 6, 3
"""Twelve runs, and how many of them are trained without a grid."""


def main() -> dict[str, float]:
    """Ratios, and seconds of a run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".allennlp_plugins").write_text("allennlp_heads\n")
        prepared(folder)
        alone = statistics.median(train_alone(folder, number) for number in range(ALONE))
        jobs = {number: grid(folder, number) for number in (2, 1)}
    runs = len(TASKS) * SEEDS
    print(f"{alone:8.2f} s allennlp train of one run")
    for number, seconds in sorted(jobs.items()):
        print(f"{seconds:8.2f} s the grid of {runs} runs, {number} at a time")
    return {
        f"grid: {runs} times allennlp train / the grid two at a time, seconds (target >= 1.7)": (
            runs * alone / jobs[2]
        ),
        "grid: a run of the grid, one at a time - allennlp train, s (target <= 1)": (
            jobs[1] / runs - alone
        ),
        "grid: one at a time / two at a time, seconds": jobs[1] / jobs[2],
    }


def prepared(folder: Path) -> None:
    """Write the encoder, a configuration a task, and the grid of all runs."""
    encoder = folder / "encoder"
    tokenizer = load_tokenizer(ENCODER)
    small = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
    )
    BertModel(small).save_pretrained(encoder)
    tokenizer.save_pretrained(str(encoder))
    runs: dict[str, Any] = {}
    for task in TASKS:
        config = tiny(configuration(f"stem_cell/single/{task}.jsonnet"), str(encoder))
        (folder / f"{task}.json").write_text(json.dumps(config))
        runs[task] = {"config": config, "seeds": list(range(SEEDS))}
    (folder / "grid.json").write_text(json.dumps({"runs": runs}))


def tiny(config: dict[str, Any], encoder: str) -> dict[str, Any]:
    """A training of two updates with another encoder."""
    config = _with_encoder(config, encoder)
    config["data_loader"] |= {"max_instances": 32, "batch_size": 16}
    config["validation_data_loader"]["max_instances"] = 16
    config["trainer"] |= {"num_epochs": 1, "callbacks": ["exact_resume"], "cuda_device": -1}
    return config


def _with_encoder(value: Any, encoder: str) -> Any:
    if isinstance(value, dict):
        return {
            key: encoder if key == "transformer_model" else _with_encoder(below, encoder)
            for key, below in value.items()
        }
    return [_with_encoder(one, encoder) for one in value] if isinstance(value, list) else value


def train_alone(folder: Path, number: int) -> float:
    """The seconds of a training by itself."""
    return _seconds(folder, ["train", f"{TASKS[number % 2]}.json", "-s", f"alone{number}"])


def grid(folder: Path, jobs: int) -> float:
    """The seconds of the whole grid, so many runs at a time."""
    out = f"grid{jobs}"
    return _seconds(
        folder, ["heads", "grid", "grid.json", "-s", out, "--jobs", str(jobs), "--retries", "0"]
    )


def _seconds(folder: Path, words: list[str]) -> float:
    start = time.perf_counter()
    allennlp(folder, words)
    return time.perf_counter() - start


if __name__ == "__main__":
    for name, figure in main().items():
        print(f"{figure:8.3f}  {name}")
