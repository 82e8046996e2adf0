"""What may be chosen about the embedding of a task."""

from dataclasses import asdict, dataclass, fields
from shlex import quote
from typing import Any, Optional

from allennlp.common import FromParams
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.transfer import KINDS

MODES = ("per_example", "batch_sum", "mean_gradient")
LABELS = ("gold", "sampled", "expected")
LOSSES = ("unit", "sum")
ACTIVATIONS = ("layer_outputs", "head_contexts", "pooled")
"""What `components` may name besides parameters."""
MOST_CLASSES = 10
"""Of which `labels="expected"` computes the gradient of each."""

_CHOICES = {"mode": MODES, "labels": LABELS, "loss": LOSSES}
_LISTS = ("kinds", "components")
_FLAGS = {"kinds": "kind", "components": "component"}
"""Of the verb, for options of another name."""
_SMALLEST = {"examples": 1, "draws": 1, "batch_size": 1, "seed": 0}


@dataclass(frozen=True)
class EmbeddingOptions(FromParams):
    """
    Vu et al. (2020), *Exploring and Predicting Transferability across NLP Tasks*, with the Fisher
    information of each example where their code squares the sum over a batch.

    # Parameters

    kinds : `List[str]`, optional (default = `["text", "task", "heads"]`)
        `"text"`: the mean vector of the texts, without labels; `"task"`: the diagonal of the Fisher
        information of what the encoder computes; `"heads"`: a number for each attention head.
    examples : `int`, optional (default = `1000`)
        How many examples, drawn at random; `None` for all.
    seed : `int`, optional (default = `0`)
        Of this draw and of sampled labels.
    components : `List[str]`, optional (default = `["layer_outputs", "head_contexts", "pooled"]`)
        Of the kind `"task"`. `"layer_outputs"`: what each layer hands to the next;
        `"head_contexts"`: the attended values of all heads, before the output projection;
        `"pooled"`: the vector of the text, after the head's own pooler, for heads that read it.
        Anything else is a regular expression that is searched for in the names of the encoder's
        parameters, as in `"value.bias$"`; those of linear layers and layer norms can be had.
    mode : `str`, optional (default = `"per_example"`)
        Of the kind `"task"`. `"per_example"`: the gradient of each example's loss, summed over
        tokens, squared, then the mean over examples, which is the diagonal of the empirical Fisher
        information of a bias added at that place. Two more for comparison. `"batch_sum"`: as the
        code of the paper does it, the squared sum of a whole batch's gradients over the number of
        its pieces, divided by the number of examples; depends on `batch_size`. `"mean_gradient"`:
        the mean of the gradients, not squared. Numbers of heads are always those of each example.
    labels : `str`, optional (default = `"gold"`)
        `"gold"`; `"sampled"`: drawn from what the head itself predicts; `"expected"`: the exact
        expectation over such draws, for text classifiers with at most 10 labels.
    draws : `int`, optional (default = `1`)
        How many times the labels of each example are drawn, where they are sampled: a gradient
        each, squared by itself, then the mean. The mode `"batch_sum"` squares the gradient of the
        mean of the draws, as the code of the paper does.
    loss : `str`, optional (default = `"unit"`)
        `"unit"`: the loss of an example is the mean over its units, such as words, as training has
        it; `"sum"`: their sum.
    batch_size : `int`, optional (default = `32`)
        No result depends on it but that of the mode `"batch_sum"`.

    Raises `ConfigurationError` for unknown values, for values out of range, and for labels that a
    mode cannot do with.
    """

    kinds: tuple[str, ...] = KINDS
    examples: Optional[int] = 1000
    seed: int = 0
    components: tuple[str, ...] = ACTIVATIONS
    mode: str = "per_example"
    labels: str = "gold"
    draws: int = 1
    loss: str = "unit"
    batch_size: int = 32

    def __post_init__(self) -> None:
        for name in _LISTS:
            self._as_tuple(name)
        for kind in self.kinds:
            _check_choice("kinds", kind, KINDS)
        for name, allowed in _CHOICES.items():
            _check_choice(name, getattr(self, name), allowed)
        for name, least in _SMALLEST.items():
            number = getattr(self, name)
            if number is not None and number < least:
                raise ConfigurationError(f"'{name}' is {number}: give at least {least}")
        if self.draws > 1 and self.labels != "sampled":
            raise ConfigurationError(
                f"'draws' is {self.draws}, but the labels are {self.labels!r}: several draws are "
                "of 'labels': 'sampled'"
            )
        if self.labels == "expected" and self.mode != "per_example":
            raise ConfigurationError(
                f"'labels' is 'expected', which is of single examples, but the mode is "
                f"{self.mode!r}: use 'per_example', or 'gold' or 'sampled' labels"
            )

    def _as_tuple(self, name: str) -> None:
        given = getattr(self, name)
        if isinstance(given, str) or not given or not all(isinstance(one, str) for one in given):
            raise ConfigurationError(f"'{name}' is {given!r}: give a list of names")
        # a list of a configuration; each counts once
        object.__setattr__(self, name, tuple(dict.fromkeys(given)))

    @property
    def patterns(self) -> list[str]:
        """The regular expressions among `components`."""
        return [name for name in self.components if name not in ACTIVATIONS]

    def as_dict(self) -> dict[str, Any]:
        """All options by name, as JSON knows them."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    def flags(self) -> list[str]:
        """What the verb needs on its command line for these options."""
        flags = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            name = _FLAGS.get(field.name, field.name.replace("_", "-"))
            for one in value if isinstance(value, tuple) else [value]:
                flags.append(f"--{name} {'all' if one is None else quote(str(one))}")
        return flags


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigurationError(f"'{name}' is {value!r}: choose one of {', '.join(allowed)}")
