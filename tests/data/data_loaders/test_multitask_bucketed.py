import logging
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DataLoader, Vocabulary
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.nn.util import move_to_device

from allennlp_heads.data.data_loaders import AllBatches, MultiTaskBucketed
from allennlp_heads.data.dataset_readers import ConlluReader
from tests.data.data_loaders.tasks import indexed, keys, loader, reader, write_data
from tests.data.dataset_readers.treebank import sentence


@pytest.fixture()
def paths(tmp_path: Path) -> dict[str, str]:
    return write_data(tmp_path)


def _examples(batches: Any) -> Counter[tuple[str, int]]:
    return Counter((task, index) for task, indices in keys(batches) for index in indices)


EXAMPLES = Counter([("pos", i) for i in range(9)] + [("dep", i) for i in range(5)])


@pytest.mark.parametrize("shuffle", [True, False])
def test_each_example_once_an_epoch_in_batches_of_one_task(
    paths: dict[str, str], shuffle: bool
) -> None:
    made = loader(paths, shuffle=shuffle)
    for _ in range(3):
        batches = list(made)
        assert len(batches) == len(made) == 8
        assert _examples(batches) == EXAMPLES
        for batch in batches:
            assert set(batch["task"]) == {batch["task"][0]}
            assert batch["loader_tasks"] == ["dep", "pos"]


def test_a_batch_equals_what_allennlp_makes_of_its_instances(paths: dict[str, str]) -> None:
    made = loader(paths, shuffle=False)
    instances = {
        task: [one for one in made.iter_instances() if one["task"].metadata == task]  # type: ignore[attr-defined]
        for task in paths
    }
    vocab = Vocabulary.from_instances(made.iter_instances())
    for batch in made:
        alone = Batch([instances[batch["task"][0]][index] for index in batch["example"]])
        alone.index_instances(vocab)
        expected: Any = alone.as_tensor_dict()
        # the first word of a sentence is its number
        assert [int(one["words"][0]) for one in batch["metadata"]] == batch["example"]
        assert batch.keys() - {"loader_tasks"} == expected.keys()
        assert torch.equal(
            batch["tokens"]["tokens"]["tokens"], expected["tokens"]["tokens"]["tokens"]
        )
        for key in expected.keys() & {"tags", "head_indices", "head_tags"}:
            assert torch.equal(batch[key], expected[key])


def test_lengths_are_similar_and_within_the_budget(paths: dict[str, str]) -> None:
    made = loader(paths, batch_size=9, tokens_per_batch=6, shuffle=False)
    shapes = [tuple(batch["tokens"]["tokens"]["tokens"].shape) for batch in made]
    assert all(rows * columns <= 6 for rows, columns in shapes)
    # dep has lengths 1 1 2 3 4 and pos 1 1 1 2 2 3 3 4 4, both longest first
    assert [rows for rows, _ in shapes] == [1, 2, 2, 1, 1, 2, 3, 2]


def test_order_is_a_function_of_seed_and_epoch(paths: dict[str, str]) -> None:
    first = loader(paths)
    epochs = [keys(first) for _ in range(3)]
    assert first.epoch == 3
    assert len({tuple(epoch) for epoch in epochs}) == 3
    later = loader(paths)
    later.epoch = 2
    assert keys(later) == epochs[2]
    assert keys(loader(paths, seed=2)) != epochs[0]


def test_the_seed_is_pytorchs_by_default(paths: dict[str, str]) -> None:
    orders = []
    for seed in (11, 11, 12):
        torch.manual_seed(seed)
        made = loader(paths, seed=None)
        assert made.seed == seed
        orders.append(keys(made))
    assert orders[0] == orders[1] != orders[2]


def test_an_epoch_counts_from_iter(paths: dict[str, str]) -> None:
    made = loader(paths)
    expected = [keys(made), keys(made)]
    made.epoch = 0
    first, second = iter(made), iter(made)
    assert made.epoch == 2
    assert [keys(first), keys(second)] == expected


def _noise() -> tuple[float, float, float]:
    return random.random(), float(numpy.random.rand()), float(torch.rand(()))


