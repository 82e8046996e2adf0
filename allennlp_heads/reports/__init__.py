"""The files this project writes: atomic writing, report schemas and figures."""

from allennlp_heads.reports.animation import write_animation
from allennlp_heads.reports.figures import figure_to_image, head_map, save_figure
from allennlp_heads.reports.files import (
    atomic_write,
    read_arrays,
    read_report,
    remove_leftovers,
    write_arrays,
    write_report,
)

__all__ = [
    "atomic_write",
    "figure_to_image",
    "head_map",
    "read_arrays",
    "read_report",
    "remove_leftovers",
    "save_figure",
    "write_animation",
    "write_arrays",
    "write_report",
]
