"""Exact match and token F1 of answers to questions, as the official scripts of SQuAD count them."""

from collections.abc import Sequence
from fractions import Fraction

import torch
from allennlp.training.metrics import Metric
from transformers.data.metrics.squad_metrics import (
    compute_exact,
    compute_f1,
    get_tokens,
    normalize_answer,
)

from allennlp_heads.distributed import gather_objects
from allennlp_heads.distributed.worker_metric import WorkerMetric


def answer_scores(prediction: str, answers: Sequence[str], version2: bool) -> tuple[float, float]:
    """
    How well a question is answered: the best over its gold answers, each compared without case,
    punctuation, articles and further blanks.

    # Parameters

    prediction : `str`
        Empty for "there is no answer".
    answers : `Sequence[str]`
        The gold answers. None for a question that cannot be answered, which only the empty answer
        is right for.
    version2 : `bool`
        Count as the script of SQuAD 2.0 (Rajpurkar, Jia and Liang 2018), not as that of 1.1
        (Rajpurkar et al. 2016). They differ only where nothing is left of an answer once it is
        compared so, as of "the": 2.0 passes over such gold answers, and gives two answers of which
        nothing is left an F1 of 1, where 1.1 gives 0. The head `span_qa` says when to do so: also
        for an answerable question whose file has `is_impossible`, as those of 2.0 do.

    # Returns

    `Tuple[float, float]`
        The F1 of the words and whether all of them are the same (0 or 1).
    """
    if version2 or not answers:
        answers = [answer for answer in answers if normalize_answer(answer)] or [""]
    elif not get_tokens(prediction):
        return 0.0, float(max(compute_exact(answer, prediction) for answer in answers))
    f1 = max(compute_f1(answer, prediction) for answer in answers)
    return float(f1), float(max(compute_exact(answer, prediction) for answer in answers))


@Metric.register("answer_scores")
class AnswerScores(WorkerMetric):
    """
    The means over all questions of what `answer_scores` gives. They are summed exactly and rounded
    once, so that neither the order of the questions nor their batches change a digit. The official
    scripts add floats one by one, in the order of the file: the last of their 17 digits may differ.
    """

    def __init__(self) -> None:
        self.reset()

    def __call__(  # type: ignore[override]
        self, scores: torch.Tensor, answerable: torch.Tensor
    ) -> None:
        """
        # Parameters

        scores : `torch.Tensor`
            Shape `[batch, 2]`, in double precision: F1 and exact match of each question.
        answerable : `torch.BoolTensor`
            Shape `[batch]`: whether it has a gold answer.
        """
        rows = torch.cat([scores.detach().double(), answerable.double().unsqueeze(-1)], -1)
        for f1, exact, has_answer in rows.tolist():
            sums = self._sums[has_answer > 0]
            for place, value in enumerate((f1, exact, 1)):
                sums[place] += Fraction(value)

    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """
        # Returns

        `Dict[str, float]`
            `token_f1` and `exact_match`, between 0 and 1: a hundredth of what the official scripts
            print. Where some questions have an answer and some have none, also those of the former,
            `has_answer_token_f1` and `has_answer_exact_match`, and the `no_answer_accuracy` of the
            latter. Nothing before the first question.
        """
        has_answer, no_answer = self._sums[True], self._sums[False]
        metrics = _means([a + b for a, b in zip(has_answer, no_answer)])
        if has_answer[-1] and no_answer[-1]:
            metrics.update({f"has_answer_{k}": v for k, v in _means(has_answer).items()})
            metrics["no_answer_accuracy"] = _means(no_answer)["exact_match"]
        if reset:
            self.reset()
        return metrics

    def merge(self) -> None:
        workers = gather_objects(self._sums)
        for kind in self._sums:
            self._sums[kind] = [
                sum(parts, Fraction(0)) for parts in zip(*(w[kind] for w in workers))
            ]

    def reset(self) -> None:
        # of F1, exact match and questions, by whether there is a gold answer
        self._sums = {kind: [Fraction(0)] * 3 for kind in (True, False)}


def _means(sums: Sequence[Fraction]) -> dict[str, float]:
    f1, exact, questions = sums
    if not questions:
        return {}
    return {"token_f1": float(f1 / questions), "exact_match": float(exact / questions)}