def test_noise_of_a_step_does_not_depend_on_what_went_before(paths: dict[str, str]) -> None:
    straight = [_noise() for _ in loader(paths)]
    assert len(set(straight)) == len(straight)
    resumed = []
    for step, _ in enumerate(loader(paths)):
        if step >= 3:  # AllenNLP's trainer skips batches without running the model
            resumed.append(_noise())
        torch.rand(step)
    assert resumed == straight[3:]


def test_evaluation_leaves_the_generators_alone(paths: dict[str, str]) -> None:
    torch.manual_seed(5)
    random.seed(5)
    numpy.random.seed(5)
    undisturbed = _noise()
    torch.manual_seed(5)
    random.seed(5)
    numpy.random.seed(5)
    made = loader(paths, shuffle=False)
    first = keys(made)
    assert keys(made) == first and made.epoch == 0
    assert _noise() == undisturbed


def test_batches_per_epoch(paths: dict[str, str]) -> None:
    made = MultiTaskBucketed(reader(), paths, batch_size=2, seed=1, batches_per_epoch=3)
    assert len(made) == 3
    indexed(made)
    epochs = [list(made) for _ in range(8)]
    assert all(len(epoch) == 3 for epoch in epochs)
    # 24 steps of 8 batches: each exactly three times
    assert set(_examples(sum(epochs, [])).values()) == {3}


def test_one_path_for_every_task(tmp_path: Path) -> None:
    path = tmp_path / "dev.conllu"
    path.write_text(sentence("a") + sentence("b", "c"))
    assert _examples(loader(str(path))) == Counter(
        (task, index) for task in ("pos", "dep") for index in range(2)
    )


def test_paths_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path)
    monkeypatch.setenv("HEADS_DATA", str(tmp_path))
    made = loader({task: "${HEADS_DATA}/" + task + ".conllu" for task in ("pos", "dep")})
    assert _examples(made) == EXAMPLES


def test_what_a_model_does_to_a_batch_does_not_stay(paths: dict[str, str]) -> None:
    made = loader(paths, shuffle=False)
    first = next(iter(made))
    words = first["tokens"]["tokens"]["tokens"].clone()
    first["tokens"]["tokens"]["tokens"].zero_()
    first["tokens"]["tokens"].clear()
    first["metadata"][0]["words"].append("x")
    first["example"].clear()
    first["loader_tasks"].clear()
    again = next(iter(made))
    assert torch.equal(again["tokens"]["tokens"]["tokens"], words)
    assert "x" not in again["metadata"][0]["words"]
    assert again["example"] and again["loader_tasks"]


def test_batches_come_on_the_device(paths: dict[str, str]) -> None:
    made = loader(paths)
    made.set_target_device(torch.device("meta"))
    batch = next(iter(made))
    assert batch["tokens"]["tokens"]["tokens"].device.type == "meta"
    assert made._batches["pos"][0]["tags"].device.type == "cpu"  # type: ignore[index]


def test_works_with_allennlps_reader_and_move_to_device(paths: dict[str, str]) -> None:
    stock = MultiTaskDatasetReader({"pos": ConlluReader("upos"), "dep": ConlluReader("dependency")})
    made = indexed(MultiTaskBucketed(stock, paths, batch_size=2))
    assert _examples(move_to_device(batch, torch.device("cpu")) for batch in made) == EXAMPLES


def test_instances_can_be_iterated_and_indexed_again(paths: dict[str, str]) -> None:
    made = loader(paths, shuffle=False)
    assert len(list(made.iter_instances())) == 14
    old = next(iter(made))["tokens"]["tokens"]["tokens"]
    # a vocabulary with the same words in places of their own
    vocab = Vocabulary.from_instances(made.iter_instances(), min_count={"tokens": 3})
    made.index_with(vocab)
    new = next(iter(made))["tokens"]["tokens"]["tokens"]
    assert new.shape == old.shape and not torch.equal(new, old)
    assert all(one["tokens"]._indexed_tokens is None for one in made.iter_instances())  # type: ignore[attr-defined]


def test_max_instances(paths: dict[str, str]) -> None:
    assert _examples(loader(paths, max_instances=6)) == Counter(
        [("pos", i) for i in range(6)] + [("dep", i) for i in range(5)]
    )
    assert _examples(loader(paths, max_instances={"dep": 2})) == Counter(
        [("pos", i) for i in range(9)] + [("dep", i) for i in range(2)]
    )


