"""Precision, recall and F1 from counts."""

from collections.abc import Sequence


def precision_recall_f1(counts: Sequence[int], suffix: str = "") -> dict[str, float]:
    """
    # Parameters

    counts : `Sequence[int]`
        Correct, predicted and gold items.
    suffix : `str`, optional (default = `""`)
        Ends the names.

    # Returns

    `Dict[str, float]`
        `precision`, `recall` and their harmonic mean `f1`, between 0 and 1; 0 where there is
        nothing to divide by.
    """
    correct, predicted, gold = counts
    return {
        f"precision{suffix}": share(correct, predicted),
        f"recall{suffix}": share(correct, gold),
        f"f1{suffix}": share(2 * correct, predicted + gold),
    }


def share(part: int, whole: int) -> float:
    """The part divided by the whole, 0 if there is no whole."""
    return part / whole if whole else 0.0
