"""
Sentences a second in the same training loop: `multitask_bucketed` against AllenNLP's stock
`multitask` loader, at the same batch size, with MiniLM on the real corpus. Target: at least 1.5
times as many.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import DataLoader, DatasetReader, Vocabulary
from allennlp.models import Model

# registers the components that the configurations below name
import allennlp_heads.data
import allennlp_heads.models  # noqa: F401
from allennlp_heads.data.paths import resolve
from benchmarks import ENCODER

TASKS = {"pos": "upos", "dep": "dependency"}
BATCH_SIZE = 32
SECONDS, TURN = 20.0, 4
LOADERS: dict[str, dict[str, Any]] = {
    "ours": {"type": "multitask_bucketed", "batch_size": BATCH_SIZE, "seed": 1},
    "stock": {
        "type": "multitask",
        "scheduler": {"type": "homogeneous_roundrobin", "batch_size": BATCH_SIZE},
    },
}


def main() -> dict[str, float]:
    """Ratios of sentences a second; 1.5 is one and a half times as many as the stock loader."""
    torch.manual_seed(1)
    loaders = {name: _loader(params) for name, params in LOADERS.items()}
    vocab = Vocabulary.from_instances(loaders["ours"].iter_instances())
    for loader in loaders.values():
        loader.index_with(vocab)
    model = _model(vocab)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
    model.train()

    def step(batch: dict[str, Any]) -> None:
        optimizer.zero_grad()
        model(**batch)["loss"].backward()
        optimizer.step()

    training = _speeds(loaders, step)
    alone = _speeds(loaders, lambda batch: None, seconds=1.0)
    return {
        "loader: ours / AllenNLP's multitask loader, sentences a second in training "
        "(target >= 1.5)": training["ours"] / training["stock"],
        "loader: ours / AllenNLP's multitask loader, batches without a model": alone["ours"]
        / alone["stock"],
    }


def _loader(params: dict[str, Any]) -> DataLoader:
    readers = {
        task: {
            "type": "conllu",
            "view": view,
            "token_indexers": {
                "tokens": {"type": "transformer_words", "transformer_model": ENCODER}
            },
        }
        for task, view in TASKS.items()
    }
    reader = DatasetReader.from_params(Params({"type": "multitask_heads", "readers": readers}))
    paths = dict.fromkeys(TASKS, resolve("${HEADS_DATA}/ewt/train.conllu"))
    return DataLoader.from_params(Params(dict(params)), reader=reader, data_path=paths)


def _model(vocab: Vocabulary) -> Model:
    params = {
        "type": "multitask_heads",
        "backbone": {"type": "gated_transformer", "transformer_model": ENCODER},
        "heads": {
            "pos": {"type": "tagger", "label_namespace": "upos_labels"},
            "dep": {"type": "dependency", "label_namespace": "dependency_labels"},
        },
    }
    return Model.from_params(Params(params), vocab=vocab)


def _speeds(
    loaders: dict[str, DataLoader], step: Callable[[dict[str, Any]], None], seconds: float = SECONDS
) -> dict[str, float]:
    """
    Sentences a second of each loader. They take turns of a few batches until each has run for so
    many seconds; both shuffle, so the batches are a sample of an epoch.
    """
    streams = {name: _endless(loader) for name, loader in loaders.items()}
    for stream in streams.values():
        step(next(stream))
    spent, seen = dict.fromkeys(loaders, 0.0), dict.fromkeys(loaders, 0)
    while min(spent.values()) < seconds:
        for name, stream in streams.items():
            start = time.perf_counter()
            for _ in range(TURN):
                batch = next(stream)
                step(batch)
                seen[name] += len(batch["task"])
            spent[name] += time.perf_counter() - start
    return {name: seen[name] / spent[name] for name in loaders}


def _endless(loader: DataLoader) -> Iterator[dict[str, Any]]:
    while True:
        yield from loader


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
