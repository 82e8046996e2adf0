"""Which spans of a sentence are arguments of which words: candidates and their scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Optional

import torch
from torch import Tensor
from torch.nn.functional import linear

from allennlp_heads.modules.hidden_scorer import HiddenScorer
from allennlp_heads.modules.span_parts import SpanParts, SpanTable, gather_rows
from allennlp_heads.nn.best_of_rows import best_of_rows


@dataclass
class Candidates:
    """
    The surviving predicates and argument spans of a batch. There are `[batch, predicates,
    arguments]` pairs of them.

    # Parameters

    predicates, predicate_mask : `torch.Tensor`
        Positions from left to right and which are no padding, shape `[batch, predicates]`.
    spans, argument_mask : `torch.Tensor`
        Where the argument spans stand in the `table` and which are no padding, shape `[batch,
        arguments]`.
    table : `SpanTable`
    """

    predicates: Tensor
    predicate_mask: Tensor
    spans: Tensor
    argument_mask: Tensor
    table: SpanTable

    @cached_property
    def ends_of_spans(self) -> tuple[Tensor, Tensor]:
        """The first and last words of the spans, shape `[batch, arguments]` each."""
        starts, ends = self.table.spans(self.spans.device)
        return starts[self.spans], ends[self.spans]

    @cached_property
    def mask(self) -> Tensor:
        """Which pairs are no padding, shape `[batch, predicates, arguments]`."""
        return self.predicate_mask.unsqueeze(2) & self.argument_mask.unsqueeze(1)

    @cached_property
    def rows(self) -> Tensor:
        """The pairs without padding, as indices into all pairs; shape `[pairs]`."""
        return self.mask.view(-1).nonzero().squeeze(-1)

    def padded(self, values: Tensor, padding: float) -> Tensor:
        """Values of the pairs without padding, `[pairs]`, in the shape of all pairs."""
        everywhere = values.new_full((self.mask.numel(),), padding)
        return everywhere.index_copy(0, self.rows, values).view(self.mask.shape)


class SpanRanking(torch.nn.Module):
    """
    The scorer of He et al. (2018), *Jointly Predicting Predicates and Arguments in Neural Semantic
    Role Labeling*, without its LSTM. The vector of a span is `[first word; last word; width
    embedding; mean of the words]`. One perceptron scores all spans of at most `max_width` words,
    one all words as predicates; the best of a sentence, as many as its length allows, make pairs,
    for which a third perceptron scores roles. The score of a role is its own plus that of the span
    plus that of the predicate.

    The first layer of each perceptron is linear in the parts of its input. It is therefore computed
    once a word and once a width and summed for the spans and the pairs, which is the same function
    as on the vectors of spans but never makes these: for a span there is no tensor wider than
    `hidden_dim`, and padding is left out.

    # Parameters

    input_dim : `int`
        The size of the vectors of words.
    roles : `int`
        How many roles.
    max_width, width_dim, hidden_dim, dropout, argument_ratio, predicate_ratio :
        See [`SrlHead`](../models/heads/srl.md).
    """

    def __init__(
        self,
        input_dim: int,
        roles: int,
        max_width: int,
        width_dim: int,
        hidden_dim: int,
        dropout: float,
        argument_ratio: float,
        predicate_ratio: float,
    ) -> None:
        super().__init__()
        self.max_width = max_width
        self.argument_ratio, self.predicate_ratio = argument_ratio, predicate_ratio
        self.span_dim = 3 * input_dim + width_dim
        self.width_embedding = torch.nn.Embedding(max_width, width_dim)
        self.argument_first = torch.nn.Linear(self.span_dim, hidden_dim)
        self.argument_scorer = HiddenScorer(hidden_dim, 1, dropout)
        self.predicate_first = torch.nn.Linear(input_dim, hidden_dim)
        self.predicate_scorer = HiddenScorer(hidden_dim, 1, dropout)
        self.pair_first = torch.nn.Linear(self.span_dim + input_dim, hidden_dim)
        self.pair_scorer = HiddenScorer(hidden_dim, roles, dropout)

    def forward(
        self,
        words: Tensor,
        mask: Tensor,
        given: Optional[Tensor] = None,
        keep: Optional[Tensor] = None,
    ) -> tuple[Candidates, Tensor]:
        """
        # Parameters

        words : `torch.Tensor`
            Shape `[batch, words, input_dim]`.
        mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words, padding to the right.
        given : `torch.BoolTensor`, optional (default = `None`)
            Shape `[batch, words]`: the predicates, where they need not be found.
        keep : `torch.LongTensor`, optional (default = `None`)
            Shape `[batch, arguments, 4]`: arguments that survive before all others, with their
            predicates; see `SrlHead.forward`.

        # Returns

        `Tuple[Candidates, torch.Tensor]`
            What survives, and the score of each role for the pairs without padding, shape `[pairs,
            roles]`.
        """
        table = SpanTable(mask.size(1), self.max_width)
        exists = table.spans(mask.device)[1] < mask.sum(-1, keepdim=True)  # [batch, spans]
        span_scores = self._span_scores(words, table, exists)
        kept_words, kept_spans = (None, None) if keep is None else marks_of(keep, table)
        spans = self._best(span_scores, exists, mask, self.argument_ratio, kept_spans)
        word_scores = self.predicate_scorer(self.predicate_first(words)).squeeze(-1)
        if given is None:
            predicates = self._best(word_scores, mask, mask, self.predicate_ratio, kept_words)
        else:
            given = given & mask
            predicates = best_of_rows(given.to(word_scores), given.sum(-1))
        candidates = Candidates(*predicates, *spans, table)
        unary = word_scores.gather(1, candidates.predicates).unsqueeze(2)
        unary = unary + span_scores.gather(1, candidates.spans).unsqueeze(1)
        own = self._role_scores(words, candidates)
        return candidates, own + unary.reshape(-1, 1).index_select(0, candidates.rows)

    def _span_scores(self, words: Tensor, table: SpanTable, exists: Tensor) -> Tensor:
        """`[batch, spans]`, minus infinity where there is no span."""
        rows = exists.reshape(-1).nonzero().squeeze(-1)
        widths = self.width_embedding.weight
        first = self.argument_first
        parts = SpanParts.of_words(words, first.weight, first.bias, widths)
        scores = self.argument_scorer(parts.of_all_spans(table, rows)).squeeze(-1)
        nowhere = scores.new_full((exists.numel(),), float("-inf"))
        return nowhere.index_copy(0, rows, scores).view(exists.shape)

    @staticmethod
    def _best(
        scores: Tensor, exists: Tensor, mask: Tensor, ratio: float, keep: Optional[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """The best of what exists, for each sentence a share of its words but at least one."""
        share = (mask.sum(-1).double() * ratio).floor().long().clamp(min=1)
        scores = scores.detach().masked_fill(~exists, float("-inf"))
        if keep is not None:
            scores = scores.masked_fill(keep, float("inf"))
        return best_of_rows(scores, share.minimum(exists.sum(-1)))

    def _role_scores(self, words: Tensor, candidates: Candidates) -> Tensor:
        """The scores of the roles by themselves, `[pairs, roles]`."""
        span_weight, word_weight = self.pair_first.weight.split(
            [self.span_dim, words.size(-1)], dim=1
        )
        widths = self.width_embedding.weight
        parts = SpanParts.of_words(words, span_weight, self.pair_first.bias, widths)
        spans = parts.of_spans(*candidates.ends_of_spans)  # [batch, arguments, hidden_dim]
        predicates = linear(gather_rows(words, candidates.predicates), word_weight)
        _, predicate_count, argument_count = candidates.mask.shape
        predicate = candidates.rows // max(argument_count, 1)  # in [batch * predicates]
        argument = predicate // max(predicate_count, 1) * argument_count
        argument = argument + candidates.rows % max(argument_count, 1)
        first = predicates.flatten(0, 1).index_select(0, predicate)
        return self.pair_scorer(first + spans.flatten(0, 1).index_select(0, argument))


def marks_of(arguments: Tensor, table: SpanTable) -> tuple[Tensor, Tensor]:
    """
    Which words are predicates of these arguments `[batch, arguments, 4]`, and which spans of the
    table are these arguments; `[batch, words]` and `[batch, spans]`.
    """
    predicate, start, end, _ = arguments.unbind(-1)
    fits = (predicate >= 0) & (end - start < table.max_width)
    marks = []
    for items, index in ((table.words, predicate), (len(table), table.index(start, end))):
        # What is no item has a column of its own.
        none = torch.zeros(len(arguments), items + 1, dtype=torch.bool, device=arguments.device)
        marks.append(none.scatter(1, index.masked_fill(~fits, items), True)[:, :-1])
    return marks[0], marks[1]
