"""Answers to questions as people read them."""

from collections.abc import Iterable, Sequence
from typing import Any, Optional

import torch
from torch import Tensor

from allennlp_heads.nn.answer_spans import probabilities

Metadata = Sequence[dict[str, Any]]


def characters_of(metadata: Optional[Metadata], mask: Tensor) -> Tensor:
    """
    Where the pieces stand in their contexts.

    # Parameters

    metadata : `Sequence[Dict[str, Any]]`, optional
        The `offsets` of each example: for each window an array `[pieces, 2]`. Where they are not
        known, places count through all pieces of all windows.
    mask : `torch.BoolTensor`
        Shape `[batch, windows, pieces]`.

    # Returns

    `torch.LongTensor`
        Shape `[batch, windows, pieces, 2]`: the first character of each piece and the next one
        after it; -1 on padding.
    """
    if metadata is None or any("offsets" not in entry for entry in metadata):
        place = torch.arange(mask[0].numel(), device=mask.device).view(mask[0].shape)
        return torch.stack([place, place + 1], -1).expand(len(mask), -1, -1, -1)
    characters = torch.full((*mask.shape, 2), -1)
    for row, entry in zip(characters, metadata):
        for window, offsets in zip(row, entry["offsets"]):
            window[: len(offsets)] = torch.as_tensor(offsets)
    return characters.to(mask.device)


def answer_texts(metadata: Metadata, offsets: Tensor) -> list[str]:
    """
    The answer to each question, empty where there is none.

    # Parameters

    metadata : `Sequence[Dict[str, Any]]`
        The `context` of each question.
    offsets : `torch.LongTensor`
        Shape `[batch, 2]`: the first character of the answer and the next one after it; -1 for
        none.
    """
    rows = zip(metadata, offsets.tolist(), strict=True)
    return [entry["context"][first:stop] if first >= 0 else "" for entry, (first, stop) in rows]


def answer_probabilities(scores: Tensor, no_answer: Tensor, may_be_none: bool) -> Tensor:
    """
    # Parameters

    scores : `torch.DoubleTensor`
        Shape `[batch, n_best]`: those of the best spans, padded with minus infinity.
    no_answer : `torch.DoubleTensor`
        Shape `[batch]`: the score of having no answer minus that of the best span.
    may_be_none : `bool`
        Whether "no answer" is one of the answers. Where there is no span, it is the only one.

    # Returns

    `torch.DoubleTensor`
        Shape `[batch, n_best + 1]`: the softmax over the best spans and, in the last place, having
        no answer.
    """
    missing = scores == float("-inf")
    against_best = (scores - scores[:, :1]).masked_fill(missing, float("-inf"))
    asked = missing[:, 0] | may_be_none
    none = no_answer.masked_fill(~asked, float("-inf"))
    return probabilities(torch.cat([against_best, none.unsqueeze(-1)], -1))


def best_answers(
    context: str, offsets: Iterable[Sequence[int]], chances: Sequence[float], may_be_none: bool
) -> list[dict[str, Any]]:
    """
    The answers to one question, the likeliest first.

    # Parameters

    context : `str`
    offsets : `Iterable[Sequence[int]]`
        The first character and the next one after each answer; -1 for none.
    chances : `Sequence[float]`
        Of each answer and, last, of having none.
    may_be_none : `bool`
        See `answer_probabilities`.

    # Returns

    `List[Dict[str, Any]]`
        `answer`, `score` (its probability) and `offsets`, empty and `None` for having none.
    """
    answers: list[dict[str, Any]] = [
        {"answer": context[first:stop], "score": chance, "offsets": [first, stop]}
        for (first, stop), chance in zip(offsets, chances)
        if first >= 0
    ]
    if may_be_none or not answers:
        answers.append({"answer": "", "score": chances[-1], "offsets": None})
    return sorted(answers, key=lambda answer: -answer["score"])
