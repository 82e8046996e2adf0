"""What the tests of readers of texts share: files from strings, and instances as plain values."""

from pathlib import Path
from typing import Any

from allennlp.data import Instance
from allennlp.data.tokenizers import WhitespaceTokenizer

WORDS = WhitespaceTokenizer()


def write(path: Path, text: str) -> str:
    """Writes the text as it is, line ends included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return str(path)


def plain(instance: Instance) -> dict[str, Any]:
    """Texts, index, label and score of an instance."""
    known = dict(instance["metadata"].metadata)  # type: ignore[attr-defined]
    if "label" in instance.fields:
        known["label"] = instance["label"].label  # type: ignore[attr-defined]
    if "score" in instance.fields:
        known["score"] = instance["score"].tensor.item()  # type: ignore[attr-defined]
    return known
