"""A label for each word."""

from typing import Any, Optional, cast

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.data.vocabulary import DEFAULT_OOV_TOKEN, DEFAULT_PADDING_TOKEN
from allennlp.models.heads import Head
from allennlp.modules.conditional_random_field import allowed_transitions
from torch.nn.functional import log_softmax

from allennlp_heads.models.heads.readable_spans import readable_span_batch
from allennlp_heads.models.heads.task_head import (
    TaskHead,
    accuracy_counts,
    example_losses,
    require_same_units,
    words_of,
)
from allennlp_heads.modules.linear_chain import LinearChain
from allennlp_heads.modules.span_tags import LETTERS, SpanTags, is_tag_of
from allennlp_heads.nn.sampling import ExampleSampler
from allennlp_heads.training.metrics.measured import Measured
from allennlp_heads.training.metrics.span_scores import SpanScores, span_counts

_LAST = {"BIOUL": "L", "BIOES": "E", "BMES": "E"}
"""The letter that ends what `B` begins, in the codings that have one."""


@Head.register("tagger")
class TaggerHead(TaskHead):
    """
    Labels each word with one linear layer. The main metric is the accuracy over all words,
    punctuation included; a word whose label was not seen in training counts as an error.

    Where the labels code spans, such as names, the main metric is `f1` of the spans (exact
    boundaries and type, micro averaged) and `precision`, `recall` and the words' `accuracy` stand
    beside it. Neighbouring gold labels not seen in training count as one span that nobody found.

    Registered as a `Head` with name "tagger".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    label_namespace : `str`, optional (default = `"upos_labels"`)
        The namespace of the labels.
    label_encoding : `str`, optional (default = `None`)
        `"BIO"`, `"IOB1"`, `"BIOUL"`, `"BIOES"` or `"BMES"`: predictions then never break the rules
        of this encoding of spans, and spans are scored. `None` has no rules and no spans.
    crf : `bool`, optional (default = `False`)
        Learn scores of neighbouring labels too (a linear-chain conditional random field). The loss
        of an example is then the negative log-likelihood of its whole sequence.
    verbose_metrics : `bool`, optional (default = `False`)
        Also give the scores of each type of spans, as `f1-PER`.

    Raises `ConfigurationError` for an unknown encoding and for labels that are not of it.
    """

    main_metric = ("accuracy", "+")
    default_predictor = "tagger"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        label_namespace: str = "upos_labels",
        label_encoding: Optional[str] = None,
        crf: bool = False,
        verbose_metrics: bool = False,
    ) -> None:
        super().__init__(vocab, label_namespace)
        self._check(label_encoding)
        self.projection = torch.nn.Linear(input_dim, self.num_labels)
        self.crf = crf
        self.chain: Optional[LinearChain] = None
        if crf or label_encoding is not None:
            allowed = None if label_encoding is None else self._allowed_transitions(label_encoding)
            self.chain = LinearChain(self.num_labels, allowed, learn=crf)
        self._accuracy = Measured(["accuracy"])
        self.span_tags: Optional[SpanTags] = None
        if label_encoding is not None:
            self.main_metric = ("f1", "+")
            self.span_tags = SpanTags(self.label_names())
            self._span_scores = SpanScores(self.span_tags.labels, verbose_metrics)

    def _check(self, label_encoding: Optional[str]) -> None:
        if label_encoding is None:
            return
        if label_encoding not in LETTERS:
            raise ConfigurationError(
                f"label_encoding: {label_encoding!r} is not known; choose one of "
                f"{', '.join(LETTERS)}, or leave it out for labels that are no spans."
            )
        specials = (DEFAULT_PADDING_TOKEN, DEFAULT_OOV_TOKEN)
        for label in self.label_names():
            if label not in specials and not is_tag_of(label_encoding, label):
                raise ConfigurationError(
                    f"label_encoding: {label!r} in {self.label_namespace!r} is no label of "
                    f"{label_encoding}. Give the encoding that the task's reader makes, or leave "
                    "it out for labels that are no spans."
                )
        self._check_ends(label_encoding)

    def _check_ends(self, label_encoding: str) -> None:
        """BIO has letters of BIOES too; read as BIOES, no lawful tags say a name of one word."""
        labels = self.label_names()
        last = _LAST.get(label_encoding)
        for label in labels:
            if last is not None and label[:1] == "B" and last + label[1:] not in labels:
                raise ConfigurationError(
                    f"label_encoding: {self.label_namespace!r} has {label!r} without "
                    f"'{last}{label[1:]}', so its labels are not of {label_encoding}. Give the "
                    "encoding that the task's reader makes."
                )

    def _allowed_transitions(self, label_encoding: str) -> list[tuple[int, int]]:
        names = self.vocab.get_index_to_token_vocabulary(self.label_namespace)
        if label_encoding == "BIOES":  # AllenNLP knows it by other letters
            letters = {"E": "L", "S": "U"}
            names = {i: letters.get(name[0], name[0]) + name[1:] for i, name in names.items()}
            label_encoding = "BIOUL"
        return allowed_transitions(label_encoding, names)

    def forward(
        self,
        encoded_text: torch.Tensor,
        encoded_text_mask: torch.Tensor,
        tags: Optional[torch.Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        encoded_text : `torch.Tensor`
            The vectors of the words, shape `[batch, words, input_dim]`.
        encoded_text_mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        tags : `torch.LongTensor`, optional (default = `None`)
            The gold labels, shape `[batch, words]`; -1 where not seen in training.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            The `words` of each example, for the readable output.

        # Returns

        `Dict[str, Any]`
            `logits` `[batch, words, labels]`, `tags` `[batch, words]` (0 on padding), `mask`,
            `words` if known, where labels code spans `spans` `[batch, spans, 3]` (first word, last
            word, type; padded with -1), and with gold the losses and counts of `TaskHead`.
        """
        mask = encoded_text_mask
        logits = self.projection(encoded_text)  # [batch, words, labels]
        predicted = self._decode(logits.detach(), mask)
        output: dict[str, Any] = {"logits": logits, "tags": predicted, "mask": mask}
        words = words_of(metadata)
        if words is not None:
            output["words"] = words
        if self.span_tags is not None:
            output["spans"] = self.span_tags(predicted, mask)
        if tags is not None:
            require_same_units("tags", tags, mask)
            known = mask & (tags >= 0)
            output.update(example_losses(self._loss(logits, tags, mask), known))
            output["example_counts"] = self._count(output, tags)
        return output

    def _count(self, output: dict[str, Any], tags: torch.Tensor) -> torch.Tensor:
        """Adds to the metrics and returns the counts `[batch, 3]` of the main one."""
        predicted, mask = output["tags"], output["mask"]
        words = accuracy_counts(predicted == tags, mask)
        self._accuracy(words)
        if self.span_tags is None:
            return words
        gold = self.span_tags(tags, mask)
        counts = span_counts(output["spans"], gold, len(self.span_tags.labels))
        self._span_scores(counts)
        return counts.sum(1)

    def _decode(self, logits: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if self.chain is None:
            return logits.argmax(-1).masked_fill(~mask, 0)
        return self.chain.decode(logits, mask)

    def _loss(self, logits: torch.Tensor, tags: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The loss of each word, or of each example where it has no parts."""
        if self.crf:
            chain = cast(LinearChain, self.chain)
            return chain.negative_log_likelihood(logits, tags, mask)
        gold = tags.clamp(min=0).unsqueeze(-1)
        return -log_softmax(logits, -1).gather(-1, gold).squeeze(-1)

    def sampled_losses(
        self, output: dict[str, Any], sampler: ExampleSampler
    ) -> dict[str, torch.Tensor]:
        """
        Words are drawn one by one, whatever the encoding of spans allows. Not for a conditional
        random field.
        """
        if self.crf:
            raise ConfigurationError(
                "labels of a tagger with 'crf' cannot be drawn word by word: use the gold ones "
                "('labels': 'gold')"
            )
        logits, mask = output["logits"], output["mask"]
        drawn = sampler.categorical(log_softmax(logits, -1))
        return example_losses(self._loss(logits, drawn, mask), mask)

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        metrics = self._accuracy.get_metric(reset)
        if self.span_tags is not None:
            metrics.update(self._span_scores.get_metric(reset))
        return metrics

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """
        The `words` of each example, if known, its `tags` as strings and, where they code spans,
        `spans` as dictionaries with `start`, `end` (inclusive), `label` and `text`.
        """
        readable: dict[str, Any] = {}
        if "tags" in output_dict:
            readable["tags"] = self.labels_of(output_dict["tags"], output_dict["mask"])
        words = output_dict.get("words")
        if "spans" in output_dict and self.span_tags is not None:
            labels = self.span_tags.labels
            readable["spans"] = readable_span_batch(words, output_dict["spans"], labels)
        if words is not None:
            readable["words"] = words
        return readable
