"""What may be chosen about the importance of heads."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Optional

from allennlp.common import FromParams
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.importance import MEASURES

LOSSES = ("unit", "sum")


@dataclass(frozen=True)
class ImportanceOptions(FromParams):
    """
    # Parameters

    examples : `int`, optional (default = `None`)
        How many examples of each task, drawn at random; by default all.
    seed : `int`, optional (default = `0`)
        Of this draw and of the bootstrap.
    measure : `str`, optional (default = `"absolute"`)
        `"absolute"` (Eq. 4 of the paper), `"squared"`, `"signed"` or `"per_token"`; see
        `allennlp_heads.analysis.importance.aggregate`.
    label_free : `bool`, optional (default = `False`)
        Take what the model itself predicts for the gold labels; see `TaskHead.predicted_gold`.
    loss : `str`, optional (default = `"unit"`)
        `"unit"`: the loss of an example is the mean over its units, such as words, as training has
        it; `"sum"`: their sum.
    by_layer : `bool`, optional (default = `False`)
        Divide the scores of each layer by their L2 norm.
    min_max : `bool`, optional (default = `False`)
        Map the scores to 0 to 1.
    alpha : `float`, optional (default = `0.3`)
        The share of the heads that counts as the most important ones.
    until_stable : `bool`, optional (default = `False`)
        Take no more examples once the most important heads no longer change; see
        `collect_importance`.
    draws : `int`, optional (default = `1000`)
        Of the bootstrap.
    batch_size : `int`, optional (default = `32`)
        No result depends on it.

    Raises `ConfigurationError` for values out of range.
    """

    examples: Optional[int] = None
    seed: int = 0
    measure: str = "absolute"
    label_free: bool = False
    loss: str = "unit"
    by_layer: bool = False
    min_max: bool = False
    alpha: float = 0.3
    until_stable: bool = False
    draws: int = 1000
    batch_size: int = 32

    def __post_init__(self) -> None:
        for name, allowed in (("measure", MEASURES), ("loss", LOSSES)):
            if getattr(self, name) not in allowed:
                raise ConfigurationError(
                    f"'{name}' is {getattr(self, name)!r}: choose one of {', '.join(allowed)}"
                )
        for name in ("examples", "draws", "batch_size"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise ConfigurationError(f"'{name}' is {number}: give at least 1")
        if self.seed < 0:
            raise ConfigurationError(f"'seed' is {self.seed}: give 0 or more")
        if not 0 < self.alpha <= 1:
            raise ConfigurationError(
                f"'alpha' is {self.alpha}: give a share of the heads above 0 and at most 1"
            )

    def scale(self) -> dict[str, bool]:
        """What `normalise` takes."""
        return {"by_layer": self.by_layer, "min_max": self.min_max}

    def as_dict(self) -> dict[str, Any]:
        """All options by name."""
        return asdict(self)

    def flags(self) -> list[str]:
        """What the verb needs on its command line for these options."""
        flags = []
        for field in fields(self):
            value = getattr(self, field.name)
            name = "rounds" if field.name == "draws" else field.name.replace("_", "-")
            if value != field.default:
                flags.append(f"--{name}" if value is True else f"--{name} {value}")
        return flags


def options_within(
    options: Optional[ImportanceOptions], where: str, **own: Any
) -> ImportanceOptions:
    """
    The options `importance` of a callback that has some of them itself.

    # Parameters

    options : `Optional[ImportanceOptions]`
        As given under `importance`.
    where : `str`
        The callback, for the message.
    own : `Any`
        Those that the callback has itself, with its values.

    Raises `ConfigurationError` for one that is given under `importance`, where it would not count.
    """
    given, default = options or ImportanceOptions(), ImportanceOptions()
    for name, value in own.items():
        inner = getattr(given, name)
        if inner not in (getattr(default, name), value):
            raise ConfigurationError(
                f"{where}: 'importance.{name}' is {inner}, but '{name}' of the callback itself "
                f"counts, which is {value}: give it there"
            )
    return replace(given, **own)
