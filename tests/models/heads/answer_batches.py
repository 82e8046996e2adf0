"""Questions about a text in windows, and a head whose scores are what the encoder gives."""

from typing import Any

import numpy
import torch

from allennlp_heads.models.heads import SpanQaHead
from tests.models.heads.head_batches import vocabulary

CONTEXTS = ["Anna saw two old dogs near the river", "London", "a cat , the cat"]
QUESTION, WINDOW, STRIDE = 3, 4, 2
"""Pieces before the context, words of a window, and how far the next one is."""


def head(**options: Any) -> SpanQaHead:
    """In evaluation mode; its scores are the two numbers of each piece."""
    made = SpanQaHead(vocabulary(), 2, **options).eval()
    with torch.no_grad():
        made.projection.weight.copy_(torch.eye(2))
        made.projection.bias.zero_()
    return made


def windows(context: str) -> list[list[tuple[int, int]]]:
    """The characters of the words of each window."""
    words, start = [], 0
    for word in context.split():
        begin = context.index(word, start)
        start = begin + len(word)
        words.append((begin, start))
    firsts = range(0, max(len(words) - WINDOW, 0) + STRIDE, STRIDE)
    return [words[first : first + WINDOW] for first in firsts if words[first : first + WINDOW]]


def batch(
    rows: list[int],
    answers: list[list[str]] | None = None,
    more_windows: int = 0,
    more_pieces: int = 0,
    scale: float = 1.0,
) -> dict[str, Any]:
    """
    The arguments of the head's `forward` for some of the contexts, with random scores and nonsense
    in the padding. Gold: the first place of the first answer, in all windows that hold it.
    """
    cut = [windows(CONTEXTS[row]) for row in rows]
    most = max(map(len, cut)) + more_windows
    pieces = max(len(words) for windows in cut for words in windows) + QUESTION + 1 + more_pieces
    shape = (len(rows), most, pieces)
    mask, inside = (torch.zeros(shape, dtype=torch.bool) for _ in range(2))
    scores = torch.full((*shape, 2), 50.0)
    gold = torch.full((*shape[:2], 2), -1)
    metadata: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        generator = torch.Generator().manual_seed(row)
        known = None if answers is None else answers[row]
        first = known[0] if known else ""
        begin = CONTEXTS[row].index(first) if first else -1
        offsets = []
        for number, words in enumerate(cut[place]):
            length = QUESTION + len(words)
            mask[place, number, : length + 1] = True
            inside[place, number, QUESTION:length] = True
            scores[place, number, : length + 1] = scale * torch.randn(
                length + 1, 2, generator=generator
            )
            borders = numpy.full((length + 1, 2), -1, dtype=numpy.int32)
            borders[QUESTION:length] = words
            offsets.append(borders)
            starts = {b: QUESTION + n for n, (b, _) in enumerate(words)}
            ends = {e: QUESTION + n for n, (_, e) in enumerate(words)}
            found = (starts.get(begin), ends.get(begin + len(first)))
            gold[place, number] = torch.tensor(found if None not in found else (0, 0))
        entry = {"id": f"q{row}", "context": CONTEXTS[row], "offsets": offsets}
        metadata.append(entry if known is None else {**entry, "answers": known})
    made = {
        "encoded_pieces": scores,
        "encoded_pieces_mask": mask,
        "answer_mask": inside,
        "metadata": metadata,
    }
    return made if answers is None else {**made, "answer_spans": gold}
