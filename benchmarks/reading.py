"""
Reading 10,000 CoNLL-U sentences with instances made, against the `conllu` package that only parses
them. Target: at most 1.3 times its time.
"""

import tempfile
from collections.abc import Iterable
from itertools import cycle, islice
from pathlib import Path

import conllu
from conllu.parser import parse_sentences

from allennlp_heads.data.dataset_readers import ConlluReader
from allennlp_heads.data.paths import data_folder
from benchmarks.side_by_side import medians

SENTENCES = 10_000


def main() -> dict[str, float]:
    """Ratios of seconds; below 1 is faster than the package alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "treebank.conllu"
        path.write_text(_treebank(), encoding="utf-8")
        seconds = medians(
            {
                "conllu": lambda: _count(_parsed(path)),
                "upos": lambda: _count(ConlluReader("upos").read(path)),
                "dependency": lambda: _count(ConlluReader("dependency").read(path)),
            },
            repeats=5,
        )
    return {
        f"reading: {view} instances / conllu.parse_incr alone (target <= 1.3)": seconds[view]
        / seconds["conllu"]
        for view in ("upos", "dependency")
    }


def _treebank() -> str:
    """The first sentences of the largest treebank there is, again from the start if it is small."""
    files = [data_folder() / name / "train.conllu" for name in ("ewt-full", "ewt")]
    path = next(file for file in files if file.is_file())
    with path.open(encoding="utf-8") as file:
        sentences = list(parse_sentences(file))
    return "\n\n".join(islice(cycle(sentences), SENTENCES)) + "\n\n"


def _parsed(path: Path) -> Iterable[object]:
    with path.open(encoding="utf-8") as file:
        yield from conllu.parse_incr(file)


def _count(sentences: Iterable[object]) -> None:
    count = sum(1 for _ in sentences)
    assert count == SENTENCES, count


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
