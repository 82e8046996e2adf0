"""The pictures of a history of gates."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy
from matplotlib.figure import Figure

from allennlp_heads.reports.animation import write_animation
from allennlp_heads.reports.figures import figure_to_image, head_map, save_figure
from allennlp_heads.reports.gate_history import BEFORE_TRAINING, Entry, GateHistory

MOST_FRAMES = 60
"""A longer run is shown by this many epochs, evenly spread, with the first and the last."""


def gate_figure(history: GateHistory, key: str, entry: Entry, note: str = "") -> Figure:
    """The map of one set of gates at one moment; `note` is added to the title."""
    count, heads = history.open_heads(key, entry.grids[key])
    name = "Head gates" if len(history.exists) == 1 else f"Head gates of {key}"
    title = f"{name} {moment(entry.epoch)}: {count} of {heads} open{note}"
    return head_map(entry.grids[key], title, history.exists[key])


def write_current(history: GateHistory, folder: str | os.PathLike[str]) -> None:
    """Write `gates.png` and `gates.svg` of the latest entry, for each set of gates."""
    for key in history.exists:
        save_figure(gate_figure(history, key, history.entries[-1]), _stem(history, folder, key))


def write_best(history: GateHistory, folder: str | os.PathLike[str]) -> None:
    """
    Write `gates_best.png` and `gates_best.svg`: the gates of the archive's weights, or of the best
    epoch so far where training broke off.
    """
    entry = history.final or history.best()
    if entry is None:
        return
    note = " (best epoch, as archived)" if history.final else " (best epoch so far)"
    for key in history.exists:
        figure = gate_figure(history, key, entry, note)
        save_figure(figure, _stem(history, folder, key, "_best"))


def write_gif(history: GateHistory, folder: str | os.PathLike[str]) -> None:
    """Write `gates.gif`, one frame an epoch, for each set of gates."""
    frames = chosen_frames(len(history.entries))
    for key in history.exists:
        figures = (gate_figure(history, key, history.entries[frame]) for frame in frames)
        path = _stem(history, folder, key).with_name(_stem(history, folder, key).name + ".gif")
        write_animation(path, map(figure_to_image, figures))


def chosen_frames(entries: int) -> list[int]:
    """Which of so many epochs an animation shows, at most `MOST_FRAMES`."""
    places = numpy.linspace(0, entries - 1, min(entries, MOST_FRAMES)).round().astype(int)
    return sorted({*places.tolist()})


def moment(epoch: int) -> str:
    """When the gates of an epoch were taken, for titles."""
    if epoch == BEFORE_TRAINING:
        return "before training"
    return f"after {epoch + 1} epoch{'' if epoch == 0 else 's'}"


def _stem(history: GateHistory, folder: str | os.PathLike[str], key: str, suffix: str = "") -> Path:
    name = f"gates{suffix}"
    if len(history.exists) > 1:
        name += "." + re.sub(r"[^\w.-]+", "_", key)
    return Path(folder) / name
