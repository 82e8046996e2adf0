"""
Two processes on two cores, one thread each, against one process of one thread: sentences a second
in the same training of MiniLM by `allennlp train`, with the batches that the library's setting
`workers: 2` has. An update of the one process sums the batches that the two have between them, so
that both do the same updates. Target: at least 1.5 times as many.

The time is that of all updates but the first few, which are long and short alike for both; the
start of the processes does not count. Nothing else should run on the machine meanwhile.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import update_clock
from benchmarks.configured import configuration
from benchmarks.side_by_side import speedup

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = "stem_cell/single/pos.jsonnet"
BATCH_SIZE, UPDATES, WARM_UP, ROUNDS = 32, 21, 3, 3
WORKERS = 2


def main() -> dict[str, float]:
    """Ratios; 1.5 is one and a half times as many sentences a second."""
    one: list[float] = []
    two: list[float] = []
    for turn in range(ROUNDS):
        # in changing order, so that a machine that grows slower favours neither
        for count in (1, WORKERS) if turn % 2 == 0 else (WORKERS, 1):
            (one if count == 1 else two).append(statistics.fmean(trained(count)))
    sentences = BATCH_SIZE * WORKERS
    for count, found in ((1, one), (WORKERS, two)):
        middle = statistics.median(found)
        print(f"{middle:8.3f} s an update, {sentences / middle:.1f} sent./s, {count} x 1 thread")
    ratio, noise = speedup(one, two)
    return {
        "two processes: sentences a second / those of one process of one thread (target >= 1.5)": (
            ratio
        ),
        "  half the distance of its quartiles": noise,
    }


def trained(count: int) -> list[float]:
    """The seconds of each update of a training in so many processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.json").write_text(json.dumps(settings(count)))
        # a module of its own: AllenNLP's command would look for other packages' `benchmarks` first
        shutil.copy(update_clock.__file__, folder / "update_clock.py")
        words = ["train", "config.json", "-s", "run"]
        for package in ("allennlp_heads", "update_clock"):
            words += ["--include-package", package]
        allennlp(folder, words)
        seconds: list[float] = json.loads((folder / "run" / update_clock.FILE).read_text())
        return seconds[WARM_UP:]


def settings(count: int) -> dict[str, Any]:
    """The training, without what does not belong to its updates."""
    config: dict[str, Any] = {"distributed": None, **configuration(CONFIGURATION)}
    for key in [key for key in config if key.startswith(("validation_", "test_", "evaluate_"))]:
        del config[key]
    config["data_loader"] |= {
        "batch_size": BATCH_SIZE,
        "similar_batches": WORKERS,
        "max_instances": BATCH_SIZE * WORKERS * UPDATES,
    }
    trainer = config["trainer"]
    trainer |= {"num_epochs": 1, "callbacks": ["update_clock"], "cuda_device": -1}
    trainer |= {"num_gradient_accumulation_steps": WORKERS // count, "patience": None}
    if count > 1:
        accelerator = {"type": "torch", "find_unused_parameters": True}
        config["distributed"] = {"cuda_devices": [-1] * count, "ddp_accelerator": accelerator}
        trainer["callbacks"] = ["workers", "update_clock"]
    return config


def allennlp(folder: Path, words: list[str]) -> None:
    """`allennlp WORDS` in a folder, one thread a process; raises `RuntimeError` where it fails."""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "allennlp", *words],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
        },
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        raise RuntimeError(f"allennlp {' '.join(words)} failed:\n{ended.stderr[-2000:]}")


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
