"""
Encoders without 0, 25, 50 and 75 % of their heads, as many of each layer (`balanced`) or any of
them (`random`), and whole ones with these heads `masked`, against the speed-up that the count of
multiply-adds allows. Targets: at 50 % at least 0.9 of it, and a file smaller by exactly the removed
parameters.

The count stands beside every figure, and it is small: two thirds of an encoder are feed-forward, so
that half of the heads make it about 1.2 times as fast, and none at all would make it 1.5 times as
fast. A mask makes nothing faster. What is measured at 0 % is the noise.

At 50 % the same heads are also removed by transformers' `prune_heads` and by TextPruner, which
benchmarks/peers/README.md says how to install. Encoders can be named: `python -m benchmarks.pruning
minilm base`; the second has the shape of BERT-base and random weights.
"""

import copy
import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, PreTrainedModel

from allennlp_heads.analysis import expected_speedup, multiply_adds, random_mask
from allennlp_heads.attention import HeadTap, load_encoder, parameters_of_heads, remove_heads
from benchmarks import ENCODER
from benchmarks.peers.pruners import Removed, pruners
from benchmarks.side_by_side import rounds, speedup

Pass = Callable[[torch.Tensor], torch.Tensor]
SHARES = (0.0, 0.25, 0.5, 0.75)
PATTERNS = ("balanced", "random")
PEERS_AT = 0.5
TOLERANCE = 1e-5  # of the outputs, whatever removed the heads
ROUNDS = {(1, 32): 31, (8, 128): 7, (2, 512): 7}
"""How often each shape of a batch, sentences x word pieces, is timed."""
ENCODERS: dict[str, Callable[[], PreTrainedModel]] = {
    "minilm": lambda: load_encoder(ENCODER),
    "base": lambda: BertModel(BertConfig(vocab_size=100), add_pooling_layer=False),
}


def main(names: list[str] | None = None) -> dict[str, float]:
    """Ratios; 0.9 is nine tenths of the expected speed-up, 1.2 is 1.2 times as fast."""
    print(f"float32, {torch.get_num_threads()} threads; +- is half the distance of the quartiles")
    ratios: dict[str, float] = {}
    for name in names or ENCODERS:
        torch.manual_seed(0)
        encoder = ENCODERS[name]().eval()
        for share in SHARES:
            ratios |= _timed(name, encoder, share)
        for pattern in PATTERNS:
            gone = choose(pattern, HeadTap(encoder).heads, 0.5)
            title = f"{name}, 50% of the heads, {pattern}"
            ratios[f"pruning: {title}: bytes saved / removed (target 1)"] = bytes_saved(
                encoder, gone
            )
    return ratios


def choose(pattern: str, heads: list[int], share: float, seed: int = 0) -> Removed:
    """
    Heads to remove.

    # Parameters

    pattern : `str`
        `balanced`: a share of the heads of each layer; `random`: of all heads.
    heads : `List[int]`
        The number of heads of each layer.
    share : `float`
    seed : `int`, optional (default = `0`)
    """
    if pattern == "balanced":
        chance = random.Random(seed)
        return {i: chance.sample(range(n), round(share * n)) for i, n in enumerate(heads)}
    kept = random_mask(heads, sum(heads) - round(share * sum(heads)), seed)
    return {i: [head for head in range(n) if not kept[i, head]] for i, n in enumerate(heads)}


def without(encoder: PreTrainedModel, removed: Removed) -> PreTrainedModel:
    """A copy of an encoder without some of its heads."""
    encoder = copy.deepcopy(encoder)
    remove_heads(encoder, removed)
    return encoder


def masked(encoder: PreTrainedModel, removed: Removed) -> Pass:
    """The forward pass of the whole encoder, whose gates of some heads are 0."""
    tap = HeadTap(encoder)
    gates = torch.ones(tap.layers, max(tap.heads), device=encoder.device)
    for layer, heads in removed.items():
        gates[layer, heads] = 0

    def forward(ids: torch.Tensor) -> torch.Tensor:
        with tap.scale(gates):
            return vectors(encoder, ids)

    return forward


