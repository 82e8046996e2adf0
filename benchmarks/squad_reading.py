"""
Reading questions about texts and cutting the texts into windows, against allennlp-models'
`transformer_squad` reader with the same tokenizer and file: with both readers' defaults, and with
small windows that overlap alike. Target: at least 3 times as fast a question.

allennlp-models is no dependency of this project; benchmarks/peers/README.md says how to install it.
"""

import importlib.util
from pathlib import Path
from typing import NamedTuple

from allennlp.data import DatasetReader

from allennlp_heads.attention import locate
from allennlp_heads.data.dataset_readers import SquadJsonReader
from allennlp_heads.data.paths import resolve
from allennlp_heads.data.token_indexers import TransformerPiecesIndexer
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer
from benchmarks import ENCODER
from benchmarks.side_by_side import medians

ROUNDS = 5


class Windows(NamedTuple):
    """
    How texts are cut, in pieces: the size of a window, the longest question, how much further the
    next window is, and how much two windows share, which is what the peer calls its stride.
    """

    size: int
    question: int
    stride: int
    shared: int


SETTINGS = {
    "default windows": Windows(384, 64, 128, 128),
    "windows of 96 pieces": Windows(96, 32, 40, 40),
}


def main() -> dict[str, float]:
    """Ratios of seconds; 3 means that the peer takes three times as long as we do."""
    if importlib.util.find_spec("allennlp_models") is None:
        print("skipped: allennlp-models is not installed, see benchmarks/peers/README.md")
        return {}
    path = resolve("${HEADS_DATA}/squad/dev-v1.1.json")
    found = {}
    for name, setting in SETTINGS.items():
        readers = {"ours": ours(ENCODER, setting), "peer": peer(ENCODER, setting)}
        counts = {who: count(reader, path) for who, reader in readers.items()}
        assert counts["ours"][0] == counts["peer"][0], counts
        seconds = medians(
            {who: lambda reader=reader: list(reader.read(path)) for who, reader in readers.items()},  # type: ignore[misc]
            repeats=ROUNDS,
        )
        questions, cut = counts["ours"]
        found[
            f"squad_reading: transformer_squad / ours, {questions} questions, {name}: {cut} of "
            f"ours, {counts['peer'][1]} of the peer (target >= 3)"
        ] = seconds["peer"] / seconds["ours"]
    return found


def ours(encoder: str, setting: Windows) -> SquadJsonReader:
    """This project's reader."""
    return SquadJsonReader(
        TransformerPiecesTokenizer(encoder),
        {"tokens": TransformerPiecesIndexer(encoder)},
        max_length=setting.size,
        stride=setting.stride,
        max_question_length=setting.question,
    )


def peer(encoder: str, setting: Windows) -> DatasetReader:
    """That of allennlp-models."""
    from allennlp_models.rc.dataset_readers.transformer_squad import TransformerSquadReader

    return TransformerSquadReader(
        str(locate(encoder)),
        length_limit=setting.size,
        stride=setting.shared,
        max_query_length=setting.question,
    )


def count(reader: DatasetReader, path: str | Path) -> tuple[int, int]:
    """How many questions a reader finds in a file, and how many windows it makes of them."""
    names, windows = set(), 0
    for instance in reader.read(path):
        names.add(instance["metadata"].metadata["id"])  # type: ignore[attr-defined]
        windows += len(instance["tokens"]) if "tokens" in instance.fields else 1
    return len(names), windows


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
