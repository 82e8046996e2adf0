"""Scores depend neither on batch size, order and padding nor on earlier calls."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Lazy
from allennlp.data import Vocabulary

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.data.dataset_readers import ConlluReader, MultiTaskHeadsReader
from allennlp_heads.data.token_indexers import TransformerWordsIndexer
from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.models.heads import DependencyHead, TaggerHead
from allennlp_heads.modules import GatedTransformerBackbone

Scores = dict[tuple[str, int], tuple[float, list[int]]]


def loader(encoder: str, path: Path, batch_size: int, **options: Any) -> MultiTaskBucketed:
    def reader(view: str) -> ConlluReader:
        return ConlluReader(view, {"tokens": TransformerWordsIndexer(encoder)})

    readers = MultiTaskHeadsReader({"pos": reader("upos"), "dep": reader("dependency")})
    options = {"shuffle": False, "max_instances": 30} | options
    return MultiTaskBucketed(readers, str(path), batch_size, **options)


@pytest.fixture(scope="module")
def data(fixtures_root: Path) -> Path:
    return fixtures_root / "ewt/dev.conllu"


@pytest.fixture(scope="module")
def vocab(tiny_bert: str, data: Path) -> Vocabulary:
    return Vocabulary.from_instances(loader(tiny_bert, data, 8).iter_instances())


@pytest.fixture
def model(tiny_bert: str, vocab: Vocabulary) -> MultiTaskHeads:
    torch.manual_seed(0)
    # half-open gates and narrow windows, so that both take part
    backbone = GatedTransformerBackbone(
        tiny_bert, Lazy(HardConcreteGates, start="xavier"), max_length=12
    )
    heads: dict[str, Any] = {"pos": Lazy(TaggerHead), "dep": Lazy(DependencyHead)}
    return MultiTaskHeads(vocab, backbone, heads).eval()


def scores(model: MultiTaskHeads, batches: MultiTaskBucketed) -> tuple[Scores, dict[str, float]]:
    batches.index_with(model.vocab)
    found: Scores = {}
    with torch.no_grad():
        for batch in batches:
            out = model(**batch)
            rows = zip(out["task"], out["example"], out["example_loss"], out["example_counts"])
            found |= {(task, n): (loss.item(), c.tolist()) for task, n, loss, c in rows}
    return found, model.get_metrics(reset=True)


def test_batch_size_and_order(model: MultiTaskHeads, tiny_bert: str, data: Path) -> None:
    expected, metrics = scores(model, loader(tiny_bert, data, 1))
    assert len(expected) == 60
    for options in ({"batch_size": 16}, {"batch_size": 5, "shuffle": True, "seed": 3}):
        found, again = scores(model, loader(tiny_bert, data, **options))  # type: ignore[arg-type]
        assert found.keys() == expected.keys()
        for key, (loss, counts) in expected.items():
            assert found[key][0] == pytest.approx(loss, rel=1e-4)
            assert found[key][1] == counts
        assert again == pytest.approx(metrics)


def test_earlier_calls(model: MultiTaskHeads, tiny_bert: str, data: Path) -> None:
    first = scores(model, loader(tiny_bert, data, 8))
    model.train()
    batches = loader(tiny_bert, data, 8, shuffle=True, seed=1)
    batches.index_with(model.vocab)
    for batch in batches:
        model(**batch)["loss"].backward()
    model.get_metrics(reset=True)
    model.zero_grad()
    assert scores(model.eval(), loader(tiny_bert, data, 8)) == first


def test_every_parameter_gets_a_gradient(model: MultiTaskHeads, tiny_bert: str, data: Path) -> None:
    batches = loader(tiny_bert, data, 30)
    batches.index_with(model.vocab)
    model.train()
    total = sum(model(**batch)["loss"] for batch in batches)
    total.backward()  # type: ignore[attr-defined]
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_loss_is_the_mean_of_the_examples(
    model: MultiTaskHeads, tiny_bert: str, data: Path
) -> None:
    batches = loader(tiny_bert, data, 30)
    batches.index_with(model.vocab)
    for batch in batches:
        out = model(**batch)
        mean = (out["example_loss"] / out["example_units"]).mean()
        assert out["loss"].item() == pytest.approx(mean.item(), rel=1e-5)