def expected(encoder: PreTrainedModel, removed: Removed, pieces: int) -> float:
    """The speed-up that the count of multiply-adds allows."""
    heads, config = HeadTap(encoder).heads, encoder.config
    kept = [number - len(removed[layer]) for layer, number in enumerate(heads)]
    head_dim = config.hidden_size // config.num_attention_heads
    full, pruned = (
        multiply_adds(each, config.hidden_size, config.intermediate_size, head_dim, pieces)
        for each in (heads, kept)
    )
    return expected_speedup(full, pruned)


def bytes_saved(encoder: PreTrainedModel, removed: Removed) -> float:
    """What the file of the weights loses, as a share of the bytes of the removed parameters."""
    sizes = parameters_of_heads(encoder)
    gone = sum(sizes[layer] * len(heads) for layer, heads in removed.items())
    full, pruned = (_bytes_of_weights(each) for each in (encoder, without(encoder, removed)))
    return (full - pruned) / (gone * encoder.dtype.itemsize)


def _bytes_of_weights(encoder: PreTrainedModel) -> int:
    """The size of the file that holds them, without its table of contents."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save_file(encoder.state_dict(), path)
        content = path.read_bytes()
    return len(content) - 8 - int.from_bytes(content[:8], "little")


@torch.inference_mode()
def vectors(encoder: PreTrainedModel, ids: torch.Tensor) -> torch.Tensor:
    """The forward pass of an encoder."""
    found: torch.Tensor = encoder(ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    return found


def _timed(name: str, encoder: PreTrainedModel, share: float) -> dict[str, float]:
    """What the removal of a share of the heads brings, at all shapes; prints tables."""
    removed = {pattern: choose(pattern, HeadTap(encoder).heads, share) for pattern in PATTERNS}
    encoders = {pattern: without(encoder, chosen) for pattern, chosen in removed.items()}
    peers = pruners() if share == PEERS_AT else {}
    for peer, prune in peers.items():
        removed[peer] = removed["balanced"]
        encoders[peer] = prune(encoder, removed[peer])
    passes: dict[str, Pass] = {"full": partial(vectors, encoder)}
    passes["masked"] = masked(encoder, removed["balanced"])
    passes |= {way: partial(vectors, each) for way, each in encoders.items()}
    ratios: dict[str, float] = {}
    for (sentences, pieces), repeats in ROUNDS.items():
        title = f"{name}, {share:.0%} of the heads, {sentences} x {pieces}"
        ids = torch.randint(0, 100, (sentences, pieces))
        seconds = rounds({way: partial(run, ids) for way, run in passes.items()}, repeats)
        allowed = {way: expected(encoder, chosen, pieces) for way, chosen in removed.items()}
        _print_table(title, sentences, seconds, allowed)
        if not share:
            continue
        for pattern in PATTERNS:
            reached = speedup(seconds["full"], seconds[pattern])[0] / allowed[pattern]
            target = " (target >= 0.9)" if share == 0.5 else ""
            ratios[f"pruning: {title}, {pattern}: speed-up / expected{target}"] = reached
        for way in ("masked", *peers):
            ratio = speedup(seconds[way], seconds["balanced"])[0]
            ratios[f"pruning: {title}, {way} / removed, seconds"] = ratio
    _check_outputs(encoder, encoders, removed)
    return ratios


def _print_table(
    title: str, sentences: int, seconds: dict[str, list[float]], allowed: dict[str, float]
) -> None:
    print(f"{title}\n{'':14} {'ms':>8} {'sent./s':>8} {'faster':>7} {'+-':>6} {'expected':>9}")
    for way, found in seconds.items():
        middle = statistics.median(found)
        reached, noise = speedup(seconds["full"], found)
        print(
            f"{way:14} {1000 * middle:8.1f} {sentences / middle:8.1f} {reached:7.3f} {noise:6.3f} "
            f"{allowed.get(way, 1.0):9.3f}"
        )


def _check_outputs(
    encoder: PreTrainedModel, encoders: dict[str, PreTrainedModel], removed: dict[str, Removed]
) -> None:
    """All ways of removing heads compute what the masked encoder does."""
    ids = torch.randint(0, 100, (2, 32))
    for way, each in encoders.items():
        apart = (vectors(each, ids) - masked(encoder, removed[way])(ids)).abs().max().item()
        print(f"{way}: outputs differ from the masked encoder's by {apart:.1e} at most")
        assert apart <= TOLERANCE


if __name__ == "__main__":
    for name, ratio in main(sys.argv[1:]).items():
        print(f"{ratio:8.3f}  {name}")
