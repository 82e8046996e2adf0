"""Arguments of predicates as labels of the pairs that a model kept, and back."""

import torch
from torch import Tensor

from allennlp_heads.modules.span_ranking import Candidates
from allennlp_heads.nn.best_of_rows import places_of

NO_ROLE = 0
"""The label of a pair that is no predicate with an argument."""


def pair_labels(candidates: Candidates, arguments: Tensor, roles: int) -> Tensor:
    """
    The label of each pair: `NO_ROLE`, `role + 1`, or `roles + 1` where the role was not seen in
    training. Arguments whose predicate or span did not survive are not among them.

    # Parameters

    candidates : `Candidates`
    arguments : `torch.LongTensor`
        Predicate, first word, last word, role (-1 if unseen), shape `[batch, arguments, 4]`; rows
        of -1 are padding.
    roles : `int`
        How many roles there are.

    # Returns

    `torch.LongTensor`
        Shape `[batch, predicates, arguments]`.
    """
    table = candidates.table
    predicate, start, end, role = arguments.unbind(-1)
    fits = (predicate >= 0) & (end - start < table.max_width)
    span_places = places_of(candidates.spans, candidates.argument_mask, len(table))
    span = span_places.gather(1, table.index(start, end).masked_fill(~fits, 0))
    word_places = places_of(candidates.predicates, candidates.predicate_mask, table.words)
    word = word_places.gather(1, predicate.clamp(min=0))
    survives = fits & (span >= 0) & (word >= 0)
    batch, predicates, spans = candidates.mask.shape
    # What did not survive goes to a pair of its own.
    pair = (word * spans + span).masked_fill(~survives, predicates * spans)
    code = torch.where(role >= 0, role + 1, roles + 1)
    labels = arguments.new_full((batch, predicates * spans + 1), NO_ROLE)
    # The largest label wins, should a file give one span two roles.
    labels = labels.scatter_reduce(1, pair, code, "amax")
    return labels[:, :-1].reshape(batch, predicates, spans)


def arguments_of(predicates: Tensor, spans: Tensor, roles: Tensor) -> Tensor:
    """
    Predicted roles of pairs as arguments.

    # Parameters

    predicates : `torch.LongTensor`
        Shape `[batch, predicates]`.
    spans : `torch.LongTensor`
        First and last word, shape `[batch, spans, 2]`.
    roles : `torch.LongTensor`
        Shape `[batch, predicates, spans]`, -1 where there is no argument.

    # Returns

    `torch.LongTensor`
        One row a pair as in `pair_labels`, shape `[batch, predicates * spans, 4]`; rows of -1 where
        there is no argument.
    """
    word = predicates.unsqueeze(2).expand_as(roles)
    start, end = (ends.unsqueeze(1).expand_as(roles) for ends in spans.unbind(-1))
    rows = torch.stack([word, start, end, roles], -1)
    return rows.masked_fill((roles < 0).unsqueeze(-1), -1).flatten(1, 2)
