"""A constituency parser that scores spans."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from nltk import Tree
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from allennlp_heads.data.fields.unseen_label_field import UNSEEN
from allennlp_heads.data.trees import bracketed, read_bracketed, tree_of_spans
from allennlp_heads.models.heads.task_head import (
    TaskHead,
    example_losses,
    require_words,
    words_of,
)
from allennlp_heads.modules.biaffine import Biaffine
from allennlp_heads.modules.mlp import SharedDropoutMLP
from allennlp_heads.nn.cky import decode_tree_spans, decode_tree_spans_by_risk
from allennlp_heads.nn.inside import tree_log_partition
from allennlp_heads.nn.span_charts import packed_spans
from allennlp_heads.training.metrics.bracket_scores import BracketScores

DECODERS = {"mbr": decode_tree_spans_by_risk, "cky": decode_tree_spans}


@Head.register("constituency")
class ConstituencyHead(TaskHead):
    """
    Finds a sentence's constituents, after Zhang et al. (2020), *Fast and Accurate Neural CRF
    Constituency Parsing*, in two stages: which spans are in the binarised tree, then their labels.
    The place between two words is the first half of the vector of the word before it, joined with
    the second half of that of the word after it; the boundary vectors stand before the first and
    after the last word. Perceptrons give each place a vector as the start and one as the end of a
    span, once for spans and once for labels, and biaffine layers score the pairs.

    An example's units are its words. Its loss is the negative log-likelihood of its binarised tree
    among all binary trees (never negative but for rounding), plus the mean negative
    log-likelihood of the labels of that tree's spans times the words: the loss per word then is
    that of Zhang et al., in which labels count about half as much as in a likelihood, since `n`
    words have `2 n - 1` spans. Spans whose label was not seen in training have no label loss.

    The main metric is `f1` of labelled brackets in EVALB's sense; `precision`, `recall` and `exact`
    (sentences without a mistake) stand beside it. They compare with the gold tree of the metadata,
    so that labels not seen in training count. During training no trees are made, and there are no
    metrics and no `example_counts`.

    It computes `labels` scores for every pair of words: 100 MB for a sentence of 500 words and 100
    labels, before gradients.

    Registered as a `Head` with name "constituency".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    label_namespace : `str`, optional (default = `"con_labels"`)
        The namespace of the labels of binarised trees.
    span_dim : `int`, optional (default = `500`)
        The size of the vectors that spans are scored from.
    label_dim : `int`, optional (default = `100`)
        The size of the vectors that labels are scored from.
    dropout : `float`, optional (default = `0.33`)
        The dropout of the perceptrons, one mask for all places of a sentence.
    decoder : `str`, optional (default = `"mbr"`)
        What makes a tree of the span scores: `"mbr"`, the tree with the most spans expected to be
        right; `"cky"`, the tree with the highest score.
    """

    main_metric = ("f1", "+")
    default_predictor = "constituency"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        label_namespace: str = "con_labels",
        span_dim: int = 500,
        label_dim: int = 100,
        dropout: float = 0.33,
        decoder: str = "mbr",
    ) -> None:
        super().__init__(vocab, label_namespace)
        if decoder not in DECODERS:
            raise ConfigurationError(
                f"decoder: {decoder!r} is not known; choose one of {', '.join(DECODERS)}."
            )
        self.decoder = decoder
        self.labels = self.label_names()
        self.span_start = SharedDropoutMLP(input_dim, span_dim, dropout)
        self.span_end = SharedDropoutMLP(input_dim, span_dim, dropout)
        self.label_start = SharedDropoutMLP(input_dim, label_dim, dropout)
        self.label_end = SharedDropoutMLP(input_dim, label_dim, dropout)
        self.span_scorer = Biaffine(span_dim, span_dim, second_bias=False)
        self.label_scorer = Biaffine(label_dim, label_dim, self.num_labels)
        self._scores = BracketScores()

    def forward(
        self,
        encoded_text: Tensor,
        encoded_text_mask: Tensor,
        boundary: Tensor,
        spans: Optional[Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        encoded_text : `torch.Tensor`
            The vectors of the words, shape `[batch, words, input_dim]`.
        encoded_text_mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        boundary : `torch.Tensor`
            The vectors before and after the text, shape `[batch, 2, input_dim]`.
        spans : `torch.LongTensor`, optional (default = `None`)
            The spans of the gold binarised trees, shape `[batch, gold spans, 3]`: first word, last
            word (inclusive, from 0) and label, -1 if not seen in training; rows of -1 are padding.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            Of each example the `words`, for the readable output; their `pos`, which that shows; and
            the gold `tree` in brackets, without which it is not scored.

        # Returns

        `Dict[str, Any]`
            Unless in training, `spans` `[batch, predicted spans, 3]` as above; `mask`, `words` if
            known, `pos` (for each example, `None` where not known), and with gold the losses of
            `TaskHead` and, unless in training, its counts.

        Raises `ConfigurationError` when the gold spans are not those of binary trees.
        """
        mask = encoded_text_mask
        places = fenceposts(encoded_text, mask, boundary)
        starts, ends = places[:, :-1], places[:, 1:]
        # Never in half precision, where a long sentence's weights would drown in rounding. Single
        # words, which all trees have, keep the score 0.
        scores = self.span_scorer(self.span_start(starts), self.span_end(ends)).squeeze(1).float()
        scores = scores.triu(1)
        label_scores = self.label_scorer(self.label_start(starts), self.label_end(ends)).float()

        words = words_of(metadata)
        output: dict[str, Any] = {"mask": mask, "pos": _of_each(metadata, "pos", len(mask))}
        if words is not None:
            output["words"] = words
        if not self.training:
            predicted = packed_spans(DECODERS[self.decoder](scores, mask))
            labels = _at(predicted, label_scores).argmax(1)
            labels = labels.masked_fill(predicted[..., 0] < 0, UNSEEN)
            output["spans"] = torch.cat([predicted, labels.unsqueeze(-1)], -1)
        if spans is not None:
            require_words("spans", words, mask)
            _require_binary(spans, mask)
            tree_loss = tree_log_partition(scores, mask) - _gold_score(scores, spans)
            label_loss = _label_loss(label_scores, spans) * mask.sum(-1)
            output.update(example_losses(tree_loss + label_loss, mask))
            if not self.training:
                self._score(output, _of_each(metadata, "tree", len(mask)))
        return output

    def _score(self, output: dict[str, Any], gold: list[Optional[str]]) -> None:
        """Adds to the metrics and, to the output, the counts; nothing where gold is missing."""
        known = [tree for tree in gold if tree is not None]
        if len(known) == len(gold):
            trees = [read_bracketed(tree) for tree in known]
            counts = self._scores(self._trees(output), trees)
            output["example_counts"] = counts.to(output["mask"].device)

    def _trees(self, output: dict[str, Any]) -> list[Tree]:
        """The predicted trees."""
        words = output.get("words")
        if words is None:
            words = [["_"] * length for length in output["mask"].sum(-1).tolist()]
        named = [
            [(start, end, self.labels[label]) for start, end, label in rows if start >= 0]
            for rows in output["spans"].tolist()
        ]
        return [tree_of_spans(*example) for example in zip(named, words, output["pos"])]

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        metrics = self._scores.get_metric(reset)
        return {} if self.training else metrics

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """
        The `words` of each example, if known, and its `tree` in brackets, on one line, with the
        parts of speech of the metadata, `XX` where not known.
        """
        readable: dict[str, Any] = {}
        if "spans" in output_dict:
            readable["tree"] = [bracketed(tree) for tree in self._trees(output_dict)]
        if "words" in output_dict:
            readable["words"] = output_dict["words"]
        return readable