def test_unseen_labels_are_counted_once_a_file(
    tmp_path: Path, paths: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    vocab = Vocabulary.from_instances(loader(paths).iter_instances())
    dev = tmp_path / "dev.conllu"
    dev.write_text(sentence("a", tag="RARE") + sentence("b", "c", tag="NEW") + sentence("d"))
    made = MultiTaskBucketed(reader(), str(dev), shuffle=False)
    with caplog.at_level(logging.WARNING, logger="allennlp_heads"):
        made.index_with(vocab)
    own = [record for record in caplog.records if record.name.startswith("allennlp_heads")]
    (message,) = [record.getMessage() for record in own]
    assert message.startswith(
        f"{dev} (task 'pos') has labels unseen in training, 3 in all: NEW (2), RARE (1). They"
    )
    tags = {tuple(b["example"]): b["tags"].tolist() for b in made if b["task"][0] == "pos"}
    assert tags == {(1, 0, 2): [[-1, -1], [-1, 0], [0, 0]]}


def test_real_data(heads_data: Path) -> None:
    made = loader(f"{heads_data}/ewt/dev.conllu", batch_size=16)
    assert sum(_examples(made).values()) == 1000
    padded = sum(batch["tokens"]["tokens"]["tokens"].numel() for batch in made)
    real = sum(int((batch["tokens"]["tokens"]["tokens"] > 0).sum()) for batch in made)
    assert padded < 1.25 * real


@pytest.mark.parametrize(
    "options, message",
    [
        ({"batch_size": 0}, "'batch_size' is 0"),
        ({"tokens_per_batch": -1}, "'tokens_per_batch' is -1"),
        ({"batches_per_epoch": 0}, "'batches_per_epoch' is 0"),
        ({"max_instances": 0}, "'max_instances' is 0"),
        ({"max_instances": {"pos": 0}}, "'max_instances.pos' is 0"),
        ({"max_instances": {"ner": 3}}, r"'max_instances' has \['ner'\].*\['dep', 'pos'\]"),
        ({"shuffle": False, "batches_per_epoch": 2}, "set 'shuffle' to true"),
        ({"shuffle": False, "sampler": AllBatches()}, "set 'shuffle' to true"),
    ],
)
def test_bad_options(paths: dict[str, str], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        MultiTaskBucketed(reader(), paths, **options)


def test_readers_and_paths_of_different_tasks(paths: dict[str, str]) -> None:
    paths["ner"] = paths.pop("dep")
    with pytest.raises(ConfigurationError) as error:
        MultiTaskBucketed(reader(), paths)
    assert "['dep', 'pos']" in str(error.value) and "['ner', 'pos']" in str(error.value)


def test_a_task_without_examples(paths: dict[str, str]) -> None:
    empty = reader()
    empty.readers["dep"].inner.max_instances = 0
    with pytest.raises(ConfigurationError, match=r"Task 'dep' has no example.*dep\.conllu"):
        MultiTaskBucketed(empty, paths)


def test_another_reader(paths: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="'multitask_heads', not ConlluReader"):
        MultiTaskBucketed(ConlluReader(), paths)  # type: ignore[arg-type]


def test_before_index_with(paths: dict[str, str]) -> None:
    made = MultiTaskBucketed(reader(), paths)
    for use in (len, iter):
        with pytest.raises(ConfigurationError, match=r"call index_with\(vocab\) first"):
            use(made)  # type: ignore[operator]
    assert made.epoch == 0


def test_from_params(paths: dict[str, str]) -> None:
    params = {"type": "multitask_bucketed", "batch_size": 3, "sampler": "all_batches"}
    made: Any = DataLoader.from_params(Params(params), reader=reader(), data_path=paths)
    assert isinstance(made, MultiTaskBucketed) and made.batch_size == 3


def test_paths_as_other_commands_hand_them_over(paths: dict[str, str], tmp_path: Path) -> None:
    """`build-vocab`, `count-instances` and `find-lr` give `Params` where `train` gives a dict."""
    given = Params({"pos": paths["pos"], "dep": paths["dep"]})
    assert MultiTaskBucketed(reader(), given).paths == paths  # type: ignore[arg-type]
    for wrong in (None, 3, [paths["pos"]]):
        with pytest.raises(ConfigurationError, match="the data path is"):
            MultiTaskBucketed(reader(), wrong)  # type: ignore[arg-type]
