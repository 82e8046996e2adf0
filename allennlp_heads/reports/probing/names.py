"""Words of the pictures: marks of labels, and where heads were chosen."""

from __future__ import annotations

from collections.abc import Iterable

from allennlp_heads.analysis.probing.result import LabelScore, ProbeResult


def marks(score: LabelScore, rare: bool = True) -> str:
    """What follows the name of a label, as in the tables: † few items, ‡ no say in its head."""
    return " †" * (rare and score.rare) + " ‡" * is_unseen(score)


def explained(scores: Iterable[LabelScore], rare: bool = True) -> str:
    """The end of a title that says what the `marks` of these labels mean."""
    scores = list(scores)
    found = ["† few items"] * (rare and any(score.rare for score in scores))
    if any(map(is_unseen, scores)):
        found.append("‡ none to choose by: the head that is best for all labels")
    return "".join(f"; {text}" for text in found)


def is_unseen(score: LabelScore) -> bool:
    """Whether its head is the best one for all labels, since there was no item to choose by."""
    return score.chosen_on != "label"


def chosen_where(result: ProbeResult) -> str:
    """`chosen on other data`, or that they were chosen on the scored items themselves."""
    return "chosen on other data" if is_held_out(result) else "chosen on the scored items"


def is_held_out(result: ProbeResult) -> bool:
    """Whether other items were scored than those that heads and centroids come from."""
    return result.options.get("held_out") is not False
