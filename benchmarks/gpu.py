"""
What gates, importance, important-head training and removed heads cost on a GPU: MiniLM, timed by
the device's own events, in float32 and in bfloat16 (`torch.autocast`), with the most memory that
each way needed. Every ratio is of rounds in which the ways take turns; the first round, which warms
up, does not count.

`python -m benchmarks.gpu --cuda-device 0`, or with `-1` the same on the CPU by the wall's clock,
with small batches. `--json` prints one JSON object instead of lines, with the median seconds and
the bytes of every way. Without a GPU nothing is timed unless the CPU is asked for.
"""

import argparse
import json
import platform
import statistics
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, NamedTuple

import torch
from allennlp.common import Lazy

from allennlp_heads.attention import load_encoder
from allennlp_heads.collect import collect_importance
from allennlp_heads.gates import FixedGates, HardConcreteGates, HeadGates, OpenGates, PerTaskGates
from allennlp_heads.modules import GatedEncoder
from benchmarks import ENCODER
from benchmarks.device_clock import clock_of, device_name, peak_bytes
from benchmarks.importance import evaluation, load, training_pass
from benchmarks.important_head_training import no_masks, our_masks, update
from benchmarks.pruning import choose, expected, masked, vectors, without
from benchmarks.side_by_side import Ways, rounds, speedup

TASK, CONFIGURATION = "sst2", "functional_specialization/joint/five.jsonnet"
HIGHEST_PIECE = 20000
SHARE = 0.5
"""Of the heads, that are removed."""
GATES: dict[str, Lazy[HeadGates]] = {
    "open": Lazy(OpenGates),
    "fixed": Lazy(FixedGates),
    "hard_concrete": Lazy(HardConcreteGates),
    "per_task": Lazy(PerTaskGates, constructor_extras={"tasks": [TASK, "another"]}),
}
Shape = tuple[int, int]
"""Sentences and word pieces of a batch."""


class Setting(NamedTuple):
    """
    What is measured.

    # Parameters

    device : `torch.device`
    shapes : `List[Shape]`
    repeats : `int`
    precisions : `List[str]`
        Of `float32` and `bfloat16`.
    """

    device: torch.device
    shapes: list[Shape]
    repeats: int
    precisions: list[str]

    def precision(self, name: str) -> AbstractContextManager[Any]:
        """Meanwhile matrix products are of that type."""
        if name == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)


class Found(NamedTuple):
    """What was measured: by the name of a way, or of what is divided."""

    ratios: dict[str, float]
    seconds: dict[str, float]
    peak_bytes: dict[str, int]


