"""What the benchmark of embeddings compares, without its clock."""

from pathlib import Path

import numpy
import pytest

from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.models import MultiTaskHeads
from benchmarks.task_embedding import (
    agreement,
    batches_of_one,
    components,
    cosine,
    difference,
    padded,
    repeated,
    seconds,
    share_on_disk,
)
from tests.collect.embedding.slowly import bias_of
from tests.collect.models import EXAMPLES, data_of, tiny

Pieces = tuple[MultiTaskHeads, TaskData]


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    model, loader = tiny(tiny_bert, fixtures_root, tasks=["sent"])
    return model, data_of(loader)


def test_batches_of_one_find_the_same(pieces: Pieces) -> None:
    model, data = pieces
    singles = TaskData({"sent": data.instances("sent")}, data.vocab, data.paths, batch_size=1)
    theirs, ours = batches_of_one(model, singles, "sent")(), components(model, data, "sent")
    for name in ("layer_output.0", "layer_output.2", "head_context.1"):
        assert cosine(theirs[bias_of(name)] / EXAMPLES, ours[name]) == pytest.approx(1)
    # also where texts are padded, as far as the encoder reads
    longer = batches_of_one(model, singles, "sent", encoder_of(model).max_length or 0)()
    for name, values in theirs.items():
        numpy.testing.assert_allclose(longer[name], values, rtol=1e-4, atol=1e-6)


def test_padding(pieces: Pieces) -> None:
    batch = next(iter(pieces[1].batches("sent")))
    (found,) = padded(batch, 200)["tokens"].values()
    (given,) = batch["tokens"].values()
    mask = "wordpiece_mask" if "wordpiece_mask" in given else "mask"
    assert found["token_ids"].shape == found[mask].shape == (len(batch["task"]), 200)
    assert found[mask].sum() == given[mask].sum() and padded(batch, 0)["tokens"].keys()


def test_examples_over_and_over(pieces: Pieces) -> None:
    data = pieces[1]
    more = repeated(data, "sent", 2 * EXAMPLES + 1)
    assert more.sizes == {"sent": 2 * EXAMPLES + 1}
    assert more.instances("sent")[EXAMPLES] is data.instances("sent")[0]


def test_only_ours_is_independent_of_batches(pieces: Pieces) -> None:
    model, data = pieces
    assert difference(model, data, "sent") < 1e-6
    assert agreement(model, data, "sent", EXAMPLES) < 0.999
    assert share_on_disk() < 1e-3


def test_ratios(pieces: Pieces) -> None:
    model, data = pieces
    assert min(seconds(model, data, "sent", repeats=2).values()) > 0
