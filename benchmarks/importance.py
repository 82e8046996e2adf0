"""
Exact importance of heads, example by example, on MiniLM after a short training: a task that
classifies texts and one that parses sentences, as far as the data go 128 examples of each. Targets:
at most 0.7 of the seconds of a training pass over the same batches, at least 8 times as fast as one
example at a time, and the same scores whatever the batch size, within 1e-5 of the largest.

Also the methods of transformers' `run_bertology` and of TextPruner: seconds, and by how much their
ranks of heads agree with those of one example at a time (Spearman), for batches of 4 and of 32 in
random order. And what a mask costs in the analysis of dissociation, against an evaluation.
"""

import copy
import statistics
from collections.abc import Callable
from functools import partial

import numpy
import torch
from allennlp.models import Model
from scipy.stats import spearmanr

from allennlp_heads.analysis.random_masks import random_masks
from allennlp_heads.collect import TaskData, collect_importance, encoder_of
from allennlp_heads.collect.masked_scores import masked_counts
from benchmarks.configured import configuration, data_of, model_of
from benchmarks.peers.importance import Batch, Method, by_definition, methods
from benchmarks.side_by_side import rounds, speedup

TASKS = {
    "sst2": "functional_specialization/joint/five.jsonnet",
    "dep": "stem_cell/joint/all.jsonnet",
}
FIVE = ["cola", "mnli", "qnli", "qqp", "sst2"]
EXAMPLES, BATCH_SIZE, PASSES = 128, 32, 5
BATCH_SIZES, PEERS_BATCH_SIZES = (1, 8, 32), (4, 32)


def main() -> dict[str, float]:
    """Ratios of seconds, differences and correlations."""
    print(f"float32, {torch.get_num_threads()} threads")
    ratios: dict[str, float] = {}
    peers = methods()
    for task, name in TASKS.items():
        torch.manual_seed(0)
        model, data = load(name, [task])
        for _ in range(PASSES):
            training_pass(model, data, task)()
        ratios |= seconds_of_importance(model, data, task, peers)
        ratios[f"importance: {task}: difference between batch sizes / largest score (<= 1e-5)"] = (
            difference(model, data, task)
        )
        ratios |= {
            f"importance: {task}: ranks by {name}, batches of {size} (Spearman)": found
            for (name, size), found in agreements(model, data, task, peers).items()
        }
    model, data = load(TASKS["sst2"], FIVE)
    ratios["importance: five tasks: a mask / an evaluation, seconds"] = seconds_of_mask(model, data)
    return ratios


def load(name: str, tasks: list[str]) -> tuple[Model, TaskData]:
    """A configuration's model and data for some of its tasks."""
    config = configuration(name)
    loader, vocab = data_of(config, tasks, EXAMPLES)
    return model_of(config, tasks, vocab), TaskData.of_loader(loader, batch_size=BATCH_SIZE)


def training_pass(model: Model, data: TaskData, task: str) -> Callable[[], None]:
    """What trains a model on all batches of a task once: AdamW with 5e-5."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)

    def run() -> None:
        model.train()
        for batch in data.batches(task):
            optimizer.zero_grad()
            model(**batch)["loss"].backward()
            optimizer.step()

    return run


def drawn_batches(data: TaskData, task: str, size: int) -> list[Batch]:
    """Batches of examples in random order, as they come when lengths do not matter."""
    return [batch for chunk in data.chunks(task, size) for batch in chunk.batches(task)]


def resized(data: TaskData, task: str, size: int) -> TaskData:
    """The examples of a task in batches of another size."""
    (whole,) = data.chunks(task, data.sizes[task])
    whole.batch_size = size
    return whole


def difference(model: Model, data: TaskData, task: str) -> float:
    """The largest between scores by batches of different sizes, as a share of the largest score."""
    scores = numpy.stack(
        [collect_importance(model, resized(data, task, n), task).scores for n in BATCH_SIZES]
    )
    return float(numpy.ptp(scores, axis=0).max() / scores.max())


def agreements(
    model: Model, data: TaskData, task: str, peers: dict[str, Method]
) -> dict[tuple[str, int], float]:
    """
    Spearman's correlation of the scores of ours and of each peer, for both batch sizes, with those
    of one example at a time.
    """
    exact = by_definition(model, drawn_batches(data, task, 1)).flatten()
    found: dict[tuple[str, int], float] = {}
    for size in PEERS_BATCH_SIZES:
        ours = collect_importance(model, resized(data, task, size), task).scores
        scores = {"ours": torch.from_numpy(ours)}
        for name, method in peers.items():
            scores[name] = method(model, drawn_batches(data, task, size))
        for name, values in scores.items():
            found[name, size] = float(spearmanr(exact, values.flatten()).statistic)
    return found


def seconds_of_importance(
    model: Model, data: TaskData, task: str, peers: dict[str, Method], repeats: int = 7
) -> dict[str, float]:
    """Ours against a training pass, one example at a time, and the peers on the same batches."""

    def of(method: Method, batches: TaskData = data) -> Callable[[], object]:
        return lambda: method(model, batches.batches(task))

    singles = resized(data, task, 1)
    seconds = rounds(
        {
            "ours": lambda: collect_importance(model, data, task),
            "a training pass": training_pass(copy.deepcopy(model), data, task),
            "one example at a time": of(by_definition, singles),
            "ours by batches of one": lambda: collect_importance(model, singles, task),
            **{name: of(method) for name, method in peers.items()},
        },
        repeats,
    )
    for way, found in seconds.items():
        print(f"{task}, {data.sizes[task]} examples: {statistics.median(found):7.3f} s {way}")
    ours = seconds.pop("ours")
    training = speedup(ours, seconds.pop("a training pass"))[0]
    ratios = {f"importance: {task}: ours / a training pass, seconds (target <= 0.7)": training}
    for way, found in seconds.items():
        target = " (target >= 8)" if way == "one example at a time" else ""
        ratios[f"importance: {task}: {way} / ours, seconds{target}"] = speedup(found, ours)[0]
    return ratios


def seconds_of_mask(model: Model, data: TaskData, repeats: int = 7) -> float:
    """What each of several masks costs in the analysis of dissociation, in evaluations."""
    heads = encoder_of(model).heads
    drawn = random_masks(heads, int(0.3 * sum(heads)), len(FIVE), seed=0)
    seconds = rounds(
        {
            "masks": partial(masked_counts, model, data, dict(zip(FIVE, drawn, strict=True))),
            "evaluation": partial(evaluation, model, data),
        },
        repeats,
    )
    return speedup(seconds["masks"], seconds["evaluation"])[0] / len(FIVE)


@torch.no_grad()
def evaluation(model: Model, data: TaskData) -> dict[str, float]:
    """One pass over the data of all tasks."""
    model.eval()
    for task in data.tasks:
        for batch in data.batches(task):
            model(**batch)
    metrics: dict[str, float] = model.get_metrics(reset=True)
    return metrics


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3g}  {name}")