def main(arguments: list[str] | None = None) -> Found | None:
    """What was found, after it was printed; `None` where there is no such GPU."""
    parser = argparse.ArgumentParser("benchmarks.gpu")
    parser.add_argument("--cuda-device", type=int, default=0, help="id of GPU; -1 for the CPU")
    parser.add_argument("--repeats", type=int, default=0, help="rounds (by default 31; CPU: 3)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    if given.cuda_device >= torch.cuda.device_count():
        print(
            f"gpu: skipped, for there is no GPU {given.cuda_device}; "
            "python -m benchmarks.gpu --cuda-device -1 times the same on the CPU"
        )
        return None
    setting = setting_of(given.cuda_device, given.repeats)
    if not given.json:
        print(device_name(setting.device))
    found = measured(setting)
    if given.json:
        print(json.dumps({**_machine(setting.device), **found._asdict()}, indent=1))
    else:
        _print(found)
    return found


def setting_of(cuda_device: int, repeats: int = 0) -> Setting:
    """What a GPU is measured with, or what a CPU can do in a minute or two."""
    if cuda_device < 0:
        return Setting(torch.device("cpu"), [(8, 32)], repeats or 3, ["float32"])
    device = torch.device("cuda", cuda_device)
    # the small one shows what starting the kernels costs, the large one the kernels
    return Setting(device, [(32, 32), (128, 128)], repeats or 31, ["float32", "bfloat16"])


def measured(setting: Setting) -> Found:
    """All there is to measure."""
    found = Found({}, {}, {})
    for shape in setting.shapes:
        for precision in setting.precisions:
            with setting.precision(precision):
                gated_passes(setting, shape, precision, found)
                important_heads(setting, shape, precision, found)
                removed_heads(setting, shape, precision, found)
    importance(setting, found)
    return found


def gated_passes(setting: Setting, shape: Shape, precision: str, found: Found) -> None:
    """Forward and backward with gates of all kinds, against the library's encoder."""
    torch.manual_seed(0)
    ids = torch.randint(HIGHEST_PIECE, shape).to(setting.device)
    mask = torch.ones_like(ids, dtype=torch.bool)
    bare = load_encoder(ENCODER).train().to(setting.device)
    ways: Ways = {"bare": partial(_bare_pass, bare, ids, mask)}
    for kind, gates in GATES.items():
        encoder = GatedEncoder(ENCODER, gates, word_dropout=0.0).train().to(setting.device)
        ways[kind] = partial(_gated_pass, encoder, ids, mask)
    title = f"encoder, {_name(shape, precision)}"
    seconds = _timed(setting, title, ways, found)
    for kind in GATES:
        target = " (target <= 1.03)" if kind == "open" else ""
        name = f"{title}: forward and backward, gates {kind} / the library's encoder{target}"
        found.ratios[name] = speedup(seconds[kind], seconds["bare"])[0]


def _bare_pass(encoder: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor) -> None:
    output = encoder(input_ids=ids, attention_mask=mask.long())
    _backward(encoder, output.last_hidden_state)


def _gated_pass(encoder: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor) -> None:
    _backward(encoder, encoder(ids, mask, task=TASK))


def _backward(encoder: torch.nn.Module, found: torch.Tensor) -> None:
    found.float().square().mean().backward()
    encoder.zero_grad(set_to_none=True)


def important_heads(setting: Setting, shape: Shape, precision: str, found: Found) -> None:
    """Updates of important-head training, against plain ones."""
    ways: Ways = {
        "plain": update(True, no_masks, setting.device, shape),
        "masked": update(True, our_masks, setting.device, shape),
    }
    title = f"important heads, {_name(shape, precision)}"
    seconds = _timed(setting, title, ways, found)
    name = f"{title}: an update / a plain one, fused AdamW (target <= 1.05)"
    found.ratios[name] = speedup(seconds["masked"], seconds["plain"])[0]


def removed_heads(setting: Setting, shape: Shape, precision: str, found: Found) -> None:
    """Inference without half of the heads, against all of them and against masks."""
    encoder = load_encoder(ENCODER).eval().to(setting.device)
    removed = choose("balanced", encoder_heads(encoder), SHARE)
    ids = torch.randint(HIGHEST_PIECE, shape).to(setting.device)
    ways: Ways = {
        "whole": partial(vectors, encoder, ids),
        "masked": partial(masked(encoder, removed), ids),
        "removed": partial(vectors, without(encoder, removed), ids),
    }
    title = f"pruning, {SHARE:.0%} of the heads, {_name(shape, precision)}"
    seconds = _timed(setting, title, ways, found)
    reached = speedup(seconds["whole"], seconds["removed"])[0]
    found.ratios[f"{title}: whole / removed, seconds"] = reached
    allowed = expected(encoder, removed, shape[1])
    found.ratios[f"{title}: speed-up / expected (target >= 0.9)"] = reached / allowed
    found.ratios[f"{title}: masked / whole, seconds"] = speedup(
        seconds["masked"], seconds["whole"]
    )[0]


def encoder_heads(encoder: torch.nn.Module) -> list[int]:
    """The number of heads of each layer."""
    config: Any = encoder.config
    return [int(config.num_attention_heads)] * int(config.num_hidden_layers)


def importance(setting: Setting, found: Found) -> None:
    """Of all heads to a task that classifies texts, against other passes over its batches."""
    torch.manual_seed(0)
    model, data = load(CONFIGURATION, [TASK])
    model.to(setting.device)
    data.device = setting.device
    ways: dict[str, Callable[[], object]] = {
        "importance": lambda: collect_importance(model, data, TASK),
        "training": training_pass(model, data, TASK),
        "evaluation": lambda: evaluation(model, data),
    }
    title = f"importance, {data.sizes[TASK]} examples of {TASK}, float32"
    seconds = _timed(setting, title, ways, found)
    for way, target in (("training", " (target <= 0.7)"), ("evaluation", "")):
        name = f"{title}: ours / a pass of {way}, seconds{target}"
        found.ratios[name] = speedup(seconds["importance"], seconds[way])[0]


def _timed(setting: Setting, title: str, ways: Ways, found: Found) -> dict[str, list[float]]:
    seconds = rounds(ways, setting.repeats, clock_of(setting.device))
    for way, call in ways.items():
        found.seconds[f"{title}: {way}"] = statistics.median(seconds[way])
        peak = peak_bytes(call, setting.device)
        if peak is not None:
            found.peak_bytes[f"{title}: {way}"] = peak
    return seconds


def _name(shape: Shape, precision: str) -> str:
    return f"{shape[0]} x {shape[1]}, {precision}"


def _machine(device: torch.device) -> dict[str, Any]:
    return {
        "device": device_name(device),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }


def _print(found: Found) -> None:
    for way, seconds in found.seconds.items():
        peak = found.peak_bytes.get(way)
        memory = "" if peak is None else f", at most {peak / 2**20:.0f} MiB"
        print(f"{1000 * seconds:10.3f} ms{memory}  {way}")
    for name, ratio in found.ratios.items():
        print(f"{ratio:8.3f}  {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
