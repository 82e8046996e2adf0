"""Which embeddings may be compared: those of one encoder, computed in one way."""

from __future__ import annotations

from collections.abc import Sequence

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.embeddings.embedding import Embedding
from allennlp_heads.reports.embeddings.files import require_unique

_ENCODER = ("layers", "heads", "head_dim", "dim")
_DIGEST = ("encoder", "pretrained_sha256")
_OF_KIND = {
    "task": ("mode", "labels", "loss"),
    "heads": ("labels", "loss"),
}
"""The options that decide what the components of a kind are."""


def require_alike(embeddings: Sequence[Embedding]) -> None:
    """
    Raise `ConfigurationError`, which names two files and the key they differ in, unless these
    embeddings may stand in one ranking: each of another task; the same pretrained encoder, by its
    sizes and its digest, or where one of the manifests has none, its name; for components of
    gradients the same mode, labels and loss; equal sizes of components of one name. Components that
    some of them lack are no error: the others are compared.

    # Parameters

    embeddings : `Sequence[Embedding]`
    """
    require_unique(embeddings)
    for place, second in enumerate(embeddings):
        for first in embeddings[:place]:
            for keys in _keys(first, second):
                values = first.said(*keys), second.said(*keys)
                if values[0] != values[1]:
                    _refuse(first, second, ".".join(keys), *values)
            _check_sizes(first, second)


def _keys(first: Embedding, second: Embedding) -> list[tuple[str, ...]]:
    keys = [("encoder", key) for key in _ENCODER]
    # the same weights may lie in two places
    known = first.said(*_DIGEST) and second.said(*_DIGEST)
    keys.append(_DIGEST if known else ("encoder", "name"))
    for kind in set(first.kinds) & set(second.kinds):
        keys += [("options", option) for option in _OF_KIND.get(kind, ())]
        # squares of the sum over a batch depend on how large the batch is
        if kind == "task" and first.said("options", "mode") == "batch_sum":
            keys.append(("options", "batch_size"))
    return sorted(keys)


def _check_sizes(first: Embedding, second: Embedding) -> None:
    for name in first.components.keys() & second.components.keys():
        shapes = first.components[name].shape, second.components[name].shape
        if shapes[0] != shapes[1]:
            _refuse(first, second, f"the size of the component '{name}'", *map(list, shapes))


def _refuse(first: Embedding, second: Embedding, what: str, one: object, other: object) -> None:
    raise ConfigurationError(
        f"{first.name} and {second.name} cannot be compared: {what} is {one} in the first and "
        f"{other} in the second. Compute both with the same encoder and options of 'allennlp heads "
        "embed', or rank them apart"
    )
