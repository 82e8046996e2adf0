"""The loader in several workers: together they have just what one process has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.data.dataset_readers import MultiTaskDatasetReader

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.distributed import rank
from tests.data.data_loaders.tasks import keys, loader, reader, write_data
from tests.distributed.launch import run_workers

WORLD = 3


def _epochs(made: MultiTaskBucketed) -> list[Any]:
    """Of two epochs the batches' keys, their factors, and numbers drawn as a model would."""
    found = []
    for _ in range(2):
        batches = []
        for batch in made:
            drawn = float(torch.rand(()))
            factor = batch["step"].factor if "step" in batch else 1.0
            batches.append((keys([batch]) if batch["task"] else None, drawn, factor))
        found.append(batches)
    return found


def deal(paths: dict[str, str], options: dict[str, Any]) -> tuple[int, list[Any]]:
    made = loader(paths, **options)
    made.deal_out()
    return len(made), _epochs(made)


@pytest.mark.parametrize(
    "options",
    [{"seed": 3}, {"seed": 3, "batches_per_epoch": 4}, {"shuffle": False}],
    ids=["all", "some", "evaluation"],
)
def test_batches_and_noise_are_those_of_one_process(
    options: dict[str, Any], tmp_path: Path
) -> None:
    paths = write_data(tmp_path)
    made = loader(paths, **options)
    total, alone = len(made), _epochs(made)

    workers = run_workers(deal, WORLD, paths, options)

    assert total % WORLD, "some worker has fewer batches"
    assert {length for length, _ in workers} == {-(-total // WORLD)}
    for epoch, expected in enumerate(alone):
        steps = list(zip(*(epochs[epoch] for _, epochs in workers)))
        dealt = [batch for step in steps for batch in step if batch[0] is not None]
        assert [batch[0] for batch in dealt] == [batch[0] for batch in expected]
        if options.get("shuffle", True):
            assert [batch[1] for batch in dealt] == [batch[1] for batch in expected]
            last = total % WORLD
            assert [batch[2] for batch in dealt[-last:]] == [WORLD / last] * last


def fillers(paths: dict[str, str], shuffle: bool) -> list[Any]:
    made = loader(paths, shuffle=shuffle, seed=3)
    made.deal_out()
    last = list(made)[-1]
    borrowed = keys([last["filler"]]) if "filler" in last else None
    return [last["task"], last["example"], borrowed, keys([last]) if last["task"] else None]


def test_a_worker_without_a_batch_gets_one_without_examples(tmp_path: Path) -> None:
    paths = write_data(tmp_path)
    for shuffle in (True, False):
        first, *_, last = run_workers(fillers, WORLD, paths, shuffle)
        assert last[:2] == [[], []]
        # what is run for nothing is what the first worker runs
        assert last[2] == (first[3] if shuffle else None)


def undealt(paths: dict[str, str]) -> list[Any]:
    made = loader(paths, shuffle=False)
    training = loader(paths)
    try:
        iter(training)
    except ConfigurationError as error:
        return [keys(made), error.message]
    return []


def test_batches_that_nobody_deals_out(tmp_path: Path) -> None:
    paths = write_data(tmp_path)
    alone = keys(loader(paths, shuffle=False))
    for found, message in run_workers(undealt, 2, paths):
        assert found == alone  # an evaluation in one worker is whole
        assert "add 'workers' to trainer.callbacks" in message


class OwnShards(DatasetReader):
    """A reader as AllenNLP advises to write it, which asks torch what is its worker's."""

    def __init__(self, by_itself: bool) -> None:
        super().__init__(
            manual_distributed_sharding=by_itself, manual_multiprocess_sharding=by_itself
        )
        self._inner = reader().readers["pos"].inner

    def _read(self, file_path: Any) -> Any:
        yield from self._inner.read(file_path)


def foreign(paths: dict[str, str], by_itself: bool) -> Any:
    readers = MultiTaskDatasetReader({"pos": OwnShards(by_itself)})
    try:
        made = MultiTaskBucketed(readers, {"pos": paths["pos"]})
    except ConfigurationError as error:
        return error.message
    assert readers.readers["pos"].inner.get_distributed_info().global_rank == rank()
    return len(made.instances["pos"])


def test_readers_of_others_read_everything_or_are_refused(tmp_path: Path) -> None:
    paths = write_data(tmp_path)
    assert run_workers(foreign, 2, paths, False) == [9, 9]
    for message in run_workers(foreign, 2, paths, True):
        assert "reader OwnShards gives each a part of them" in message
