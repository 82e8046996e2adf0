"""`pruning.json`, `pruning.npz`, the picture, and the lines a verb ends with."""

from pathlib import Path
from typing import Any, Optional

import numpy

from allennlp_heads.reports import write_arrays, write_report

SCHEMA, VERSION = "pruning", 1


def write_pruning(folder: Path, report: dict[str, Any], seed: Optional[int]) -> None:
    """
    Write the three files of a pruning into `folder`.

    # Parameters

    folder : `Path`
    report : `Dict[str, Any]`
    seed : `int`, optional
    """
    from allennlp_heads.reports.figures import head_map, save_figure

    kept = kept_array(report["kept"], report["original"])
    exists = kept_array([list(range(heads)) for heads in report["original"]], report["original"])
    write_report(folder / "pruning.json", SCHEMA, VERSION, report, seed)
    write_arrays(folder / "pruning.npz", {"kept": kept})
    title = f"{int(kept.sum())} of {int(exists.sum())} heads kept"
    figure = head_map(kept.astype(float), title, exists, "1 = kept")
    save_figure(figure, folder / "pruning")


def kept_array(kept: list[list[int]], heads: list[int]) -> numpy.ndarray:
    """`[layers, heads]` bool, in the numbering of the pretrained encoder."""
    array = numpy.zeros((len(heads), max(heads)), dtype=bool)
    for layer, numbers in enumerate(kept):
        array[layer, numbers] = True
    return array


def summary(report: dict[str, Any]) -> str:
    """What a person wants to know first, a few lines."""
    heads, cost, parameters = report["heads"], report["cost"], report["parameters"]
    size, measured = report["bytes"], report.get("measured")
    lines = [
        f"Heads: {heads['after']} of {heads['before']} kept; by layer "
        + " ".join(str(len(kept)) for kept in report["kept"]),
        f"Encoder: {parameters['encoder']['before']:,} parameters before, "
        f"{parameters['encoder']['after']:,} after",
        f"Weights: {size['before']:,} bytes before, {size['after']:,} after",
        "Largest difference of outputs: masked and removed "
        f"{report['largest_difference']['removed']:.1e}, masked and written "
        f"{report['largest_difference']['reloaded']:.1e}",
        f"Expected speed-up of the encoder at {cost['tokens']} pieces: "
        f"{cost['expected_speedup']:.2f} by count of multiply-adds. Attention's projections are "
        f"only {cost['attention_projections_share']:.0%} of them: without any heads it would be "
        f"{cost['speedup_without_heads']:.2f}, never more",
    ]
    if measured is not None:
        lines.append(
            f"Measured: {measured['speedup']:.2f} ({measured['seconds']['masked']:.4f} s masked, "
            f"{measured['seconds']['removed']:.4f} s removed, {measured['batch']} x "
            f"{measured['tokens']} pieces on {measured['device']})"
        )
    closed = [
        f"{layer}.{head + 1}"
        for layer, numbers in enumerate(report["kept_closed"], start=1)
        for head in numbers
    ]
    if closed:
        lines.append(
            f"Kept although their gates are closed, since --keep asks for more heads than are open "
            f"(layer.head, both from 1): {', '.join(closed)}. They work again from now on, as they "
            "did not in the trained model"
        )
    if heads["after"] == heads["before"]:
        lines.append("No head was removed, since no gate is closed: see --threshold and --keep")
    if report["transformers"]["reason"] is not None:
        lines.append(f"No folder for transformers: {report['transformers']['reason']}")
    return "\n".join(lines)
