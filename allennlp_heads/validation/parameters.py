"""Which parameters the regular expressions of a configuration hit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from allennlp_heads.gates import check_regularizer
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.reports.markup import plural
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.trainer_keys import meant
from allennlp_heads.validation.written import Config, walk

_OF_SCHEDULES = {"params", "requires_grad", "warmup", "decay"}
"""Options of a parameter group that are not the optimizer's."""
_OF_LOADING = {"attn_implementation", "torch_dtype", "trust_remote_code", "revision"}
"""Arguments of transformers that are not the encoder's configuration."""
_TO_CLOSE = 5.0
"""Rate times updates that takes a gate from open to closed."""


def is_gate(parameter: torch.nn.Parameter) -> bool:
    """Whether it holds learned head gates."""
    return hasattr(parameter, "hard_concrete")


def check_regexes(config: Config, model: Model, findings: Findings) -> None:
    """Find regular expressions that hit no parameter."""
    names = [name for name, _ in model.named_parameters()]
    # the optimizer gets no others; those frozen by `no_grad` are no longer among them
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    for key, regex in _regexes(config):
        among = trained if key.startswith("trainer.optimizer") else names
        if not any(re.search(regex, name) for name in among):
            frozen = " that is trained" if among is trained else ""
            findings.error(
                key,
                f"the regular expression '{regex}' matches no parameter{frozen}",
                f"Parameters have names such as '{among[-1]}'." if among else "",
            )
    try:
        check_regularizer(model, model._regularizer)
    except ConfigurationError as error:
        findings.error("model.regularizer", error.message)


def check_group_options(
    config: Config, optimizer: torch.optim.Optimizer, findings: Findings
) -> None:
    """Find options of parameter groups that the optimizer does not know, and would ignore."""
    known = set(optimizer.defaults) | _OF_SCHEDULES
    for number, (_, options) in enumerate(_groups(config)):
        for name in sorted(set(options) - known):
            findings.error(
                f"trainer.optimizer.parameter_groups.{number}.1.{name}",
                "the optimizer has no such option and ignores it",
                meant(name, known),
            )


def check_gates(config: Config, model: Model, findings: Findings) -> None:
    """Find learned gates whose learning rate is that of something else."""
    for name, parameter in model.named_parameters():
        if is_gate(parameter) and parameter.requires_grad and own_rate(config, name) is None:
            findings.error(
                "trainer.optimizer.parameter_groups",
                f"the head gates '{name}' have no learning rate of their own",
                "Add the group [['log_alpha'], {'lr': 0.05}]: at usual rates it takes thousands "
                "of updates to close a head.",
            )


def check_updates_of_gates(
    config: Config, model: Model, updates: int | None, findings: Findings
) -> None:
    """Find learned gates that cannot close a head before the training ends."""
    for name, parameter in model.named_parameters():
        rate = own_rate(config, name)
        if not is_gate(parameter) or not parameter.requires_grad or not rate or updates is None:
            continue
        if not can_close(rate, updates):
            findings.warning(
                "trainer.num_epochs",
                f"{plural(updates, 'update')} at a learning rate of {rate:g} are too few for the "
                f"head gates to close a head: from open to closed it takes about "
                f"{_TO_CLOSE / rate:,.0f}",
                "Train longer, or raise the rate of the gates' group in the optimizer.",
            )


def can_close(rate: float | None, updates: int | None) -> bool | None:
    """Whether so many updates can take a gate from open to closed; `None`: not known."""
    return None if rate is None or updates is None else rate * updates >= _TO_CLOSE


def own_rate(config: Config, name: str) -> float | None:
    """The learning rate of the parameter group that names this parameter, if it gives one."""
    for regexes, options in _groups(config):
        if any(re.search(regex, name) for regex in regexes):
            found = options.get("lr")
            return None if found is None else float(found)
    return None


def check_encoder_options(config: Config, model: Model, findings: Findings) -> None:
    """Find changes to an encoder's configuration that it has no place for."""
    encoders = [module for module in model.modules() if isinstance(module, GatedEncoder)]
    for key, name, options in walk(config.get("model"), "model"):
        if name != "transformer_kwargs" or not isinstance(options, dict):
            continue
        for option in sorted(set(options) - _OF_LOADING):
            # the library hands what it does not know to nobody
            if encoders and not any(hasattr(encoder.config, option) for encoder in encoders):
                known = {known for encoder in encoders for known in encoder.config.to_dict()}
                findings.error(
                    f"{key}.{option}",
                    "the encoder's configuration has no such option and ignores it",
                    meant(option, known),
                )


def _regexes(config: Config) -> Iterator[tuple[str, str]]:
    trainer = config.get("trainer") or {}
    for number, (regexes, _) in enumerate(_groups(config)):
        for place, regex in enumerate(regexes):
            yield f"trainer.optimizer.parameter_groups.{number}.0.{place}", regex
    for number, regex in enumerate(trainer.get("no_grad") or ()):
        yield f"trainer.no_grad.{number}", regex
    model = config.get("model") or {}
    for part in ("initializer", "regularizer"):
        found = model.get(part)
        for number, pair in enumerate((found or {}).get("regexes") or ()):
            yield f"model.{part}.regexes.{number}.0", pair[0]


def _groups(config: Config) -> list[tuple[list[str], dict[str, Any]]]:
    optimizer = (config.get("trainer") or {}).get("optimizer")
    groups = optimizer.get("parameter_groups") if isinstance(optimizer, dict) else None
    return [(regexes, options) for regexes, options in groups or ()]
