"""A label for each word."""

from typing import Any, Optional, cast

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from allennlp.modules.conditional_random_field import allowed_transitions
from allennlp.training.metrics import CategoricalAccuracy
from torch.nn.functional import log_softmax, one_hot

from allennlp_heads.models.heads.task_head import (
    TaskHead,
    accuracy_counts,
    example_losses,
    require_same_units,
    words_of,
)
from allennlp_heads.modules.linear_chain import LinearChain

LABEL_ENCODINGS = ("BIO", "IOB1", "BIOUL", "BIOES", "BMES")


@Head.register("tagger")
class TaggerHead(TaskHead):
    """
    Labels each word with one linear layer. The main metric is the accuracy over all words,
    punctuation included; a word whose label was not seen in training counts as an error.

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
        of this encoding of spans. `None` has no rules.
    crf : `bool`, optional (default = `False`)
        Learn scores of neighbouring labels too (a linear-chain conditional random field). The loss
        of an example is then the negative log-likelihood of its whole sequence.
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
    ) -> None:
        super().__init__(vocab, label_namespace)
        if label_encoding is not None and label_encoding not in LABEL_ENCODINGS:
            raise ConfigurationError(
                f"label_encoding: {label_encoding!r} is not known; choose one of "
                f"{', '.join(LABEL_ENCODINGS)}, or leave it out for labels that are no spans."
            )
        self.projection = torch.nn.Linear(input_dim, self.num_labels)
        self.crf = crf
        self.chain: Optional[LinearChain] = None
        if crf or label_encoding is not None:
            allowed = None if label_encoding is None else self._allowed_transitions(label_encoding)
            self.chain = LinearChain(self.num_labels, allowed, learn=crf)
        self._accuracy = CategoricalAccuracy()

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
            `words` if known, and with gold the losses and counts of `TaskHead`.
        """
        mask = encoded_text_mask
        logits = self.projection(encoded_text)  # [batch, words, labels]
        predicted = self._decode(logits.detach(), mask)
        output: dict[str, Any] = {"logits": logits, "tags": predicted, "mask": mask}
        words = words_of(metadata)
        if words is not None:
            output["words"] = words
        if tags is not None:
            require_same_units("tags", tags, mask)
            known = mask & (tags >= 0)
            output.update(example_losses(self._loss(logits, tags, mask), known))
            output["example_counts"] = accuracy_counts(predicted == tags, mask)
            # The metric wants scores; those of the decoded labels make it count what is predicted.
            self._accuracy(one_hot(predicted, self.num_labels), tags, mask)  # type: ignore[arg-type]
        return output

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

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return {"accuracy": self._accuracy.get_metric(reset)}

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """The `words` of each example, if known, and its `tags` as strings."""
        readable: dict[str, Any] = {}
        if "tags" in output_dict:
            readable["tags"] = self.labels_of(output_dict["tags"], output_dict["mask"])
        if "words" in output_dict:
            readable["words"] = output_dict["words"]
        return readable
