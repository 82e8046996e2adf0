"""
Fisher information of all activations and of all heads, example by example, on MiniLM after a short
training: a task that classifies texts and one that parses sentences, as far as the data go 128
examples of each. Targets: at most 1.2 of the seconds of a training pass over the same batches, at
least 10 times as fast as the published way done right, which is with batches of one example and the
gradients of all parameters, on 32 of the examples, both padded to 128 pieces, as the published code
has it, and not padded; and the same numbers whatever the batch size, within 1e-5 of the largest.

The peak memory of a process that embeds N and four times as many examples: the same for both.

Also how much the published way depends on its batches: the mean cosine, over components, of squared
sums of batches with the information of single examples. And the size of the two files of a task as
a share of the 438 MB that the reference writes for a BERT of the usual size.
"""

import copy
import multiprocessing
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import torch
from allennlp.models import Model

from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads
from allennlp_heads.reports.embeddings import Embedding, write_embedding
from benchmarks.importance import BATCH_SIZE, TASKS, load, training_pass
from benchmarks.side_by_side import rounds, speedup

PASSES, BATCH_SIZES, MIXED = 5, (1, 8, 32), (4, 32)
SINGLES, PADDED = 32, 128
"""How many examples are embedded one by one, and the pieces of each by the published code."""
LARGE, LARGER = 512, 2048
"""Examples of which memory is compared; they are repeated as far as it takes."""
REFERENCE_MEGABYTES = 438.0
OPTIONS = EmbeddingOptions(kinds=("task", "heads"), examples=None)


def main() -> dict[str, float]:
    """Ratios of seconds and of sizes, differences and cosines."""
    print(f"float32, {torch.get_num_threads()} threads")
    ratios: dict[str, float] = {}
    for task, name in TASKS.items():
        torch.manual_seed(0)
        model, data = load(name, [task])
        for _ in range(PASSES):
            training_pass(model, data, task)()
        found = seconds(model, data, task)
        found |= {
            "difference between batch sizes / largest value (<= 1e-5)": difference(
                model, data, task
            ),
            "size of a BERT's files / the reference's 438 MB (<= 0.001)": share_on_disk(),
        }
        for size in MIXED:
            found[f"cosine of sums of batches of {size} with single examples"] = agreement(
                model, data, task, size
            )
        ratios |= {f"embedding: {task}: {what}": ratio for what, ratio in found.items()}
    ratios[f"embedding: peak memory of {LARGER} / {LARGE} examples (target about 1)"] = memory()
    return ratios


def seconds(model: Model, data: TaskData, task: str, repeats: int = 3) -> dict[str, float]:
    """Ours against a training pass on the same batches and against the reference's way."""
    singles = next(data.chunks(task, SINGLES))
    singles.batch_size = 1
    share = data.sizes[task] / singles.sizes[task]
    found = rounds(
        {
            "ours": lambda: embed_task_and_heads(model, data, task, OPTIONS),
            "a training pass": training_pass(copy.deepcopy(model), data, task),
            "batches of one": batches_of_one(copy.deepcopy(model), singles, task),
            "padded batches of one": batches_of_one(copy.deepcopy(model), singles, task, PADDED),
        },
        repeats,
    )
    for way in ("batches of one", "padded batches of one"):
        found[way] = [share * one for one in found[way]]
    for way, each in found.items():
        print(f"{task}, {data.sizes[task]} examples: {statistics.median(each):7.3f} s {way}")
    return {
        "ours / a training pass, seconds (target <= 1.2)": speedup(
            found["ours"], found["a training pass"]
        )[0],
        f"batches of one, padded to {PADDED} / ours, seconds (target >= 10)": speedup(
            found["padded batches of one"], found["ours"]
        )[0],
        "batches of one, not padded / ours, seconds": speedup(
            found["batches of one"], found["ours"]
        )[0],
    }


