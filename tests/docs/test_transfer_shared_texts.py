"""Texts that a source's training data and a target's scored data share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from docs.transfer.shared_texts import above_limit, shared_texts

LONG = "The old bridge was closed for repairs"
QUESTION = {"text": "Which of these bridges was closed?", "text_pair": f"So it is. {LONG.upper()}!"}


@pytest.fixture
def tasks(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Pairs of texts of which one of four has a sentence of the words' training data."""
    words = {"train": f"{LONG} .", "dev": "Nobody has ever seen this one ."}
    rows = [f"{QUESTION['text']}\t{QUESTION['text_pair']}\tyes"]
    rows += ["It is short.\tIt is short.\tno", "a b c d e f\tg\tno", "h\ti\tno"]
    pairs = {"train": "It is short.\tThis is none of theirs at all\tyes", "dev": "\n".join(rows)}
    for part in ("train", "dev"):
        lines = [f"{word} O" for word in words[part].split()]
        (tmp_path / f"words.{part}.txt").write_text("\n".join(lines) + "\n", "utf-8")
        (tmp_path / f"pairs.{part}.tsv").write_text(f"{pairs[part]}\n", "utf-8")
    readers = {
        "words.txt": {"type": "bio_columns", "scheme": "plain"},
        "pairs.tsv": {
            "type": "delimited_text",
            "tokenizer": "whitespace",
            "header": False,
            "text": 0,
            "text_pair": 1,
            "label": 2,
        },
    }
    return {
        name.split(".")[0]: {
            "reader": reader,
            "train_data_path": str(tmp_path / name.replace(".", ".train.")),
            "validation_data_path": str(tmp_path / name.replace(".", ".dev.")),
        }
        for name, reader in readers.items()
    }


def test_sentences_are_found_in_other_texts(tasks: dict[str, dict[str, Any]]) -> None:
    assert shared_texts(tasks) == {"words": {"pairs": 0.25}}
    assert "type" in tasks["words"]["reader"]  # what is read is left as it was


def test_questions_and_their_passages_are_texts(
    tasks: dict[str, dict[str, Any]], tiny_bert: str
) -> None:
    folder = Path(__file__).resolve().parents[2] / "fixtures" / "squad"
    tokenizer = {"type": "transformer_pieces", "transformer_model": tiny_bert}
    squad = {
        "reader": {"type": "squad_json", "tokenizer": tokenizer},
        "train_data_path": str(folder / "train-v1.1.json"),
        "validation_data_path": str(folder / "dev-v1.1.json"),
    }
    with_dev = {**squad, "train_data_path": squad["validation_data_path"]}
    found = shared_texts({"squad": squad, "again": with_dev})
    assert found["again"]["squad"] == 1.0
    assert found.get("squad", {}).get("again", 0.0) < 1.0


def test_small_shares_are_allowed() -> None:
    shares = {"a": {"b": 0.01, "c": 0.011}, "b": {"a": 0.3}}
    assert above_limit(shares) == [("a", "c", 0.011), ("b", "a", 0.3)]
