"""
Probes of attention heads.

Which arcs the maps of 1,000 sentences x 72 heads hit, against loops over layers, heads and arcs, in
which only the greatest weight of a row is found by the tensor that the encoder returns; target: at
least 50 times as fast. Also against the same loops over numpy's arrays, which are faster to index.

A whole probe of dependencies, on MiniLM and real sentences where there are any, against a forward
pass of the encoder with eager attention over the same sentences; target: at most 3.

The peak memory of a process that probes more and more sentences; target: the same for all.
"""

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from typing import Any

import numpy
import torch

from allennlp_heads.analysis.probing.arcs import arc_hits, best_keys
from allennlp_heads.collect.bare_encoder import bare_encoder
from allennlp_heads.collect.probing.data import ProbeData
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.modules import GatedEncoder
from benchmarks.configured import configuration, data_of
from benchmarks.side_by_side import rounds, speedup
from tests.analysis.probing.probe_loops import Maps, probe_arcs

TASK = "dep"
LAYERS, HEADS, BATCH_SIZE = 6, 12, 32
SENTENCES, SIZES, LONGEST = 1000, (500, 1000, 2000), 128
WORDS = (3, 40)
# An encoder with random weights is another encoder, with as many passes as the first.
WAYS = {
    "probe": ProbeOptions(random_weights=0, trees=False),
    "probe and trees": ProbeOptions(random_weights=0),
}


def main() -> dict[str, float]:
    """Ratios of seconds and of bytes."""
    print(f"float32, {torch.get_num_threads()} threads")
    return {**seconds_of_arcs(SENTENCES), **seconds_of_pass(SENTENCES), **peaks(SIZES)}


@dataclass
class Batch:
    """Attention `[layers, batch, heads, nodes, nodes]`, mask `[batch, nodes]`, arcs `[arcs, 3]`."""

    attention: numpy.ndarray
    mask: numpy.ndarray
    arcs: numpy.ndarray


def drawn_batches(sentences: int, seed: int = 0) -> list[Batch]:
    """Random attention and, for every word, a random arc, in batches by length."""
    random = numpy.random.default_rng(seed)
    lengths = numpy.sort(random.integers(*WORDS, sentences, endpoint=True))
    batches = []
    for start in range(0, sentences, BATCH_SIZE):
        words = lengths[start : start + BATCH_SIZE]
        nodes = int(words.max()) + 1
        mask = numpy.arange(nodes) <= words[:, None]
        shape = (LAYERS, len(words), HEADS, nodes, nodes)
        attention = random.random(shape, dtype=numpy.float32) ** 8 * mask[:, None, None]
        attention /= attention.sum(-1, keepdims=True)
        arcs = [
            (row, dependent, head)
            for row, length in enumerate(words.tolist())
            for dependent in range(1, length + 1)
            for head in random.integers(0, length + 1, 1).tolist()
        ]
        batches.append(Batch(attention, mask, numpy.array(arcs)))
    return batches


def by_arrays(batches: list[Batch], direction: str = "either") -> numpy.ndarray:
    """Ours: all heads of a layer at once, as batches come."""
    found = []
    for batch in batches:
        best = numpy.stack([best_keys(of_layer, batch.mask) for of_layer in batch.attention])
        found.append(arc_hits(best, batch.arcs, direction))
    return numpy.concatenate(found)


def by_loops(
    batches: list[Batch], direction: str = "either", tensors: bool = False
) -> numpy.ndarray:
    """Layer by layer, head by head, arc by arc, on maps that are numpy's arrays or tensors."""
    found = []
    for batch in batches:
        sizes = batch.mask.sum(-1).tolist()
        attention = torch.from_numpy(batch.attention) if tensors else batch.attention
        maps: list[list[Maps]] = [
            [
                [one[head, :size, :size] for one, size in zip(of_layer, sizes)]
                for head in range(HEADS)
            ]
            for of_layer in attention
        ]
        found.append(probe_arcs(maps, batch.arcs.tolist(), direction))
    return numpy.concatenate(found)


