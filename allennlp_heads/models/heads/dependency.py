"""A biaffine dependency parser."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from torch import Tensor
from torch.nn.functional import log_softmax

from allennlp_heads.models.heads.task_head import (
    TaskHead,
    accuracy_counts,
    example_losses,
    require_same_units,
    unpad,
    words_of,
)
from allennlp_heads.modules.biaffine import Biaffine
from allennlp_heads.modules.mlp import SharedDropoutMLP
from allennlp_heads.nn.eisner import decode_projective
from allennlp_heads.nn.mst import decode_arborescence
from allennlp_heads.nn.trees import candidate_arcs, greedy_heads
from allennlp_heads.training.metrics.attachment_scores import DependencyScores, punctuation_mask

DECODERS = {"eisner": decode_projective, "mst": decode_arborescence, "greedy": greedy_heads}


@Head.register("dependency")
class DependencyHead(TaskHead):
    """
    Finds each word's head and relation, after Dozat and Manning (2017), *Deep Biaffine Attention
    for Neural Dependency Parsing*: perceptrons give each word a vector as a dependent and one as a
    head, once for arcs and once for relations, and biaffine layers score the pairs. The encoder's
    first boundary vector ([CLS] or the like) stands for ROOT.

    The loss of a word is the negative log-likelihood of its head (ROOT or another word of the
    sentence) plus that of its relation given the gold head. The main metric is `LAS`, punctuation
    excluded; `UAS`, `UAS_punct` and `LAS_punct` (punctuation included) stand beside it. A word
    whose relation was not seen in training has the arc's loss only and counts as an error of LAS.

    Registered as a `Head` with name "dependency".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    label_namespace : `str`, optional (default = `"dependency_labels"`)
        The namespace of the relations.
    arc_dim : `int`, optional (default = `500`)
        The size of the vectors that arcs are scored from.
    relation_dim : `int`, optional (default = `100`)
        The size of the vectors that relations are scored from.
    dropout : `float`, optional (default = `0.33`)
        The dropout of the perceptrons, one mask for all words of a sentence.
    decoder : `str`, optional (default = `"eisner"`)
        What makes a tree of the arc scores: `"eisner"`, the best projective tree; `"mst"`, the best
        tree, crossing arcs allowed; `"greedy"`, each word's best head, tree or not. Both kinds of
        trees have one child of ROOT. During training the metrics are always the greedy ones.
    """

    main_metric = ("LAS", "+")
    default_predictor = "dependency"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        label_namespace: str = "dependency_labels",
        arc_dim: int = 500,
        relation_dim: int = 100,
        dropout: float = 0.33,
        decoder: str = "eisner",
    ) -> None:
        super().__init__(vocab, label_namespace)
        if decoder not in DECODERS:
            raise ConfigurationError(
                f"decoder: {decoder!r} is not known; choose one of {', '.join(DECODERS)}."
            )
        self.decoder = decoder
        self.arc_dependent = SharedDropoutMLP(input_dim, arc_dim, dropout)
        self.arc_head = SharedDropoutMLP(input_dim, arc_dim, dropout)
        self.relation_dependent = SharedDropoutMLP(input_dim, relation_dim, dropout)
        self.relation_head = SharedDropoutMLP(input_dim, relation_dim, dropout)
        # A score of the dependent alone would be the same for all heads.
        self.arc_scorer = Biaffine(arc_dim, arc_dim, second_bias=False)
        self.relation_scorer = Biaffine(relation_dim, relation_dim, self.num_labels)
        self._scores = DependencyScores()

    def forward(
        self,
        encoded_text: Tensor,
        encoded_text_mask: Tensor,
        boundary: Tensor,
        head_indices: Optional[Tensor] = None,
        head_tags: Optional[Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        encoded_text : `torch.Tensor`
            The vectors of the words, shape `[batch, words, input_dim]`.
        encoded_text_mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        boundary : `torch.Tensor`
            The vectors before and after the text, shape `[batch, 2, input_dim]`; the first is ROOT.
        head_indices : `torch.LongTensor`, optional (default = `None`)
            The gold heads, shape `[batch, words]`: 0 for ROOT, `i` for the `i`-th word, -1 where
            not known.
        head_tags : `torch.LongTensor`, optional (default = `None`)
            The gold relations, shape `[batch, words]`; -1 where not seen in training.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            The `words` of each example, for the readable output and to tell punctuation; without,
            no word is punctuation.

        # Returns

        `Dict[str, Any]`
            `heads` and `relations` `[batch, words]` (0 on padding), `mask`, `words` if known, and
            with gold the losses and counts of `TaskHead`.
        """
        mask = encoded_text_mask
        nodes = torch.cat([boundary[:, :1], encoded_text], 1)  # [batch, words + 1, input_dim]
        arcs = self._arc_scores(nodes, mask)  # [batch, words + 1, words + 1]
        dependents = self.relation_dependent(encoded_text)  # [batch, words, relation_dim]
        candidates = self.relation_head(nodes)  # [batch, words + 1, relation_dim]

        if head_indices is not None:
            require_same_units("head_indices", head_indices, mask)
        decode = greedy_heads if self.training else DECODERS[self.decoder]
        with torch.no_grad():
            heads = decode(arcs, mask)
        # The relations of the arcs found and, for the loss, of the gold arcs, from one product.
        wanted = [heads] if head_indices is None else [heads, head_indices.clamp(min=0)]
        scores = self._relation_scores(dependents, candidates, wanted)
        relations = scores[0].argmax(-1).masked_fill(~mask, 0)
        output: dict[str, Any] = {"heads": heads, "relations": relations, "mask": mask}
        words = words_of(metadata)
        if words is not None:
            output["words"] = words
        if head_indices is not None and head_tags is not None:
            word_loss, known = _word_losses(arcs, scores[1], head_indices, head_tags, mask)
            output.update(example_losses(word_loss, known))
            gold = (head_indices, head_tags)
            output["example_counts"] = self._score((heads, relations), gold, mask, words)
        return output

    def predicted_gold(self, output: dict[str, Any]) -> dict[str, Tensor]:
        return {"head_indices": output["heads"], "head_tags": output["relations"]}

    def _arc_scores(self, nodes: Tensor, mask: Tensor) -> Tensor:
        """
        The scores `[batch, dependent, head]`; what cannot be an arc has the least finite number.
        """
        scores = self.arc_scorer(self.arc_dependent(nodes), self.arc_head(nodes)).squeeze(1)
        # Finite, so that the rows of padding have a gradient (of zero) too.
        return scores.masked_fill(~candidate_arcs(mask), torch.finfo(scores.dtype).min)

    def _relation_scores(
        self, dependents: Tensor, candidates: Tensor, heads: list[Tensor]
    ) -> tuple[Tensor, ...]:
        """
        The scores `[batch, words, relations]` of the arcs to each of the given `heads` `[batch,
        words]`.
        """
        size = candidates.size(-1)
        ends = [candidates.gather(1, each.unsqueeze(-1).expand(-1, -1, size)) for each in heads]
        return self.relation_scorer.aligned(dependents, torch.stack(ends, 2)).unbind(2)

    def _score(
        self,
        predicted: tuple[Tensor, Tensor],
        gold: tuple[Tensor, Tensor],
        mask: Tensor,
        words: Optional[list[list[str]]],
    ) -> Tensor:
        """Adds to the metrics and returns the counts `[batch, 3]` of LAS without punctuation."""
        punctuation = torch.zeros_like(mask) if words is None else punctuation_mask(words, mask)
        self._scores(*predicted, *gold, mask, punctuation)
        right = (predicted[0] == gold[0]) & (predicted[1] == gold[1])
        return accuracy_counts(right, mask & ~punctuation)

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return self._scores.get_metric(reset)

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """
        The `words` of each example, if known, its `heads` as numbers (0 is ROOT), its `relations`
        as strings, and the sentence in CoNLL-U as `conllu`.
        """
        if "heads" not in output_dict:
            return {}
        mask = output_dict["mask"]
        heads = unpad(output_dict["heads"], mask)
        relations = self.labels_of(output_dict["relations"], mask)
        readable: dict[str, Any] = {"heads": heads, "relations": relations}
        if "words" in output_dict:
            readable["words"] = output_dict["words"]
        words = output_dict.get("words") or [["_"] * len(row) for row in heads]
        readable["conllu"] = [conllu(*row) for row in zip(words, heads, relations)]
        return readable


