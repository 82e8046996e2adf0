"""The one gated encoder of a model."""

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.modules.gated_encoder import GatedEncoder

NAME = "gated_transformer"


def find_encoder(model: torch.nn.Module) -> tuple[str, GatedEncoder]:
    """
    The encoder and its name in the model. Raises `ConfigurationError` unless there is exactly one.
    """
    found = [(name, m) for name, m in model.named_modules() if isinstance(m, GatedEncoder)]
    check_one(len(found))
    return found[0]


def check_one(count: int) -> None:
    """Raise `ConfigurationError` for a model with another number of encoders than one."""
    if count == 0:
        raise ConfigurationError(
            f"this model has no '{NAME}', so it has no gates and no heads that could be told "
            f"apart or removed: give its backbone or its token embedder the type '{NAME}'"
        )
    if count > 1:
        raise ConfigurationError(
            f"this model has {count} encoders of type '{NAME}', and only the heads of a model with "
            "one of them can be pruned or compared"
        )
