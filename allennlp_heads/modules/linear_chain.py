"""Scores of neighbouring tags: learnt, prescribed by an encoding, or both."""

from collections.abc import Iterable
from typing import Optional

import torch
from torch import Tensor

from allennlp_heads.nn.crf import crf_negative_log_likelihood
from allennlp_heads.nn.viterbi import constraint_scores, decode_tags


class LinearChain(torch.nn.Module):
    """
    What a tagger knows about tags that follow each other. With learnt scores it is a linear-chain
    conditional random field, which starts as independent tags (all scores zero). Forbidden
    transitions are never decoded; as in AllenNLP's own field they leave the likelihood alone.

    # Parameters

    num_tags : `int`
        The number of tags.
    allowed : `Iterable[Tuple[int, int]]`, optional (default = `None`)
        The allowed transitions in the form of AllenNLP's `allowed_transitions`; `None` allows all.
    learn : `bool`, optional (default = `True`)
        Whether there are learnt scores.
    """

    transitions: Tensor
    start: Tensor
    end: Tensor
    _transitions_constraint: Tensor
    _start_constraint: Tensor
    _end_constraint: Tensor

    def __init__(
        self,
        num_tags: int,
        allowed: Optional[Iterable[tuple[int, int]]] = None,
        learn: bool = True,
    ) -> None:
        super().__init__()
        scores: tuple[Tensor, ...] = (
            torch.zeros(num_tags, num_tags),
            torch.zeros(num_tags),
            torch.zeros(num_tags),
        )
        forbidden = scores if allowed is None else constraint_scores(allowed, num_tags)
        names = ("transitions", "start", "end")
        for name, score, constraint in zip(names, scores, forbidden):
            # The constraints follow from the vocabulary, so no archive needs them.
            self.register_buffer(f"_{name}_constraint", constraint.clone(), persistent=False)
            if learn:
                self.register_parameter(name, torch.nn.Parameter(score))
            else:
                self.register_buffer(name, score, persistent=False)

    def negative_log_likelihood(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """
        The negative log-likelihood `[batch]` of the sentences' tags.

        # Parameters

        emissions : `torch.Tensor`
            The score of each tag at each word, shape `[batch, words, tags]`.
        tags : `torch.LongTensor`
            The gold tags, shape `[batch, words]`; negative where not known (summed over).
        mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        """
        return crf_negative_log_likelihood(
            emissions, tags, mask, self.transitions, self.start, self.end
        )

    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """
        The best allowed sequence of tags, shape `[batch, words]`, 0 on padding.

        # Parameters

        emissions : `torch.Tensor`
            The score of each tag at each word, shape `[batch, words, tags]`.
        mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        """
        return decode_tags(
            emissions,
            mask,
            self.transitions + self._transitions_constraint,
            self.start + self._start_constraint,
            self.end + self._end_constraint,
        )
