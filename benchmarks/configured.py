"""What a shipped configuration describes, for some of its tasks and a few of their examples."""

from pathlib import Path
from typing import Any

from allennlp.common import Params
from allennlp.data import DataLoader, DatasetReader, Vocabulary
from allennlp.models import Model

# registers the components that configurations name
import allennlp_heads.data
import allennlp_heads.models  # noqa: F401

CONFIGURATIONS = Path(__file__).parents[1] / "training_configs"


def configuration(name: str) -> dict[str, Any]:
    """A file below `training_configs/`, evaluated."""
    return Params.from_file(str(CONFIGURATIONS / name)).as_dict(quiet=True)


def data_of(
    config: dict[str, Any], tasks: list[str], examples: int
) -> tuple[DataLoader, Vocabulary]:
    """An indexed loader of the first training examples of each task."""
    readers = {task: config["dataset_reader"]["readers"][task] for task in tasks}
    reader = Params({**config["dataset_reader"], "readers": readers}).duplicate()
    loader = DataLoader.from_params(
        Params({**config["data_loader"], "max_instances": examples}).duplicate(),
        reader=DatasetReader.from_params(reader),
        data_path={task: config["train_data_path"][task] for task in tasks},
    )
    vocab = Vocabulary.from_instances(loader.iter_instances())
    loader.index_with(vocab)
    return loader, vocab


def model_of(config: dict[str, Any], tasks: list[str], vocab: Vocabulary, **changes: Any) -> Model:
    """A model with the heads of these tasks; other keys of `model` may be changed."""
    heads = {task: config["model"]["heads"][task] for task in tasks}
    params = Params({**config["model"], "heads": heads, **changes}).duplicate()
    return Model.from_params(params, vocab=vocab)
