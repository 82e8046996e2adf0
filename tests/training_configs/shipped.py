"""The shipped configurations, and how tests make one small: a tiny encoder and a few sentences."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from _jsonnet import evaluate_snippet
from allennlp.commands.train import TrainModel
from allennlp.common import Params
from allennlp.common.util import prepare_environment

import allennlp_heads  # noqa: F401  (registers what the configurations name)
import tests.tiny as tiny
from tests.qa_tasks import WINDOWS

ROOT = Path(__file__).resolve().parents[2]
_ALL = sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "training_configs").rglob("*.jsonnet")
)
FEW_SHOT = [config for config in _ALL if "/few_shot/" in config]
"""What `allennlp-heads heads fewshot` reads."""
PROBES = [config for config in _ALL if "/probe/" in config]
"""What `allennlp-heads heads probe` reads."""
TRANSFER = [config for config in _ALL if "/transfer/" in config]
"""What `allennlp-heads heads transfer` reads."""
GRIDS = [config for config in _ALL if "/grid/" in config]
"""What `allennlp-heads heads grid` reads."""
SEARCHES = [config for config in _ALL if "/search/" in config]
"""What `allennlp-heads heads search` reads."""
CONFIGS = [
    config for config in _ALL if config not in FEW_SHOT + PROBES + TRANSFER + GRIDS + SEARCHES
]
"""What `allennlp-heads train` reads."""
_ARCHIVE = "the value of ARCHIVE"
SEARCHED = {
    "coefficient": 0.012345,
    "encoder_lr": 0.00012345,
    "gates_lr": 0.112345,
    "target": 0.512345,
}
"""Values of the hyper-parameters, by which they are known again."""
_HEADS_OF_GRIDS = ("tagger", "text_classifier", "text_regressor", "span_qa")
_DIMENSIONS = ("input_dim", "embedding_dim")


def evaluated(text: str) -> dict[str, Any]:
    """A configuration in a few words, with the parts of the library under their names."""
    parts = sorted(path.stem for path in (ROOT / "training_configs" / "lib").glob("*.libsonnet"))
    imports = (f"local {name} = import 'lib/{name}.libsonnet';" for name in parts)
    return written_in_training_configs("\n".join([*imports, text]))


def written_in_training_configs(text: str) -> dict[str, Any]:
    """The configuration that a file with this text directly in `training_configs` would be."""
    file = str(ROOT / "training_configs" / "test.jsonnet")
    found: dict[str, Any] = json.loads(evaluate_snippet(file, text))
    return found


def small(config: str, encoder: str) -> Params:
    """
    A shipped configuration with `encoder` instead of its own, one update (and another with
    binarised gates where it has such epochs) and few sentences.
    """
    return reduced(settings_of(config), encoder)


def built(params: Params, folder: Path) -> TrainModel:
    """What `allennlp train` makes of a configuration, before it trains."""
    prepare_environment(params)
    for key in ("include_in_archive", "evaluation", "distributed"):  # what the command takes out
        params.pop(key)
    return TrainModel.from_params(params=params, serialization_dir=str(folder), local_rank=0)


def settings_of(config: str) -> dict[str, Any]:
    """A shipped configuration as it stands."""
    settings: dict[str, Any] = json.loads(_evaluated_once(config))
    return settings


@functools.cache
def _evaluated_once(config: str) -> str:
    variables = {"ARCHIVE": _ARCHIVE, **{key: str(value) for key, value in SEARCHED.items()}}
    return json.dumps(Params.from_file(str(ROOT / config), ext_vars=variables).as_dict(quiet=True))


def reduced(settings: dict[str, Any], encoder: str) -> Params:
    """The same of a configuration that is in no file."""
    settings["model"] = _replaced(settings["model"], encoder)
    settings["dataset_reader"] = _replaced(settings["dataset_reader"], encoder)
    settings["trainer"]["num_epochs"] = 1
    for callback in settings["trainer"]["callbacks"]:
        if isinstance(callback, dict) and "finetune_epochs" in callback:
            callback["finetune_epochs"], settings["trainer"]["num_epochs"] = 1, 2
    if settings["dataset_reader"]["type"] == "multitask_heads":
        readers = settings["dataset_reader"]["readers"]
        # texts have one label each, of which there must be two
        few = 16 if any("tokenizer" in reader for reader in readers.values()) else 4
        settings["data_loader"] |= {"max_instances": few, "batches_per_epoch": len(readers)}
        settings["validation_data_loader"]["max_instances"] = few
        _make_windows_small(readers)
        _make_phases_small(settings)
    else:
        # Enough for every tag of the development data: other models do not know unseen labels.
        settings["dataset_reader"]["max_instances"] = 40
        settings["data_loader"]["batch_size"] = 40
    return Params(settings)


def _make_windows_small(readers: dict[str, Any]) -> None:
    for reader in readers.values():
        if reader["type"] == "squad_json":
            reader |= WINDOWS


def _make_phases_small(settings: dict[str, Any]) -> None:
    """Two steps a phase, of batches that make half of a task's data possible."""
    sampler = settings["data_loader"]["sampler"] or {}
    if sampler.get("type") != "phases":
        return
    sampler["epochs"] = settings["trainer"]["num_epochs"]
    settings["data_loader"]["batch_size"] = 8
    del settings["data_loader"]["batches_per_epoch"]
    for phase in sampler["phases"]:
        phase.pop("share")
        phase["steps"] = 2


