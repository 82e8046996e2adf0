"""What the commands of the library say of one archive: important heads, what masks leave."""

from __future__ import annotations

from pathlib import Path

from docs.runs import console
from docs.specialization.plan import (
    ALPHA,
    ALPHAS,
    EXAMPLES,
    STRUCTURED,
    Run,
    SpecializationBudget,
)

ARCHIVE = "model.tar.gz"
IMPORTANCE, DISSOCIATION = "importance", "dissociation"
"""Folders of what was measured, in that of a run."""


class Measures:
    """
    Asks the commands about the archive of a run; each writes its files into the run's folder.

    # Parameters

    run : `Run`
    budget : `SpecializationBudget`
    folder : `Path`
        Of the run.
    threads : `int`
        Of each command.
    """

    def __init__(
        self,
        run: Run,
        budget: SpecializationBudget,
        folder: Path,
        threads: int,
    ) -> None:
        self._run = run
        self._budget = budget
        self._folder = folder
        self._threads = threads

    def importance(self) -> None:
        """How much every head matters to every task, on the data that the run was trained on."""
        goes_on = self._run.source is not None
        options = ["--examples", str(EXAMPLES)] if goes_on else []
        self._ask("importance", IMPORTANCE, options)

    def dissociate(self) -> None:
        """What is left of every task under masks of important heads and of random ones."""
        first = self._run.source is None
        # masks of several sizes are for the sentence tasks, whose forward passes are cheap
        alphas = ALPHAS if first and self._run.setting != STRUCTURED else (ALPHA,)
        options = ["--importance", str(self._folder / IMPORTANCE)]
        options += ["--alpha", *(f"{alpha:g}" for alpha in alphas)]
        options += ["--draws", str(self._budget.draws if first else 1)]
        options += ["--split", "validation"]
        options += ["--max-instances", str(self._budget.scored)]
        # runs are scored on the same examples, but under random masks of their own
        options += ["--mask-seed", str(self._run.seed)]
        self._ask("dissociate", DISSOCIATION, options)

    def _ask(self, verb: str, output: str, options: list[str]) -> None:
        words = ["heads", verb, str(self._folder / ARCHIVE), "-o", str(self._folder / output)]
        console.heads([*words, *options, "--force"], self._folder, self._threads)
