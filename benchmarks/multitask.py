"""
Multi-task training (MTL-5, MiniLM, the real corpus) against the bare encoder, on the same batches:
sentences a second of forward and backward. Target: at least 0.85 of the bare encoder's. And the
same training with learned gates, their penalty included. Target: at most 1.05 times the seconds.

The bare encoder's backward starts at the sum of its output vectors and reaches all its parameters.
A table says which task costs what beyond that. Tasks may be named: `python -m benchmarks.multitask
pos dep`.
"""

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from allennlp.data import DataLoader, Vocabulary
from allennlp.models import Model

from allennlp_heads.attention import load_encoder
from benchmarks.configured import configuration, data_of, model_of

CONFIGURATION = "stem_cell/joint/all.jsonnet"
SENTENCES, BATCHES, ROUNDS = 400, 4, 3  # of each task
PRECISIONS = (None, "bfloat16")
GATES = {"type": "hard_concrete"}
Batch = dict[str, Any]
Seconds = dict[str, dict[str, float]]


def main(tasks: list[str] | None = None) -> dict[str, float]:
    """
    Ratios of sentences a second, 0.85 is 15 % fewer than the bare encoder; of seconds for gates.
    """
    torch.manual_seed(1)
    config = configuration(CONFIGURATION)
    tasks = tasks or list(config["model"]["heads"])
    accumulation = config["trainer"]["num_gradient_accumulation_steps"]
    loader, vocab = data_of(config, tasks, SENTENCES)
    batches = _some_of_each(loader, tasks)
    ratios: dict[str, float] = {}
    for precision in PRECISIONS:
        model, gated = (_model(config, tasks, vocab, precision, g) for g in (None, GATES))
        bare = load_encoder(config["model"]["backbone"]["transformer_model"]).train()
        ways = {
            "bare": _bare_pass(bare, precision),
            "ours": _our_pass(model),
            "gated": _our_pass(gated),
        }
        seconds = _by_task(batches, ways)
        name = precision or "float32"
        _print_table(name, batches, seconds)
        total = {way: sum(found.values()) for way, found in seconds.items()}
        ratios[
            f"multitask: training / bare encoder, sentences a second, {name} (target >= 0.85)"
        ] = total["bare"] / total["ours"]
        updates = len(batches) / accumulation
        for way, module in (("bare", bare), ("ours", model), ("gated", gated)):
            total[way] += updates * _seconds_of_step(module)
        ratios[f"multitask: the same with a step of AdamW after {accumulation} batches, {name}"] = (
            total["bare"] / total["ours"]
        )
        ratios[f"multitask: a training with hard-concrete gates / without, {name} (<= 1.05)"] = (
            total["gated"] / total["ours"]
        )
    return ratios


def _some_of_each(loader: DataLoader, tasks: list[str]) -> list[Batch]:
    """As many batches of every task, in the order of training epochs."""
    found: dict[str, list[Batch]] = {task: [] for task in tasks}
    while any(len(batches) < BATCHES for batches in found.values()):
        for batch in loader:
            found[batch["task"][0]].append(batch)  # type: ignore[index]
    return [batch for batches in found.values() for batch in batches[:BATCHES]]


def _model(
    config: dict[str, Any],
    tasks: list[str],
    vocab: Vocabulary,
    precision: str | None,
    gates: dict[str, str] | None,
) -> Model:
    changes: dict[str, Any] = {"autocast": precision}
    if gates is not None:
        changes["backbone"] = {**config["model"]["backbone"], "gates": gates}
    return model_of(config, tasks, vocab, **changes).train()


def _our_pass(model: Model) -> Callable[[Batch], None]:
    def run(batch: Batch) -> None:
        loss, penalty = model(**batch)["loss"], model.get_regularization_penalty()
        (loss if penalty is None else loss + penalty).backward()
        model.zero_grad(set_to_none=True)

    return run


def _bare_pass(encoder: torch.nn.Module, precision: str | None) -> Callable[[Batch], None]:
    def run(batch: Batch) -> None:
        tokens = batch["tokens"]["tokens"]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision is not None):
            output = encoder(input_ids=tokens["token_ids"], attention_mask=tokens["wordpiece_mask"])
        output.last_hidden_state.float().sum().backward()
        encoder.zero_grad(set_to_none=True)

    return run


def _by_task(batches: list[Batch], ways: dict[str, Callable[[Batch], None]]) -> Seconds:
    """
    The seconds of each way and task: of each batch the median of some rounds, in which the ways
    take turns, in changing order.
    """
    spent: dict[str, dict[str, float]] = {way: defaultdict(float) for way in ways}
    for batch in batches:
        found: dict[str, list[float]] = defaultdict(list)
        for turn in range(ROUNDS):
            for way in sorted(ways, reverse=bool(turn % 2)):
                start = time.perf_counter()
                ways[way](dict(batch))
                found[way].append(time.perf_counter() - start)
        for way, times in found.items():
            spent[way][batch["task"][0]] += statistics.median(times)
    return spent


def _seconds_of_step(module: torch.nn.Module) -> float:
    """Median seconds of one step of AdamW on all parameters."""
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-5)
    for parameter in module.parameters():
        parameter.grad = torch.zeros_like(parameter)
    times = []
    for _ in range(2 * ROUNDS):
        start = time.perf_counter()
        optimizer.step()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])  # the first one makes the moments


def _print_table(name: str, batches: list[Batch], seconds: Seconds) -> None:
    sentences: dict[str, int] = defaultdict(int)
    for batch in batches:
        sentences[batch["task"][0]] += len(batch["task"])
    print(f"{name}: milliseconds a sentence")
    print(f"{'task':>6} {'sentences':>9} {'encoder':>8} {'all':>8} {'ratio':>6}")
    for task, count in sorted(sentences.items()):
        bare, ours = (1000 * seconds[way][task] / count for way in ("bare", "ours"))
        print(f"{task:>6} {count:>9} {bare:>8.2f} {ours:>8.2f} {bare / ours:>6.2f}")


if __name__ == "__main__":
    for name, ratio in main(sys.argv[1:]).items():
        print(f"{ratio:8.3f}  {name}")
