"""Whether two probes asked the same, so that only their encoders make a difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from allennlp_heads.analysis.probing.result import ProbeResult

_OF_KIND = {
    "dependency": ("direction", "diagonal"),
    "srl": ("direction", "diagonal", "span_words"),
    "constituency": ("phrases",),
}
"""Options that change what is asked, by the kind of probe that listens to them."""
_OF_ALL = ("held_out", "division", "sentences")
_CROSS_FITTING = "cross-fitting"


class Unlike(NamedTuple):
    """
    # Parameters

    name : `str`
        Of the option, or `"choice sentences"` for the sentences of a role.
    one, other : `Any`
        Its two values.
    """

    name: str
    one: Any
    other: Any


def unlike(one: ProbeResult, other: ProbeResult) -> Unlike | None:
    """
    The first thing in which two probes of the same kind asked differently; `None` where they are
    comparable. What only adds numbers beside the accuracies (`random_weights`, `control`,
    `statistics`, `trees`, `examples`, `draws`, `rare`, `max_offset`) or only changes the speed does
    not count, nor does the seed where nothing was drawn by it, nor an option that a result does not
    have.
    """
    return next(_all_unlike(one, other), None)


def _all_unlike(one: ProbeResult, other: ProbeResult) -> Iterator[Unlike]:
    names = [*_OF_KIND.get(one.kind, ()), *_OF_ALL]
    if _CROSS_FITTING in (one.options.get("division"), other.options.get("division")):
        names.append("folds")
    if _drawn(one, other):
        names.append("seed")
    for name in names:
        if name in one.options and name in other.options:
            found = Unlike(name, one.options[name], other.options[name])
            if found.one != found.other:
                yield found
    for role in ("fit", "choice"):
        sentences = [run.samples.get(role, {}).get("sentences") for run in (one, other)]
        if None not in sentences and sentences[0] != sentences[1]:
            yield Unlike(f"{role} sentences", *sentences)


def _drawn(one: ProbeResult, other: ProbeResult) -> bool:
    """
    Whether the seed decided which sentences do what. Whether a file was halved for centroids and
    choice no option says, but then two seeds leave other items to each half.
    """
    return (
        one.options.get("division") == _CROSS_FITTING
        or one.options.get("sentences") is not None
        or one.samples != other.samples
    )
