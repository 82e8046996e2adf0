"""Training a peer, and what it predicts for the test sentences."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import nltk
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.util import import_module_and_submodules
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model

from allennlp_heads.attention import locate

FOLDER = Path(__file__).resolve().parent
PACKAGES = ["allennlp_models.structured_prediction", "allennlp_models.tagging"]
GOLD_FIELDS = ("tags", "head_tags", "head_indices", "span_labels")


def register_peers() -> None:
    """Import what the configurations name; AllenNLP's commands would by themselves."""
    for package in PACKAGES:
        import_module_and_submodules(package)


def configuration(task: str, data: Path, encoder: str, settings: dict[str, int]) -> Params:
    """
    The configuration of a peer.

    # Parameters

    task : `str`
        Names the file beside this one.
    data : `Path`
        A folder as `lay_out` writes it.
    encoder : `str`
        As our own configurations name it.
    settings : `Dict[str, int]`
        `seed`, `epochs` and `batch_size`.
    """
    variables = {name.upper(): str(value) for name, value in settings.items()}
    variables |= {"DATA": str(data), "ENCODER": str(lowercase_name(locate(encoder), data))}
    # The reader of trees reads through NLTK, which opens only folders that it was told of.
    nltk.data.path.append(str(data.resolve()))
    return Params.from_file(str(FOLDER / f"{task}.jsonnet"), ext_vars=variables)


def lowercase_name(folder: str, target: Path) -> Path:
    """
    A name for the folder of an encoder without capital letters, such as MiniLM's, with `uncased` in
    it: by this name, and nothing else, the reader `srl` knows to put words into lower case.
    """
    link = target / "encoder-uncased"
    if not link.is_symlink():
        os.symlink(folder, link)
    return link


def train(params: Params, run: Path) -> tuple[Model, dict[str, Any]]:
    """The model with the weights of its best epoch, and its configuration."""
    register_peers()
    config = params.duplicate().as_dict(quiet=True)
    model = train_model(params, str(run), force=True)
    assert model is not None
    return model.eval(), config


def predictions(model: Model, reader: DatasetReader, path: Path) -> Iterator[dict[str, Any]]:
    """
    The readable output for each instance of a file, in its order, with the reader's `metadata`. The
    gold labels are taken away before: the vocabulary may lack them.
    """
    instances = iter(list(reader.read(str(path))))
    while batch := [_without_gold(instance) for instance in islice(instances, 32)]:
        for instance, output in zip(batch, model.forward_on_instances(batch)):
            metadata = instance.fields.get("metadata")
            yield {**output, "metadata": getattr(metadata, "metadata", {})}


def _without_gold(instance: Instance) -> Instance:
    kept = {name: field for name, field in instance.fields.items() if name not in GOLD_FIELDS}
    return Instance(kept)