def _word_losses(
    arcs: Tensor, relations: Tensor, gold_heads: Tensor, gold_relations: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """The loss of each word and which words have one, both `[batch, words]`."""
    known_head = mask & (gold_heads >= 0)
    known_relation = known_head & (gold_relations >= 0)
    arc_loss = _negative_log_likelihood(arcs[:, 1:], gold_heads)
    relation_loss = _negative_log_likelihood(relations, gold_relations)
    return arc_loss + relation_loss.masked_fill(~known_relation, 0.0), known_head


def _negative_log_likelihood(scores: Tensor, gold: Tensor) -> Tensor:
    """Of the gold index among the last axis of the scores; meaningless where gold is negative."""
    return -log_softmax(scores, -1).gather(-1, gold.clamp(min=0).unsqueeze(-1)).squeeze(-1)


def conllu(words: list[str], heads: list[int], relations: list[str]) -> str:
    """
    A sentence in CoNLL-U: ten columns a word, of which the form, the head and the relation are
    filled, and an empty line.
    """
    lines = []
    for number, (word, head, relation) in enumerate(zip(words, heads, relations), start=1):
        form = " ".join(word.split()) or "_"  # a tab or a line break would end the column
        lines.append(f"{number}\t{form}" + "\t_" * 4 + f"\t{head}\t{relation}\t_\t_\n")
    return "".join(lines) + "\n"
