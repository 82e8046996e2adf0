"""The answer to a question as a span of its context."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from torch import Tensor
from torch.nn.functional import log_softmax

from allennlp_heads.models.heads.readable_answers import (
    answer_probabilities,
    answer_texts,
    best_answers,
    characters_of,
)
from allennlp_heads.models.heads.span_qa_gold import check_answer_spans, padded_mask
from allennlp_heads.models.heads.task_head import TaskHead, example_losses
from allennlp_heads.nn.answer_spans import (
    best_answer_spans,
    characters_of_spans,
    no_answer_scores,
    places_in_windows,
)
from allennlp_heads.nn.sampling import ExampleSampler
from allennlp_heads.training.metrics.answer_scores import AnswerScores, answer_scores

_METRICS = ("token_f1", "exact_match")


@Head.register("span_qa")
class SpanQaHead(TaskHead):
    """
    Finds the answer to a question in its context, after Devlin et al. (2019), *BERT*, section 4.2:
    one linear layer gives each piece a score as the first and one as the last of the answer. A long
    context is read in windows, and position 0 of each ([CLS] in BERT) stands for "no answer here".

    The loss of a window is the mean of the negative log-likelihoods of its first and its last
    piece among the pieces of the context and position 0. An example is a question, and its windows
    are its units; windows without gold (-1) have no loss.

    The answer is the best span over all windows, see
    [`best_answer_spans`](../../nn/answer_spans.md); with `null_threshold` it is empty where the
    score of having no answer, see `no_answer_scores`, exceeds that of the best span by more than
    the threshold, as in SQuAD 2.0.

    The metrics are `token_f1` and `exact_match`, between 0 and 1, of the official scripts of SQuAD;
    see [`AnswerScores`](../../training/metrics/answer_scores.md). They compare with all `answers`
    of the metadata. A question counts as in the script of SQuAD 2.0 if there is a `null_threshold`,
    if its metadata has `is_impossible`, true or false, which the reader takes over from files that
    have it, or if it has no answer; else as in that of 1.1. During training no answers are looked
    for, and there are no metrics and no `example_counts`.

    Registered as a `Head` with name "span_qa".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    max_answer_length : `int`, optional (default = `30`)
        The most pieces of an answer.
    n_best : `int`, optional (default = `20`)
        How many answers are kept of a question.
    null_threshold : `float`, optional (default = `None`)
        How much better having no answer must be for the empty answer to be given. By default it
        never is, as in SQuAD 1.1.
    main_metric : `str`, optional (default = `"token_f1"`)
        `"token_f1"` or `"exact_match"`.
    dropout : `float`, optional (default = `0.1`)
        In front of the linear layer.

    Raises `ConfigurationError` for another metric and for numbers below 1.
    """

    default_predictor = "span_qa"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        max_answer_length: int = 30,
        n_best: int = 20,
        null_threshold: Optional[float] = None,
        main_metric: str = "token_f1",
        dropout: float = 0.1,
    ) -> None:
        super().__init__(vocab)
        for name, number in (("max_answer_length", max_answer_length), ("n_best", n_best)):
            if number < 1:
                raise ConfigurationError(f"{name}: it is {number}, but must be at least 1.")
        if main_metric not in _METRICS:
            raise ConfigurationError(
                f"main_metric: a 'span_qa' has no {main_metric!r}; choose one of "
                f"{', '.join(_METRICS)}."
            )
        self.main_metric = (main_metric, "+")
        self.max_answer_length = max_answer_length
        self.n_best = n_best
        self.null_threshold = null_threshold
        self.dropout = torch.nn.Dropout(dropout)
        self.projection = torch.nn.Linear(input_dim, 2)
        self._scores = AnswerScores()

    def forward(
        self,
        encoded_pieces: Tensor,
        encoded_pieces_mask: Tensor,
        answer_mask: Tensor,
        answer_spans: Optional[Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        encoded_pieces : `torch.Tensor`
            Shape `[batch, windows, pieces, input_dim]`.
        encoded_pieces_mask : `torch.BoolTensor`
            Shape `[batch, windows, pieces]`, True on pieces; a window without any is padding.
        answer_mask : `torch.BoolTensor`
            Shape `[batch, windows, pieces]`, True on the pieces of the context; may have fewer
            pieces, of which the missing ones are no context.
        answer_spans : `torch.LongTensor`, optional (default = `None`)
            Shape `[batch, windows, 2]`: the first and the last piece (inclusive) of the answer in
            each window, twice 0 in windows without it; -1 in windows that are padding or not to be
            learned from.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            `context`, `offsets` (for each window `[pieces, 2]`: the characters of each piece),
            `answers` (gold texts; none where there is no answer), `id`, and `is_impossible` where
            the data says it of its questions, as SQuAD 2.0 does.

        # Returns

        `Dict[str, Any]`
            `start_logits`, `end_logits` `[batch, windows, pieces]`, minus infinity where no answer
            can be; outside of training `spans` `[batch, n_best, 3]` and `span_scores`
            `[batch, n_best]` of `best_answer_spans`, their characters `offsets`
            `[batch, n_best, 2]`, `no_answer_score` `[batch]` (how much better than the best span
            having no answer is; a huge number where there is no span), `has_answer` `[batch]` and
            `answer_spans` `[batch, windows, 2]`, the answer given in the form of the gold field;
            with gold the losses and, outside of training, the counts of `TaskHead`.

        Raises `ConfigurationError` for windows and gold that are not those of the encoder.
        """
        exists = encoded_pieces_mask.any(-1)
        candidates = padded_mask(answer_mask, encoded_pieces) & encoded_pieces_mask
        possible = candidates.clone()
        possible[..., 0] = True
        # never in half precision, where long contexts would tie
        scores = self.projection(self.dropout(encoded_pieces)).float()
        start, end = scores.masked_fill(~possible.unsqueeze(-1), float("-inf")).unbind(-1)
        output: dict[str, Any] = {"start_logits": start, "end_logits": end, "metadata": metadata}
        if not self.training:
            found = self._answers(start.detach(), end.detach(), candidates, exists, metadata)
            output.update(found)
        if answer_spans is not None:
            check_answer_spans(answer_spans, candidates, exists)
            output.update(_losses(start, end, answer_spans))
            if not self.training:
                self._count(output, metadata)
        return output

    def _answers(
        self,
        start: Tensor,
        end: Tensor,
        candidates: Tensor,
        exists: Tensor,
        metadata: Optional[list[dict[str, Any]]],
    ) -> dict[str, Tensor]:
        characters = characters_of(metadata, candidates)
        spans, scores = best_answer_spans(
            start, end, candidates, characters, self.max_answer_length, self.n_best
        )
        none = no_answer_scores(start, end, exists) - scores[:, 0]
        # a number that JSON knows
        none = none.clamp(max=torch.finfo(start.dtype).max)
        has_answer = spans[:, 0, 0] >= 0
        if self.null_threshold is not None:
            has_answer = has_answer & ~(none > self.null_threshold)
        chosen = spans[:, 0].masked_fill(~has_answer.unsqueeze(-1), -1)
        places = places_in_windows(chosen, candidates, characters)
        return {
            "spans": spans,
            "span_scores": scores,
            "offsets": characters_of_spans(spans, characters),
            "no_answer_score": none,
            "has_answer": has_answer,
            "answer_spans": places.masked_fill(~exists.unsqueeze(-1), -1),
        }

    def _count(self, output: dict[str, Any], metadata: Optional[list[dict[str, Any]]]) -> None:
        """Adds to the metrics and, to the output, the counts; nothing where gold is missing."""
        if metadata is None or any("answers" not in entry for entry in metadata):
            return
        said = answer_texts(metadata, self._given(output))
        by_version2 = self.null_threshold is not None
        rows = [
            answer_scores(answer, entry["answers"], by_version2 or "is_impossible" in entry)
            for answer, entry in zip(said, metadata)
        ]
        scores = torch.tensor(rows, dtype=torch.double, device=output["spans"].device)
        answerable = [bool(entry["answers"]) for entry in metadata]
        self._scores(scores, torch.tensor(answerable, device=scores.device))
        output["example_counts"] = torch.cat([scores, torch.ones_like(scores[:, :1])], -1)

    def _given(self, output: dict[str, Any]) -> Tensor:
        """The characters `[batch, 2]` of the answers given, -1 where there is none."""
        return output["offsets"][:, 0].masked_fill(~output["has_answer"].unsqueeze(-1), -1)

    def sampled_losses(self, output: dict[str, Any], sampler: ExampleSampler) -> dict[str, Tensor]:
        """The first and the last piece are drawn independently, as the loss has them."""
        exists = output["answer_spans"][..., 0] >= 0
        ends = output["start_logits"], output["end_logits"]
        drawn = [sampler.categorical(log_softmax(scores, -1)) for scores in ends]
        return _losses(*ends, torch.stack(drawn, -1).masked_fill(~exists.unsqueeze(-1), -1))

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return self._scores.get_metric(reset)

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """
        The `answer` to each question as it stands in its context, its `score` (the probability
        among the best spans and, with a `null_threshold`, having no answer) and its `offsets`
        `[first, last + 1]`, characters of the context; empty and `None` for no answer. `n_best`:
        such answers, the likeliest first. `no_answer_score`: how much better than the best span
        having no answer is. `id`: that of the question. Nothing where the context is not known.
        """
        metadata = output_dict["metadata"]
        if metadata is None or "spans" not in output_dict:
            return {}
        offsets = output_dict["offsets"]
        no_answer = output_dict["no_answer_score"]
        may_be_none = self.null_threshold is not None
        chances = answer_probabilities(output_dict["span_scores"], no_answer, may_be_none)
        best = [
            best_answers(entry["context"], spans, row, may_be_none)
            for entry, spans, row in zip(metadata, offsets.tolist(), chances.tolist(), strict=True)
        ]
        given = [
            next(answer for answer in answers if (answer["offsets"] is not None) == has_answer)
            for answers, has_answer in zip(best, output_dict["has_answer"].tolist(), strict=True)
        ]
        return {
            **{key: [answer[key] for answer in given] for key in ("answer", "score", "offsets")},
            "n_best": best,
            "no_answer_score": no_answer.tolist(),
            "id": [entry.get("id") for entry in metadata],
        }


def _losses(start: Tensor, end: Tensor, answer_spans: Tensor) -> dict[str, Tensor]:
    learned = answer_spans[..., 0] >= 0
    gold = answer_spans.clamp(min=0)
    parts = [
        -log_softmax(scores, -1).gather(-1, place.unsqueeze(-1)).squeeze(-1)
        for scores, place in zip((start, end), gold.unbind(-1))
    ]
    return example_losses((parts[0] + parts[1]) / 2, learned)
