"""
Two processes on two cores, one thread each, against one process of one thread: sentences a second
in the same training of MiniLM by `allennlp train`, with the batches that the library's setting
`workers: 2` has, and the optimizer that it offers for CPUs. An update of the one process sums the
batches that the two have between them, so that both do the same updates. Target: at least 1.5 times
as many.

Beside it, two trainings at the same time that know nothing of each other: what two cores that share
a memory give when nothing has to be summed or waited for.

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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
    seconds: dict[str, list[float]] = {"one": [], "two": [], "apart": []}
    ways: dict[str, Callable[[], float]] = {
        "one": lambda: trained(1),
        "two": lambda: trained(WORKERS),
        "apart": apart,
    }
    for turn in range(ROUNDS):
        # in changing order, so that a machine that grows slower favours none
        for name in list(ways)[:: 1 if turn % 2 == 0 else -1]:
            seconds[name].append(ways[name]())
    for name, found in seconds.items():
        middle = statistics.median(found)
        sentences = BATCH_SIZE * WORKERS / middle
        print(f"{middle:8.3f} s an update, {sentences:.1f} sentences a second: {name}")
    ratio, noise = speedup(seconds["one"], seconds["two"])
    most, most_noise = speedup(seconds["one"], seconds["apart"])
    return {
        "two processes: sentences a second / those of one process of one thread (target >= 1.5)": (
            ratio
        ),
        "  half the distance of its quartiles": noise,
        "two trainings apart: sentences of both a second / those of one": most,
        "  half the distance of its quartiles (apart)": most_noise,
        "two processes / two trainings apart, sentences a second": ratio / most,
    }


def apart() -> float:
    """Mean seconds in which two trainings at the same time do one update between them."""
    with ThreadPoolExecutor(WORKERS) as pool:
        each = list(pool.map(lambda _: trained(1), range(WORKERS)))
    return statistics.fmean(each) / WORKERS


def trained(count: int) -> float:
    """The mean seconds of an update of a training in so many processes."""
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
        return statistics.fmean(seconds[WARM_UP:])


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
    # every process does the whole of an update: most of what more of them cannot share
    trainer["optimizer"]["type"] = "adamw_fused"
    if count > 1:
        config["distributed"] = {
            "cuda_devices": [-1] * count,
            "ddp_accelerator": "multitask_torch",
        }
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
