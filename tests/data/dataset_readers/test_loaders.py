"""The readers in AllenNLP's multi-process loader and in the loader of many tasks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allennlp.data import DatasetReader, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers.dataset_reader import WorkerInfo

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.data.dataset_readers import (
    BioColumnsReader,
    BracketedTreesReader,
    MultiTaskHeadsReader,
    OntonotesReader,
)
from tests.data.dataset_readers.ontonotes_files import document, plain_sentence, write
from tests.data.dataset_readers.writers import value

SENTENCES = 9
NUMBERS = [str(number) for number in range(SENTENCES)]
FIELDS = {"pos": "tags", "ner": "spans", "con": "spans", "srl": "arguments", "bio": "tags"}


@pytest.fixture()
def folder(tmp_path: Path) -> Path:
    """The same sentences in all formats: `0 w`, `1 w`, .."""
    names, rows, trees = [(0, 0, "PER")], [], []
    for number in NUMBERS:
        rows.append(write(plain_sentence(number, "w", names=names, predicates=1)))
        trees.append(f"(TOP (S\n  (X {number})\n  (X w)))\n")
    (tmp_path / "x.gold_conll").write_text(document("d", *rows))
    (tmp_path / "x.mrg").write_text("".join(trees))
    (tmp_path / "x.conll").write_text("".join(f"{number} B-PER\nw O\n\n" for number in NUMBERS))
    return tmp_path


READERS: dict[str, tuple[str, Callable[..., DatasetReader]]] = {
    "pos": ("x.gold_conll", lambda **options: OntonotesReader("pos", **options)),
    "ner": (
        "x.gold_conll",
        lambda **options: OntonotesReader("ner", only_documents_with_names=True, **options),
    ),
    "con": ("x.mrg", lambda **options: BracketedTreesReader("con", **options)),
    "srl": ("x.gold_conll", lambda **options: OntonotesReader("srl", **options)),
    "bio": ("x.conll", lambda **options: BioColumnsReader(**options)),
}


def _firsts(words: list[list[str]]) -> list[str]:
    return sorted(sentence[0] for sentence in words)


@pytest.mark.parametrize("task", list(READERS))
@pytest.mark.parametrize("limit", [None, 4, 100])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_share_the_sentences(
    folder: Path, task: str, limit: int | None, workers: int
) -> None:
    name, make = READERS[task]
    found = []
    for worker in range(workers):
        reader = make(max_instances=limit)
        reader._set_worker_info(WorkerInfo(workers, worker))
        found += [value(one, "tokens") for one in reader.read(folder / name)]
    assert _firsts(found) == NUMBERS[:limit]


@pytest.mark.parametrize(
    "task, workers, in_memory, limit",
    [
        *((task, 0, None, None) for task in READERS),
        *((task, 2, None, None) for task in READERS),
        ("con", 0, 4, None),
        ("con", 2, 4, None),
        ("srl", 2, 4, 5),
        ("bio", 0, 4, 5),
        ("bio", 2, None, 5),
    ],
)
def test_multi_process_loader_gives_each_sentence_once(
    folder: Path, task: str, workers: int, in_memory: int | None, limit: int | None
) -> None:
    name, make = READERS[task]
    loader = MultiProcessDataLoader(
        make(max_instances=limit),
        folder / name,
        batch_size=2,
        num_workers=workers,
        max_instances_in_memory=in_memory,
        quiet=True,
    )
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    for _ in range(2):
        batches: Any = list(loader)
        words = [one["words"] for batch in batches for one in batch["metadata"]]
        assert _firsts(words) == NUMBERS[:limit]
        assert all(len(batch[FIELDS[task]]) == len(batch["metadata"]) for batch in batches)


@pytest.mark.parametrize("limit", [None, 3])
def test_all_tasks_in_one_loader(folder: Path, limit: int | None) -> None:
    reader = MultiTaskHeadsReader({task: make() for task, (_, make) in READERS.items()})
    paths = {task: str(folder / name) for task, (name, _) in READERS.items()}
    loader = MultiTaskBucketed(reader, paths, batch_size=4, seed=1, max_instances=limit)
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    words: dict[str, list[list[str]]] = {task: [] for task in READERS}
    batches: Any = list(loader)
    for batch in batches:
        task = batch["task"][0]
        words[task] += [one["words"] for one in batch["metadata"]]
        assert len(batch[FIELDS[task]]) == len(batch["metadata"])
    assert {task: _firsts(found) for task, found in words.items()} == dict.fromkeys(
        READERS, NUMBERS[:limit]
    )


def test_labels_unseen_in_training_are_no_error(folder: Path) -> None:
    """In the reader of all tasks; by itself a reader is strict, for models of others."""
    make = READERS["ner"][1]
    several = MultiTaskHeadsReader({"ner": make()})
    loader = MultiTaskBucketed(several, str(folder / "x.gold_conll"), batch_size=4, seed=1)
    loader.index_with(Vocabulary())
    batches: Any = list(loader)
    assert {label for batch in batches for label in batch["spans"][:, 0, 2].tolist()} == {-1}