def batches_of_one(
    model: Model, data: TaskData, task: str, pieces: int = 0
) -> Callable[[], dict[str, numpy.ndarray]]:
    """
    What the published code does with `--batch_size 1`: for each batch, padded to so many pieces, a
    backward pass with respect to all parameters, whose squares are copied to NumPy and added up
    there.
    """
    transformer = encoder_of(model).transformer

    def run() -> dict[str, numpy.ndarray]:
        model.eval()
        sums: dict[str, numpy.ndarray] = {}
        for batch in data.batches(task):
            model.zero_grad()
            model(**padded(batch, pieces))["loss"].backward()
            for name, parameter in transformer.named_parameters():
                if parameter.grad is not None:
                    square = (parameter.grad**2).cpu().numpy()
                    sums[name] = sums[name] + square if name in sums else square
        return sums

    return run


def padded(batch: dict[str, Any], pieces: int) -> dict[str, Any]:
    """A batch whose texts have at least so many pieces; what is added is masked."""
    return {
        **batch,
        "tokens": {name: _padded(one, pieces) for name, one in batch["tokens"].items()},
    }


def _padded(given: dict[str, torch.Tensor], pieces: int) -> dict[str, torch.Tensor]:
    mask = "wordpiece_mask" if "wordpiece_mask" in given else "mask"  # the other is of words
    of_pieces = {"token_ids", "type_ids", "special_mask", mask}
    more = max(0, pieces - given["token_ids"].size(-1))
    return {
        name: torch.nn.functional.pad(one, (0, more)) if name in of_pieces else one
        for name, one in given.items()
    }


def memory() -> float:
    """Peak memory with more examples, as a share of that with fewer; each in a new process."""
    peaks = []
    for examples in (LARGE, LARGER):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as alone:
            peaks.append(alone.submit(peak_of, examples).result())
        print(f"{examples} examples: {peaks[-1] / 2**20:7.1f} MiB at most")
    return peaks[1] / peaks[0]


def peak_of(examples: int) -> int:
    """The peak bytes of this process after embedding so many examples."""
    task, name = next(iter(TASKS.items()))
    model, data = load(name, [task])
    embed_task_and_heads(model, repeated(data, task, examples), task, OPTIONS)
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def repeated(data: TaskData, task: str, examples: int) -> TaskData:
    """The examples of a task, over and over, until there are so many."""
    there = data.instances(task)
    more = [there[place % len(there)] for place in range(examples)]
    return TaskData({task: more}, data.vocab, data.paths, data.batch_size)


def components(
    model: Model, data: TaskData, task: str, size: int = BATCH_SIZE, mode: str = "per_example"
) -> dict[str, numpy.ndarray]:
    """Those of activations and heads."""
    options = replace(OPTIONS, batch_size=size, mode=mode)
    return embed_task_and_heads(model, data, task, options)[0]


def difference(model: Model, data: TaskData, task: str) -> float:
    """The largest between batches of different sizes, as a share of a component's largest value."""
    found = [components(model, data, task, size) for size in BATCH_SIZES]
    return max(
        float(numpy.ptp([one[name] for one in found], axis=0).max() / values.max())
        for name, values in found[0].items()
    )


def agreement(model: Model, data: TaskData, task: str, size: int) -> float:
    """Mean cosine of the reference's squared sums over batches with ours, over activations."""
    exact = components(model, data, task)
    mixed = components(model, data, task, size, "batch_sum")
    names = [name for name in mixed if not name.startswith("heads.")]
    return statistics.fmean(cosine(exact[name], mixed[name]) for name in names)


def cosine(one: numpy.ndarray, other: numpy.ndarray) -> float:
    """Of two vectors."""
    return float(one @ other / numpy.linalg.norm(one) / numpy.linalg.norm(other))


def share_on_disk(layers: int = 12, heads: int = 12, dim: int = 768) -> float:
    """Random numbers, which hardly compress, in the places of all of a BERT's components."""
    generator = numpy.random.default_rng(0)
    names = [f"{kind}.{n}" for kind in ("layer_output", "head_context") for n in range(layers)]
    arrays = {name: generator.random(dim) for name in ("text", "pooled", *names)}
    grids = ("importance", "gate_fisher", "learned_gates")
    arrays |= {f"heads.{name}": generator.random((layers, heads)) for name in grids}
    manifest = {"options": OPTIONS.as_dict(), "left_out": {}}
    with tempfile.TemporaryDirectory() as folder:
        write_embedding(folder, Embedding("task", arrays, manifest))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    return size / (REFERENCE_MEGABYTES * 1e6)


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3g}  {name}")
