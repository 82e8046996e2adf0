"""Precision, recall and F1 of the labelled brackets of constituency trees, as EVALB counts them."""

from collections import Counter
from collections.abc import Sequence
from typing import Optional

import torch
from allennlp.training.metrics import Metric
from nltk import Tree

from allennlp_heads.data.trees import category, is_preterminal, located
from allennlp_heads.distributed import sum_over_workers
from allennlp_heads.distributed.worker_metric import WorkerMetric
from allennlp_heads.training.metrics.shares import precision_recall_f1, share

DELETED_LABELS = ("", "TOP", "S1", "-NONE-", ",", ":", "``", "''", ".", "?", "!")


@Metric.register("bracket_scores")
class BracketScores(WorkerMetric):
    """
    The share of predicted brackets that are right (`precision`), of gold brackets that are found
    (`recall`), their harmonic mean (`f1`), and the share of sentences whose brackets are all right
    (`exact`): those of EVALB with its parameters `COLLINS.prm`. AllenNLP's `evalb` starts a C
    program for them, which must be compiled first.

    Punctuation, told by its part of speech in the gold tree, is taken out of both trees, and so are
    brackets that are then empty. Words of other parts of speech, `-LRB-` and `-RRB-` among them,
    stay. A sentence of which no word stays is not counted. Brackets with the same label and words
    are counted as often as they occur.

    # Parameters

    deleted_labels : `Sequence[str]`, optional
        The parts of speech to take out with their words, and the phrases of which the bracket is
        taken out. The default is that of EVALB with its variants for other treebanks: punctuation,
        `-NONE-`, and the labels of roots.
    equal_labels : `Dict[str, str]`, optional (default = `{"PRT": "ADVP"}`)
        Labels counted as others.
    """

    def __init__(
        self,
        deleted_labels: Sequence[str] = DELETED_LABELS,
        equal_labels: Optional[dict[str, str]] = None,
    ) -> None:
        self._deleted = frozenset(deleted_labels)
        self._equal = {"PRT": "ADVP"} if equal_labels is None else dict(equal_labels)
        # Right, predicted and gold brackets; sentences that are all right, and sentences.
        self._counts = torch.zeros(5, dtype=torch.long)

    def __call__(  # type: ignore[override]
        self, predictions: Sequence[Tree], gold: Sequence[Tree]
    ) -> torch.Tensor:
        """
        # Parameters

        predictions : `Sequence[Tree]`
            Of the same words as the gold trees; their parts of speech do not matter.
        gold : `Sequence[Tree]`
            The gold trees.

        # Returns

        `torch.LongTensor`
            Shape `[batch, 3]`: right, predicted and gold brackets of each sentence.

        Raises `ValueError` when a prediction does not have the words of its gold tree.
        """
        rows = [self._count(*pair) for pair in zip(predictions, gold, strict=True)]
        counts = torch.tensor(rows, dtype=torch.long).view(len(rows), 5)
        self._counts += counts.sum(0).cpu()
        return counts[:, :3]

    def _count(self, predicted: Tree, gold: Tree) -> tuple[int, int, int, int, int]:
        kept = [tag not in self._deleted for _, tag in gold.pos()]
        found, wanted = self._brackets(predicted, kept), self._brackets(gold, kept)
        right = (found & wanted).total()
        counts = (right, found.total(), wanted.total())
        return (*counts, int(any(kept) and found == wanted), int(any(kept)))

    def _brackets(self, tree: Tree, kept: list[bool]) -> Counter[tuple[int, int, str]]:
        before = [0]  # how many words stay of the first 0, 1, ... words
        for keep in kept:
            before.append(before[-1] + keep)
        brackets: Counter[tuple[int, int, str]] = Counter()
        end = -1
        for node, first, end in located(tree):
            if is_preterminal(node) or end >= len(kept):
                continue
            label = category(node.label())
            start, stop = before[first], before[end + 1]
            if start < stop and label not in self._deleted:
                brackets[start, stop, self._equal.get(label, label)] += 1
        if end + 1 != len(kept):
            raise ValueError(f"a tree of {end + 1} words for a gold tree of {len(kept)}")
        return brackets

    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """
        # Returns

        `Dict[str, float]`
            `precision`, `recall`, `f1` and `exact`, between 0 and 1; 0 where there was nothing to
            count.
        """
        *brackets, exact, sentences = self._counts.tolist()
        metrics = precision_recall_f1(brackets)
        metrics["exact"] = share(exact, sentences)
        if reset:
            self.reset()
        return metrics

    def merge(self) -> None:
        self._counts = sum_over_workers(self._counts)

    def reset(self) -> None:
        self._counts.zero_()
