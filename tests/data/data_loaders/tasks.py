"""Small data for two tasks, written as CoNLL-U."""

from pathlib import Path
from typing import Any

from allennlp.data import DataLoader, Vocabulary

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.data.dataset_readers import ConlluReader, MultiTaskHeadsReader
from tests.data.dataset_readers.treebank import sentence


def reader() -> MultiTaskHeadsReader:
    return MultiTaskHeadsReader({"pos": ConlluReader("upos"), "dep": ConlluReader("dependency")})


def write_data(folder: Path, pos: int = 9, dep: int = 5) -> dict[str, str]:
    """Files of `pos` and `dep` sentences; sentence i has 1 to 4 words, the first is its number."""
    paths = {}
    for task, count in {"pos": pos, "dep": dep}.items():
        path = folder / f"{task}.conllu"
        rows = (sentence(str(index), *["w"] * (index % 4)) for index in range(count))
        path.write_text("".join(rows))
        paths[task] = str(path)
    return paths


def indexed(loader: DataLoader) -> Any:
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    return loader


def loader(paths: Any, **options: Any) -> MultiTaskBucketed:
    options = {"batch_size": 2, "seed": 1, **options}
    made: MultiTaskBucketed = indexed(MultiTaskBucketed(reader(), paths, **options))
    return made


def keys(batches: Any) -> list[tuple[str, tuple[int, ...]]]:
    """What identifies a batch: its task and examples."""
    return [(batch["task"][0], tuple(batch["example"])) for batch in batches]
