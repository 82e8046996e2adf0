"""Semantic roles by ranking spans."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from torch import Tensor
from torch.nn.functional import log_softmax, pad

from allennlp_heads.models.heads.readable_spans import readable_spans
from allennlp_heads.models.heads.srl_gold import arguments_of, pair_labels
from allennlp_heads.models.heads.task_head import (
    TaskHead,
    example_losses,
    require_same_units,
    require_words,
    words_of,
)
from allennlp_heads.modules.span_ranking import Candidates, SpanRanking
from allennlp_heads.nn.non_overlapping import best_non_overlapping
from allennlp_heads.training.metrics.srl_scores import SrlScores

PREDICATES = ("predicted", "given")


@Head.register("srl")
class SrlHead(TaskHead):
    """
    Finds predicates and their arguments by ranking spans, after He et al. (2018), *Jointly
    Predicting Predicates and Arguments in Neural Semantic Role Labeling*; see
    [`SpanRanking`](../../modules/span_ranking.md) for the scores.

    The loss of a pair of a surviving predicate and a surviving span is the negative log-likelihood
    of its role or of none, whose score is 0. Gold arguments that did not survive have none, nor
    have those whose role was not seen in training (see also `keep_gold`). Each predicate gets the
    best set of spans that neither overlap nor cover it, each with its best role; a predicate
    without arguments is none. During training the metrics are those before overlaps are resolved.

    The main metric is `f1` over (predicate, first word, last word, role), with `precision` and
    `recall`; `predicate_f1` is that of the predicates that have arguments. Gold arguments that
    cannot be found, being too wide, pruned or of an unseen role, count as missed.

    Registered as a `Head` with name "srl".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    label_namespace : `str`, optional (default = `"srl_labels"`)
        The namespace of the roles.
    predicates : `str`, optional (default = `"predicted"`)
        `"predicted"`: the head finds the predicates, and those of the data do not matter.
        `"given"`: the data says in the field `predicates` which words are predicates, at training,
        evaluation and prediction.
    max_width : `int`, optional (default = `30`)
        The width in words of the widest span that can be an argument.
    width_dim : `int`, optional (default = `20`)
        The size of the embedding of a span's width.
    hidden_dim : `int`, optional (default = `150`)
        The size of the perceptrons' two hidden layers.
    dropout : `float`, optional (default = `0.2`)
        The dropout after each hidden layer.
    argument_ratio : `float`, optional (default = `0.8`)
        How many spans survive in a sentence, as a share of its words; at least one does.
    predicate_ratio : `float`, optional (default = `0.4`)
        How many words survive as predicates, in the same way. Given predicates all do.
    keep_gold : `bool`, optional (default = `False`)
        During training gold arguments and their predicates survive before all others. What does
        not survive is not learnt from, and at first what survives is a matter of chance; with
        little data the scores may not get over that.
    """

    main_metric = ("f1", "+")
    default_predictor = "srl"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        label_namespace: str = "srl_labels",
        predicates: str = "predicted",
        max_width: int = 30,
        width_dim: int = 20,
        hidden_dim: int = 150,
        dropout: float = 0.2,
        argument_ratio: float = 0.8,
        predicate_ratio: float = 0.4,
        keep_gold: bool = False,
    ) -> None:
        super().__init__(vocab, label_namespace)
        if predicates not in PREDICATES:
            raise ConfigurationError(
                f"predicates: {predicates!r} is not known; choose one of {', '.join(PREDICATES)}."
            )
        if max_width < 1:
            raise ConfigurationError(f"max_width: {max_width} leaves no span; give 1 or more.")
        ratios = {"argument_ratio": argument_ratio, "predicate_ratio": predicate_ratio}
        for name, ratio in ratios.items():
            if not ratio > 0:
                raise ConfigurationError(f"{name}: {ratio} keeps nothing; give more than 0.")
        if not 0 <= dropout < 1:
            raise ConfigurationError(f"dropout: {dropout} is not from 0 up to, not including, 1.")
        self.predicates = predicates
        self.keep_gold = keep_gold
        self.ranking = SpanRanking(
            input_dim,
            self.num_labels,
            max_width=max_width,
            width_dim=width_dim,
            hidden_dim=hidden_dim,
            dropout=dropout,
            argument_ratio=argument_ratio,
            predicate_ratio=predicate_ratio,
        )
        self._scores = SrlScores()

    def forward(
        self,
        encoded_text: Tensor,
        encoded_text_mask: Tensor,
        arguments: Optional[Tensor] = None,
        predicates: Optional[Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        encoded_text : `torch.Tensor`
            The vectors of the words, shape `[batch, words, input_dim]`.
        encoded_text_mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        arguments : `torch.LongTensor`, optional (default = `None`)
            The gold arguments, shape `[batch, arguments, 4]`: predicate, first word, last word and
            role (-1 where not seen in training). Rows of -1 are padding.
        predicates : `torch.LongTensor`, optional (default = `None`)
            1 for each predicate, shape `[batch, words]`; needed where predicates are given, of no
            effect elsewhere.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            The `words` of each example, for the readable output.

        # Returns

        `Dict[str, Any]`
            `predicates` `[batch, predicates]` and `spans` `[batch, spans, 2]` (the candidates; -1
            on padding), `roles` `[batch, predicates, spans]` (-1 where there is no argument),
            `words` if known, and with gold the losses and counts of `TaskHead`. A unit is a pair
            of candidates.
        """
        mask = encoded_text_mask
        keep = arguments if self.keep_gold and self.training else None
        candidates, scores = self.ranking(encoded_text, mask, self._given(predicates, mask), keep)
        with torch.no_grad():
            roles = self._roles(candidates, scores)
        output = _positions(candidates)
        output["roles"] = roles
        words = words_of(metadata)
        if words is not None:
            output["words"] = words
        if arguments is not None:
            require_words("arguments", words, mask)
            labels = pair_labels(candidates, arguments, self.num_labels)
            known = candidates.mask & (labels <= self.num_labels)
            losses = candidates.padded(_pair_losses(scores, labels, candidates), 0.0)
            output.update(example_losses(losses.flatten(1), known.flatten(1)))
            output["example_counts"] = _argument_counts(roles, labels, arguments)
            predicate_counts = _predicate_counts(candidates, roles, arguments, mask)
            self._scores(output["example_counts"], predicate_counts)
        return output

    def _given(self, predicates: Optional[Tensor], mask: Tensor) -> Optional[Tensor]:
        if self.predicates == "predicted":
            return None
        if predicates is None:
            raise ConfigurationError(
                'predicates: the head is to be given the predicates ("given"), but the data has no '
                "field 'predicates'. Give them, or let the head find them (\"predicted\")."
            )
        require_same_units("predicates", predicates, mask)
        return predicates == 1

    def _roles(self, candidates: Candidates, scores: Tensor) -> Tensor:
        """The decoded role of each pair `[batch, predicates, arguments]`, -1 for none."""
        best, role = scores.max(-1)
        starts, ends = candidates.ends_of_spans
        words = candidates.predicates.unsqueeze(2)
        covers = (starts.unsqueeze(1) <= words) & (words <= ends.unsqueeze(1))
        values = candidates.padded(best, float("-inf")).masked_fill(covers, float("-inf"))
        chosen = values > 0 if self.training else best_non_overlapping(starts, ends, values)
        return candidates.padded(role, -1).masked_fill(~chosen, -1)

    def predicted_gold(self, output: dict[str, Any]) -> dict[str, Tensor]:
        return {"arguments": arguments_of(output["predicates"], output["spans"], output["roles"])}

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return self._scores.get_metric(reset)

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """
        The `words` of each example, if known, and its `frames`: a list of `{"predicate":
        {"position", "text"}, "arguments": [{"start", "end", "label", "text"}]}`, predicates and
        arguments from left to right, positions from 0, ends inclusive, texts only where the words
        are known. A given predicate has a frame even without arguments.
        """
        if "roles" not in output_dict:
            return {}
        readable = {"words": output_dict["words"]} if "words" in output_dict else {}
        positions = output_dict["predicates"].tolist()
        spans, roles = output_dict["spans"].tolist(), output_dict["roles"].tolist()
        sentences = readable.get("words") or [None] * len(positions)
        readable["frames"] = [self._frames(*row) for row in zip(sentences, positions, spans, roles)]
        return readable

    def _frames(
        self,
        words: Optional[list[str]],
        positions: list[int],
        spans: list[list[int]],
        roles: list[list[int]],
    ) -> list[dict[str, Any]]:
        names = self.vocab.get_index_to_token_vocabulary(self.label_namespace)
        frames = []
        for position, own in zip(positions, roles):
            found = [
                (start, end, names[role]) for (start, end), role in zip(spans, own) if role >= 0
            ]
            if position < 0 or (not found and self.predicates == "predicted"):
                continue
            predicate: dict[str, Any] = {"position": position}
            if words is not None:
                predicate["text"] = words[position]
            arguments = readable_spans(words, sorted(found))
            frames.append({"predicate": predicate, "arguments": arguments})
        return frames


