"""Words of the pictures: names of labels, and where heads were chosen."""

from __future__ import annotations

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.matrix_figure import shorten


def shown_name(label: str, letters: int) -> str:
    """
    A label cut to so many letters, for matplotlib: never a formula, and in brackets where a reader
    would take it for dirt beside a dot (it has neither letter nor digit) or where a legend would
    leave it out (it begins with `_`).
    """
    name = shorten(label, letters).replace("$", r"\$")
    plain = any(map(str.isalnum, name)) and not name.startswith("_")
    return name if plain else f"[{name}]"


def chosen_where(result: ProbeResult) -> str:
    """`chosen on other data`, or that they were chosen on the scored items themselves."""
    return "chosen on other data" if is_held_out(result) else "chosen on the scored items"


def is_held_out(result: ProbeResult) -> bool:
    """Whether other items were scored than those that heads and centroids come from."""
    return result.options.get("held_out") is not False
