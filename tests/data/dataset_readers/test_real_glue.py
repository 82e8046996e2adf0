"""All real files of GLUE: counts, labels, and the texts exactly as the files have them."""

from collections import Counter
from pathlib import Path

import pytest

from allennlp_heads.data.dataset_readers import GlueReader
from allennlp_heads.data.dataset_readers.glue_layouts import GLUE_LAYOUTS
from tests.data.dataset_readers.text_files import WORDS, plain

TWO = ["0", "1"]
ENTAILMENT = ["entailment", "not_entailment"]
FILES = [
    ("cola", "CoLA/train", 4000, TWO),
    ("cola", "CoLA/dev", 1000, TWO),
    ("sst2", "SST-2/train", 4000, TWO),
    ("sst2", "SST-2/dev", 872, TWO),
    ("mrpc", "MRPC/train", 3000, TWO),
    ("mrpc", "MRPC/dev", 408, TWO),
    ("qqp", "QQP/train", 4000, TWO),
    ("qqp", "QQP/dev", 1000, TWO),
    ("stsb", "STS-B/train", 3000, []),
    ("stsb", "STS-B/dev", 1000, []),
    ("mnli", "MNLI/train", 3000, ["contradiction", "entailment", "neutral"]),
    ("mnli", "MNLI/dev_matched", 1000, ["contradiction", "entailment", "neutral"]),
    ("qnli", "QNLI/train", 3000, ENTAILMENT),
    ("qnli", "QNLI/dev", 1000, ENTAILMENT),
    ("rte", "RTE/train", 2490, ENTAILMENT),
    ("rte", "RTE/dev", 277, ENTAILMENT),
    ("wnli", "WNLI/train", 635, TWO),
    ("wnli", "WNLI/dev", 71, TWO),
]
COUNTS = {"SST-2/dev": {"1": 444, "0": 428}}


@pytest.mark.parametrize("task, name, size, labels", FILES)
def test_files(heads_data: Path, task: str, name: str, size: int, labels: list[str]) -> None:
    path = heads_data / "glue" / f"{name}.tsv"
    examples = [plain(instance) for instance in GlueReader(task, WORDS).read(path)]
    assert len(examples) == size
    counts = Counter(example.get("label") for example in examples)
    assert sorted(filter(None, counts)) == labels
    assert COUNTS.get(name, counts) == counts
    scores = [example["score"] for example in examples if "score" in example]
    assert len(scores) == (0 if labels else size) and all(0 <= score <= 5 for score in scores)
    assert [_texts(example) for example in examples] == _columns(path, task)


def _texts(example: dict[str, str]) -> list[str]:
    return [example[key] for key in ("text", "text_pair") if key in example]


def _columns(path: Path, task: str) -> list[list[str]]:
    """The texts by plain splitting of the file."""
    lines = path.read_bytes().decode("utf-8-sig").split("\n")
    header, rows = (
        ("source\tlabel\tmark\tsentence", lines) if task == "cola" else (lines[0], lines[1:])
    )
    places = [header.split("\t").index(column) for column in GLUE_LAYOUTS[task].texts]
    return [[row.split("\t")[place] for place in places] for row in rows if row]