def _positions(candidates: Candidates) -> dict[str, Any]:
    spans = torch.stack(candidates.ends_of_spans, -1)
    return {
        "predicates": candidates.predicates.masked_fill(~candidates.predicate_mask, -1),
        "spans": spans.masked_fill(~candidates.argument_mask.unsqueeze(-1), -1),
    }


def _pair_losses(scores: Tensor, labels: Tensor, candidates: Candidates) -> Tensor:
    """The loss of each pair without padding, `[pairs]`; meaningless where the role is unseen."""
    gold = labels.flatten()[candidates.rows].clamp(max=scores.size(-1))
    return -log_softmax(pad(scores, (1, 0)), -1).gather(-1, gold.unsqueeze(-1)).squeeze(-1)


def _argument_counts(roles: Tensor, labels: Tensor, arguments: Tensor) -> Tensor:
    """Correct, predicted and gold arguments, `[batch, 3]`."""
    predicted = roles >= 0
    correct = predicted & (roles + 1 == labels)
    gold = arguments[..., 0] >= 0
    counts = [correct.sum((1, 2)), predicted.sum((1, 2)), gold.sum(-1)]
    return torch.stack(counts, -1)


def _predicate_counts(
    candidates: Candidates, roles: Tensor, arguments: Tensor, mask: Tensor
) -> Tensor:
    """Correct, predicted and gold predicates with arguments, `[batch, 3]`."""
    width = mask.size(1)
    marks = mask.new_zeros(mask.size(0), width + 1)  # the last column is for padding
    positions = arguments[..., 0]
    gold = marks.scatter(1, positions.masked_fill(positions < 0, width), True)[:, :-1]
    predicted = (roles >= 0).any(-1)
    correct = predicted & gold.gather(1, candidates.predicates)
    return torch.stack([correct.sum(-1), predicted.sum(-1), gold.sum(-1)], -1)
