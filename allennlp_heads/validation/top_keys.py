"""The keys of a training's configuration itself."""

from __future__ import annotations

from inspect import Parameter, signature
from types import NoneType

from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.stages import OF_THE_COMMAND, Stages
from allennlp_heads.validation.trainer_keys import meant
from allennlp_heads.validation.written import Config, shown

_OBJECTS = ("dataset_reader", "model", "data_loader", "trainer")
_SEEDS = ("random_seed", "numpy_seed", "pytorch_seed")


def check_top_keys(config: Config, findings: Findings) -> bool:
    """
    Find keys that are required and not there, and those that there are not.

    # Returns

    `bool`
        Whether there were none, so that the rest can be built.
    """
    options = dict(signature(Stages).parameters)
    del options["serialization_dir"]  # of the command line
    known = {*options, *OF_THE_COMMAND, *_SEEDS}
    needed = [name for name, option in options.items() if option.default is Parameter.empty]
    missing = [name for name in needed if config.get(name) is None]
    unknown = sorted(set(config) - known)
    for name in missing:
        findings.error(name, "a training needs this key", "Add it.")
    wrong = [name for name in _OBJECTS if not isinstance(config.get(name), (dict, str, NoneType))]
    for name in wrong:
        findings.error(name, f"it is {shown(config[name])}", "It must be an object of settings.")
    for name in unknown:
        findings.error(name, "a training has no such key", meant(name, known))
    return not (missing or unknown or wrong)
