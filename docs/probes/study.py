"""The figures of the study beside ours."""

from __future__ import annotations

# Mean over labels, in percent, of the accuracies that the code of He and Choi 2021 (*The Stem Cell
# Hypothesis*) has for BERT-base: untouched, the task alone, all five tasks. Its head of every label
# is the best of 144 on the sentences that are scored. What it calls static for DEP is one of the
# trained encoders, and left out here.
MEANS: dict[str, tuple[float | None, float, float]] = {
    "pos": (73.18, 90.49, 75.54),
    "ner": (80.67, 86.69, 82.68),
    "dep": (None, 79.28, 75.22),
    "con": (82.36, 86.55, 83.50),
    "srl": (78.58, 84.73, 83.71),
}


def sentence(tasks: list[str]) -> str:
    """What the study finds for these tasks, between the encoders of one task and of all five."""
    below = [task for task in tasks if MEANS[task][2] < MEANS[task][1]]
    numbers = ", ".join(
        f"{task.upper()} {stl:.2f} and {mtl:.2f}" for task in tasks for _, stl, mtl in [MEANS[task]]
    )
    return (
        f"In the study's tables (BERT-base) MTL-5 is below STL in {len(below)} of these "
        f"{len(tasks)} tasks, as if training all five together cost heads what one task alone "
        f"gives them; mean over labels in percent, STL and MTL-5: {numbers}. Here:"
    )
