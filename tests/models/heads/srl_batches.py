"""Sentences with predicates and arguments, as tensors; and the scorer span by span."""

from typing import Any

import torch
from torch import Tensor

from allennlp_heads.models.heads import SrlHead
from allennlp_heads.modules.hidden_scorer import HiddenScorer
from allennlp_heads.modules.span_ranking import SpanRanking
from tests.models.heads.head_batches import DIM, WORDS, batch, vocabulary

ROLES = ["ARG0", "ARG1", "ARGM-TMP"]
VOCAB = vocabulary(srl_labels=ROLES)
ARGUMENTS = [
    [(1, 0, 0, 0), (1, 2, 2, 1)],
    [(1, 0, 0, -1)],
    [],
    [(2, 0, 1, 0), (2, 3, 4, 1), (4, 0, 3, 2)],
]
"""Of the four sentences of `head_batches`; one role was not seen in training."""
PREDICATES = [[0, 1, 0, 0], [1, 1], [0], [0, 0, 1, 0, 1]]


def small(**options: Any) -> SrlHead:
    """A small head with decided opinions."""
    torch.manual_seed(0)
    sizes = {"width_dim": 3, "hidden_dim": 8, "max_width": 4, **options}
    head = SrlHead(VOCAB, DIM, **sizes)
    for scorer in (head.ranking.argument_scorer, head.ranking.pair_scorer):
        torch.nn.init.normal_(scorer.output.weight, std=2.0)
    return head


def srl_batch(rows: list[int] | None = None, padding: int = 0, **options: Any) -> dict[str, Any]:
    """The arguments of the head's `forward` for some of the sentences."""
    rows = list(range(len(WORDS))) if rows is None else rows
    inputs = batch(rows, padding, predicates=PREDICATES)
    inputs["arguments"] = gold([ARGUMENTS[row] for row in rows])
    return {**inputs, **options}


def gold(rows: list[Any]) -> Tensor:
    """As the field makes it: `[batch, arguments, 4]`, rows of -1 for padding."""
    most = max(map(len, rows))
    padded = [[*map(list, row), *[[-1] * 4] * (most - len(row))] for row in rows]
    return torch.tensor(padded, dtype=torch.long).view(len(rows), most, 4)


def plain_scorer(scorer: HiddenScorer, first: Tensor) -> Tensor:
    """A perceptron after its first layer, without dropout."""
    hidden = (scorer.second.weight @ first.relu() + scorer.second.bias).relu()
    return scorer.output.weight @ hidden + scorer.output.bias


def span_vector(ranking: SpanRanking, words: Tensor, start: int, end: int) -> Tensor:
    """The vector of one span of a sentence `[words, dim]`, as in the paper."""
    width = ranking.width_embedding.weight[end - start]
    return torch.cat([words[start], words[end], width, words[start : end + 1].mean(0)])


def plain_span_scores(ranking: SpanRanking, words: Tensor) -> dict[tuple[int, int], Tensor]:
    """The score of each span of a sentence, one after the other."""
    scores = {}
    for start in range(len(words)):
        for end in range(start, min(start + ranking.max_width, len(words))):
            first = ranking.argument_first(span_vector(ranking, words, start, end))
            scores[start, end] = plain_scorer(ranking.argument_scorer, first)[0]
    return scores


def plain_predicate_scores(ranking: SpanRanking, words: Tensor) -> list[Tensor]:
    """The score of each word of a sentence as a predicate, one after the other."""
    first = [ranking.predicate_first(word) for word in words]
    return [plain_scorer(ranking.predicate_scorer, vector)[0] for vector in first]


def plain_pair_scores(
    ranking: SpanRanking, words: Tensor, predicate: int, start: int, end: int
) -> Tensor:
    """The scores of the roles of one span for one predicate, without those of either alone."""
    pair = torch.cat([span_vector(ranking, words, start, end), words[predicate]])
    return plain_scorer(ranking.pair_scorer, ranking.pair_first(pair))
