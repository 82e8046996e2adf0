"""
Our dependency parser against allennlp-models' `biaffine_parser`: an epoch of training, and of
decoding, with the same encoder (MiniLM), optimizer and sentences of the real corpus, both in
batches of similar length. Target: an epoch at least 1.3 times as fast.

allennlp-models is no dependency of this project; benchmarks/peers/README.md says how to install it.
Equal budgets and the scores they reach: `python -m benchmarks.peers dep --help`.
"""

import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
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
from benchmarks.peers.layout import lay_out
from benchmarks.peers.training import configuration, register_peers
from benchmarks.side_by_side import medians

BATCH_SIZE, TRAIN, DEV = 32, 256, 128
ROUNDS = 2
Parser = tuple[Model, dict[str, DataLoader]]


def main() -> dict[str, float]:
    """Ratios of seconds; 1.3 means that the peer takes 1.3 times as long as we do."""
    if importlib.util.find_spec("allennlp_models") is None:
        print("skipped: allennlp-models is not installed, see benchmarks/peers/README.md")
        return {}
    register_peers()
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        parsers = {"ours": _ours(), "peer": _peer(Path(folder))}
        training = _epochs({name: _training(parser) for name, parser in parsers.items()})
        decoding = medians(
            {name: lambda parser=parser: _decode(parser) for name, parser in parsers.items()},  # type: ignore[misc]
            repeats=ROUNDS,
        )
    together = {name: training[name] + decoding[name] for name in parsers}
    return {
        "dependency: biaffine_parser / ours, an epoch: training, then decoding the development "
        "data (target >= 1.3)": together["peer"] / together["ours"],
        "dependency: biaffine_parser / ours, the training alone": training["peer"]
        / training["ours"],
        "dependency: biaffine_parser / ours, the decoding alone": decoding["peer"]
        / decoding["ours"],
    }


def _ours() -> Parser:
    reader = DatasetReader.from_params(
        Params(
            {
                "type": "multitask_heads",
                "readers": {
                    "dep": {
                        "type": "conllu",
                        "view": "dependency",
                        "token_indexers": {
                            "tokens": {"type": "transformer_words", "transformer_model": ENCODER}
                        },
                    }
                },
            }
        )
    )
    loaders = {
        part: DataLoader.from_params(
            Params(
                {
                    "type": "multitask_bucketed",
                    "batch_size": BATCH_SIZE,
                    "shuffle": part == "train",
                    "max_instances": limit,
                }
            ),
            reader=reader,
            data_path={"dep": resolve(f"${{HEADS_DATA}}/ewt/{part}.conllu")},
        )
        for part, limit in (("train", TRAIN), ("dev", DEV))
    }
    vocab = _vocabulary(loaders)
    model = Model.from_params(
        Params(
            {
                "type": "multitask_heads",
                "backbone": {"type": "gated_transformer", "transformer_model": ENCODER},
                "heads": {"dep": {"type": "dependency", "label_namespace": "dependency_labels"}},
            }
        ),
        vocab=vocab,
    )
    return model, loaders


def _peer(folder: Path) -> Parser:
    lay_out("dep", "${HEADS_DATA}/ewt", folder, {"train": TRAIN, "dev": DEV, "test": 1})
    settings = {"seed": 1, "epochs": 1, "batch_size": BATCH_SIZE}
    params = configuration("dep", folder, ENCODER, settings)
    reader = DatasetReader.from_params(params.pop("dataset_reader"))
    loaders = {
        part: DataLoader.from_params(
            params.pop(key), reader=reader, data_path=params.pop(f"{name}_data_path")
        )
        for part, key, name in (
            ("train", "data_loader", "train"),
            ("dev", "validation_data_loader", "validation"),
        )
    }
    return Model.from_params(params.pop("model"), vocab=_vocabulary(loaders)), loaders


def _vocabulary(loaders: dict[str, DataLoader]) -> Vocabulary:
    vocab = Vocabulary.from_instances(i for each in loaders.values() for i in each.iter_instances())
    for loader in loaders.values():
        loader.index_with(vocab)
    return vocab


def _training(parser: Parser) -> Callable[[], Iterator[None]]:
    """An epoch whose batches are trained on one by one as it is iterated over."""
    model, loaders = parser
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-5)

    def epoch() -> Iterator[None]:
        model.train()
        for batch in loaders["train"]:
            optimizer.zero_grad()
            model(**batch)["loss"].backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            yield

    return epoch


def _epochs(ways: dict[str, Callable[[], Iterator[None]]]) -> dict[str, float]:
    """
    Mean seconds of an epoch. The ways take turns batch by batch, after an epoch that warms up, so
    that both meet the same load of the machine.
    """
    seconds = dict.fromkeys(ways, 0.0)
    for number in range(ROUNDS + 1):
        for turn in zip_longest(*(_timed(name, way()) for name, way in ways.items())):
            for name, spent in filter(None, turn):
                seconds[name] += spent if number else 0.0
    return {name: total / ROUNDS for name, total in seconds.items()}


def _timed(name: str, steps: Iterator[None]) -> Iterator[tuple[str, float]]:
    """The seconds of each step, until the next batch is asked for in vain."""
    while True:
        start = time.perf_counter()
        try:
            next(steps)
        except StopIteration:
            return
        yield name, time.perf_counter() - start


def _decode(parser: Parser) -> None:
    model, loaders = parser
    model.eval()
    with torch.no_grad():
        for batch in loaders["dev"]:
            output: dict[str, Any] = model(**batch)
            model.make_output_human_readable(output)


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
