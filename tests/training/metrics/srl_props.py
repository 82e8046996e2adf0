"""Propositions in the format of CoNLL-2005, and what the official script says of them."""

import re
import subprocess
from pathlib import Path

Argument = tuple[int, int, int, str]
"""Predicate, first word, last word, role."""


def props(length: int, predicates: list[int], arguments: list[Argument]) -> str:
    """One sentence: a column that marks the predicates, and a column for each of them."""
    marks = ["verb" if word in predicates else "-" for word in range(length)]
    columns = [marks]
    for predicate in sorted(predicates):
        column = ["*"] * length
        own = [argument[1:] for argument in arguments if argument[0] == predicate]
        for start, end, role in [(predicate, predicate, "V"), *own]:
            column[start] = f"({role}{column[start]}"
            column[end] += ")"
        columns.append(column)
    return "".join("  ".join(row) + "\n" for row in zip(*columns)) + "\n"


def without_continuations(arguments: list[Argument]) -> list[Argument]:
    """The script joins `C-A1` to `A1` before it; by another name it counts it by itself."""
    return [(p, start, end, re.sub("^C-", "C.", role)) for p, start, end, role in arguments]


def official_counts(script: Path, gold: str, predicted: str, folder: Path) -> list[int]:
    """Correct, predicted and gold arguments without `V`, as the script's line `Overall` has it."""
    paths = []
    for name, text in (("gold", gold), ("predicted", predicted)):
        paths.append(folder / name)
        paths[-1].write_text(text)
    report = subprocess.run(
        ["perl", str(script), *map(str, paths)], capture_output=True, text=True, check=True
    ).stdout
    (line,) = re.findall(r"^\s*Overall\s+(\d+)\s+(\d+)\s+(\d+)", report, re.MULTILINE)
    correct, excess, missed = map(int, line)
    return [correct, correct + excess, correct + missed]
