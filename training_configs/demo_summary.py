"""Prints what `make demo` made: predictions as tables, scores, closed heads, and the paths."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_COLUMNS = ("tags", "heads", "relations")


def tables(predictions: list[dict[str, Any]]) -> str:
    """One table a sentence: its words with their tags, relations and heads."""
    sentences: dict[tuple[str, ...], dict[str, list[Any]]] = {}
    for prediction in predictions:
        columns = sentences.setdefault(tuple(prediction["words"]), {})
        columns |= {key: prediction[key] for key in _COLUMNS if key in prediction}
    lines = []
    for words, columns in sentences.items():
        lines.append("")
        for number, word in enumerate(words):
            tag, head, relation = (columns[key][number] for key in _COLUMNS)
            governor = words[head - 1] if head else "ROOT"
            lines.append(f"  {number + 1:>2}  {word:<12}{tag:<8}{relation:<14}<- {governor}")
    return "\n".join(lines)


def summary(folder: Path) -> str:
    """The whole text for a finished run."""
    lines = (folder / "predictions.jsonl").read_text("utf-8").splitlines()
    scores = json.loads((folder / "test.json").read_text("utf-8"))
    heads = folder / "heads"
    gates = json.loads((heads / "gates.json").read_text("utf-8"))["final"]["sets"]["gates"]
    accuracy, attachment = scores["pos_accuracy"], scores["dep_LAS"]
    return "\n".join(
        [
            "Predictions (word, part of speech, relation, head):",
            tables([json.loads(line) for line in lines if line]),
            "",
            f"Generated test file: UPOS accuracy {accuracy:.3f}, LAS {attachment:.3f}",
            f"Heads: {gates['open']} open, {1 - gates['open_share']:.0%} closed",
            "",
            f"Archive:  {folder / 'model.tar.gz'}",
            f"Page:     {folder / 'report.html'} (opens in a browser)",
            f"Pictures: {heads / 'gates_best.png'} (the archived model)",
            f"          {heads / 'gates.gif'} (epoch by epoch)",
            f"Numbers:  {heads / 'gates.json'}",
        ]
    )


def main(arguments: list[str]) -> None:
    """Writes the summary of the run in the folder `arguments[0]`."""
    sys.stdout.write(summary(Path(arguments[0])) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
