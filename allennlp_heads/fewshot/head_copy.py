"""A new head that starts with the weights of a trained one."""

from collections.abc import Iterator, Mapping

import torch
from allennlp.models.heads import Head

from allennlp_heads.models.heads.task_head import TaskHead

_BY_LABEL = "projection."
"""The linear layer that ends in one row a label, as all heads of labels call it."""


@torch.no_grad()
def copy_head(new: Head, old: Head, labels: Mapping[str, str]) -> list[str]:
    """
    Copy what fits: layers of the same name and shape, and of the layer `projection` the rows
    of the labels that both heads have. Where the labels differ, other parameters that could belong
    to single labels (one of their sizes is the number of labels) stay new.

    # Parameters

    new : `Head`
        Is changed.
    old : `Head`
        Is not.
    labels : `Mapping[str, str]`
        Labels of `new` that `old` calls otherwise: the name in `new` -> that in `old`.

    # Returns

    `List[str]`
        The names of the parameters that were copied, wholly or in part.
    """
    theirs = [labels.get(name, name) for name in labels_of_head(new)]
    ours = labels_of_head(old)
    rows = [(row, ours.index(name)) for row, name in enumerate(theirs) if name in ours]
    sizes = {len(theirs), len(ours)} if theirs != ours else set()
    copied = []
    for name, parameter, source in _fitting(new, old):
        if name.startswith(_BY_LABEL) and sizes:
            for row, other in rows:
                parameter[row] = source[other]
            copied += [name] if rows else []
        elif source.shape == parameter.shape and not sizes & set(parameter.shape):
            parameter.copy_(source)
            copied.append(name)
    return copied


def _fitting(new: Head, old: Head) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    """
    Name, new and old parameter of the layers that both have and whose inputs are of the same size:
    a bias is worth nothing without its weights.
    """
    weights = dict(old.named_parameters())
    for prefix, layer in new.named_modules():
        found = [
            (f"{prefix}.{name}".lstrip("."), parameter)
            for name, parameter in layer.named_parameters(recurse=False)
        ]
        if all(
            name in weights and weights[name].shape[1:] == parameter.shape[1:]
            for name, parameter in found
        ):
            yield from ((name, parameter, weights[name]) for name, parameter in found)


def labels_of_head(head: torch.nn.Module) -> list[str]:
    """The names of a head's labels in their order; none for a head that has no labels."""
    if not isinstance(head, TaskHead) or not hasattr(head, "label_namespace"):
        return []
    return head.label_names()