def seconds_of_arcs(sentences: int, repeats: int = 3) -> dict[str, float]:
    """Loops against arrays, both from attention maps to hits."""
    batches = drawn_batches(sentences)
    seconds = rounds(
        {
            "ours": lambda: by_arrays(batches),
            "loops over numpy's arrays": lambda: by_loops(batches),
            "loops over tensors": lambda: by_loops(batches, tensors=True),
        },
        repeats,
    )
    for way, found in seconds.items():
        print(f"{sentences} sentences x {LAYERS * HEADS} heads: {median(found):7.3f} s {way}")
    ours = seconds.pop("ours")
    return {
        f"head probe: {way} / ours, {sentences} sentences, seconds"
        + " (target >= 50)" * (way == "loops over tensors"): speedup(found, ours)[0]
        for way, found in seconds.items()
    }


def seconds_of_pass(
    sentences: int, ways: dict[str, ProbeOptions] = WAYS, repeats: int = 3
) -> dict[str, float]:
    """The whole probe against passes over all its sentences, half to choose and half to score."""
    encoder, data = load(sentences)
    probed = halves(data)
    reading = TaskData(
        {TASK: data.instances(TASK)}, data.vocab, {}, BATCH_SIZE, tokens_per_batch=2048
    )

    def probe(options: ProbeOptions) -> Callable[[], object]:
        return lambda: probe_task(encoder, probed, TASK, options)

    seconds = rounds(
        {
            "a forward pass": lambda: forward(encoder, reading),
            **{name: probe(options) for name, options in ways.items()},
        },
        repeats,
    )
    for way, found in seconds.items():
        print(f"{data.sizes[TASK]} sentences: {median(found):7.3f} s {way}")
    passes = seconds.pop("a forward pass")
    return {
        f"head probe: {name} / a forward pass with eager attention, seconds"
        + " (target <= 3)" * (name == "probe"): speedup(found, passes)[0]
        for name, found in seconds.items()
    }


def load(sentences: int) -> tuple[GatedEncoder, TaskData]:
    """The encoder of the configurations and, as far as there are so many, training sentences."""
    config = configuration("stem_cell/joint/all.jsonnet")
    loader, _ = data_of(config, [TASK], sentences)
    readers = config["dataset_reader"]["readers"]
    (indexer,) = readers[TASK]["token_indexers"].values()
    return bare_encoder(indexer["transformer_model"]), TaskData.of_loader(loader)


def halves(data: TaskData) -> ProbeData:
    """The sentences of which one half chooses heads and the other scores them."""
    sentences = data.instances(TASK)
    first, second = sentences[::2], sentences[1::2]
    return ProbeData(
        validation=TaskData({TASK: first}, data.vocab, data.paths),
        test=TaskData({TASK: second}, data.vocab, data.paths),
    )


@torch.no_grad()
def forward(encoder: GatedEncoder, data: TaskData) -> None:
    """One pass that returns attention weights, which nobody looks at."""
    for batch in data.batches(TASK):
        tokens = batch["tokens"]["tokens"]
        encoder.transformer(
            input_ids=tokens["token_ids"],
            attention_mask=tokens["wordpiece_mask"],
            output_attentions=True,
        )


def peaks(sizes: tuple[int, ...]) -> dict[str, float]:
    """Peak bytes of processes that probe so many sentences, against the smallest number."""
    found = {}
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            sentences, peak = alone.submit(peak_of, size).result()
        print(f"{sentences} sentences: {peak / 2**20:7.1f} MiB at most")
        found[sentences] = peak
    smallest = min(found)
    return {
        f"head probe: peak memory of {size} / {smallest} sentences": peak / found[smallest]
        for size, peak in found.items()
        if size != smallest
    }


def peak_of(sentences: int) -> tuple[int, int]:
    """How many sentences there were, and the peak bytes of this process after probing them."""
    encoder, data = load(max(SIZES))
    chosen = nested(data, sentences)
    probe_task(encoder, halves(chosen), TASK, WAYS["probe"])
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return chosen.sizes[TASK], kibibytes * 1024


def nested(data: TaskData, sentences: int, longest: int = LONGEST) -> TaskData:
    """
    Some sentences. The longest, which decide how large a batch is, are among them whatever the
    number; the others are drawn at random.
    """
    instances: list[Any] = sorted(data.instances(TASK), key=_length, reverse=True)
    drawn = numpy.random.default_rng(0).permutation(numpy.arange(longest, len(instances)))
    chosen = [*range(min(longest, len(instances))), *drawn.tolist()][:sentences]
    return TaskData({TASK: [instances[place] for place in chosen]}, data.vocab, data.paths)


def _length(sentence: Any) -> int:
    return len(sentence["tokens"].tokens)


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3g}  {name}")