def small_few_shot(config: str, encoder: str) -> Params:
    """A shipped configuration of few-shot learning: a tiny encoder, few updates and runs."""
    settings: dict[str, Any] = _replaced(settings_of(config), encoder)
    settings |= {"examples": [2, 4], "seeds": 2}
    settings["training"]["updates"] = 2
    return Params(settings)


def small_grid(config: str, encoder: str) -> Params:
    """A shipped grid of runs: two of them, small, with a seed each."""
    return reduced_grid(settings_of(config), encoder)


def reduced_grid(settings: dict[str, Any], encoder: str) -> Params:
    """The same of a grid that is in no file."""
    runs = dict(list(settings["runs"].items())[:2])
    for run in runs.values():
        if isinstance(run["config"], str):  # of a file, which is small itself
            continue
        run["config"] = reduced(run["config"], encoder).as_dict(quiet=True)
    return Params({**settings, "seeds": settings["seeds"][:1], "runs": runs})


def small_search(config: str, encoder: str) -> str:
    """A shipped configuration of a search as Jsonnet, which still reads its hyper-parameters."""
    text = json.dumps(small(config, encoder).as_dict(quiet=True), indent=1)
    for name, value in SEARCHED.items():
        text = text.replace(str(value), f"std.parseJson(std.extVar('{name}'))")
    return text


def small_transfer(config: str, encoder: str) -> Params:
    """A shipped grid: a tiny encoder, one task of some heads, few examples and updates."""
    return reduced_transfer(settings_of(config), encoder)


def reduced_transfer(settings: dict[str, Any], encoder: str) -> Params:
    """The same of a grid that is in no file."""
    settings = {**_replaced(settings, encoder), "encoder": encoder}
    of_heads = {task["head"]["type"]: name for name, task in reversed(settings["tasks"].items())}
    kept = sorted(of_heads[head] for head in _HEADS_OF_GRIDS if head in of_heads)
    settings["tasks"] = {name: settings["tasks"][name] for name in kept}
    _make_windows_small({name: task["reader"] for name, task in settings["tasks"].items()})
    classes = {"classification", "questions", "labelling"} | set(settings.get("recipes", ()))
    recipe = {"updates": 2, "batch_size": 4, "head_lr": 1e-3}
    settings["recipes"] = dict.fromkeys(sorted(classes), recipe)
    few = {"limited": 8, "full": 12, "dev_examples": 8, "curve_points": 2}
    return Params({**settings, **few, "restarts": 1, "embeddings": {"examples": 8}})


def small_probe(config: str, encoder: str) -> str:
    """
    A shipped configuration of probes as Jsonnet: a tiny encoder, few sentences and draws. The
    environment still names the archive.
    """
    text = reduced_probe(settings_of(config), encoder)
    return text.replace(json.dumps(_ARCHIVE), "std.extVar('ARCHIVE')")


def reduced_probe(settings: dict[str, Any], encoder: str) -> str:
    """The same of a configuration that is in no file."""
    settings = _replaced(settings, encoder)
    settings["probes"] |= {"sentences": 12, "draws": 10}
    return json.dumps(settings, indent=1)


def _replaced(value: Any, encoder: str, key: str = "") -> Any:
    if key == "transformer_model":
        return value and encoder
    if key in _DIMENSIONS:
        return tiny.HIDDEN
    if isinstance(value, dict):
        return {name: _replaced(below, encoder, name) for name, below in value.items()}
    if isinstance(value, list):
        return [_replaced(below, encoder) for below in value]
    return value