def fenceposts(text: Tensor, mask: Tensor, boundary: Tensor) -> Tensor:
    """
    The vectors of the places around words, `[batch, words + 1, dim]`: the first half of the vector
    before the place and the second half of the one after it.

    # Parameters

    text : `torch.Tensor`
        Shape `[batch, words, dim]`.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.
    boundary : `torch.Tensor`
        The vectors before the first and after the last word, shape `[batch, 2, dim]`.
    """
    before = torch.cat([boundary[:, :1], text], 1)
    places = torch.arange(before.size(1), device=mask.device)
    at_end = (places == mask.sum(-1, keepdim=True)).unsqueeze(-1)
    after = torch.where(at_end, boundary[:, 1:], pad(text, (0, 0, 0, 1)))
    half = text.size(-1) // 2
    return torch.cat([before[..., :half], after[..., half:]], -1)


def _at(spans: Tensor, scores: Tensor) -> Tensor:
    """
    Of scores `[batch, ..., words, words]` those of the spans `[batch, spans, 2 or more]`, of shape
    `[batch, ..., spans]`; any score for padding.
    """
    cells = (spans[..., 0] * scores.size(-1) + spans[..., 1]).clamp(min=0)
    if scores.dim() == 4:
        cells = cells.unsqueeze(1).expand(-1, scores.size(1), -1)
    return scores.flatten(-2).gather(-1, cells)


def _gold_score(scores: Tensor, spans: Tensor) -> Tensor:
    """The score `[batch]` of the gold trees."""
    return _at(spans, scores).masked_fill(spans[..., 0] < 0, 0.0).sum(-1)


def _label_loss(label_scores: Tensor, spans: Tensor) -> Tensor:
    """The mean `[batch]` of the losses of the gold spans' labels; 0 if none is known."""
    gold = spans[..., 2]
    losses = cross_entropy(_at(spans, label_scores), gold, ignore_index=UNSEEN, reduction="none")
    return losses.sum(-1) / (gold >= 0).sum(-1).clamp(min=1)


def _require_binary(spans: Tensor, mask: Tensor) -> None:
    inner = ((spans[..., 0] >= 0) & (spans[..., 0] < spans[..., 1])).sum(-1)
    if (inner != (mask.sum(-1) - 1).clamp(min=0)).any():
        raise ConfigurationError(
            "The field 'spans' is not that of binary trees, which have one span of several words "
            "fewer than words. Let the reader give the view 'con'."
        )


def _of_each(metadata: Optional[list[dict[str, Any]]], key: str, size: int) -> list[Any]:
    """What the metadata of each example has under a key, `None` where it has not."""
    return [entry.get(key) for entry in metadata or [{}] * size]
