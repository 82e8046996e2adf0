"""
The charts of constituency trees: inside and CKY on 32 sentences of 40 words at once, against the
same charts one sentence and one cell after the other, and against an encoder's forward pass on a
batch of that size; and what the head costs in training.
"""

from collections.abc import Callable
from typing import Any

import torch

from allennlp_heads.data.trees import PART
from allennlp_heads.models.heads import ConstituencyHead
from allennlp_heads.modules import GatedTransformerEmbedder
from allennlp_heads.nn import decode_tree_spans, decode_tree_spans_by_risk, tree_log_partition
from benchmarks import ENCODER
from benchmarks.side_by_side import medians
from tests.models.heads.head_batches import vocabulary
from tests.nn.plain_spans import Scores, plain_cky, plain_inside

SENTENCES, WORDS, LABELS = 32, 40, 100


def main() -> dict[str, float]:
    """
    Ratios of seconds; 100 is a hundred times as fast as the plain chart, 0.1 a tenth of what the
    encoder takes.
    """
    torch.manual_seed(0)
    scores = torch.randn(SENTENCES, WORDS, WORDS)
    mask = torch.ones(SENTENCES, WORDS, dtype=torch.bool)
    assert _spans(decode_tree_spans(scores, mask)) == _one_by_one(plain_cky, scores)
    embedder = GatedTransformerEmbedder(ENCODER, word_dropout=0.0)
    head = _head(embedder.get_output_dim())
    pieces = torch.randint(1000, 2000, (SENTENCES, WORDS + 2))
    with torch.no_grad():
        text = embedder(pieces, torch.ones_like(pieces, dtype=torch.bool))
    seconds = medians(
        {
            "inside": lambda: tree_log_partition(scores, mask),
            "cky": lambda: decode_tree_spans(scores, mask),
            "mbr": lambda: decode_tree_spans_by_risk(scores, mask),
            "plain inside": lambda: _one_by_one(plain_inside, scores),
            "plain cky": lambda: _one_by_one(plain_cky, scores),
            "encoder": lambda: _forward(embedder, pieces),
            "encoder's step": lambda: _step(embedder, pieces),
            "head's step": lambda: _head_step(head, text, mask),
        }
    )
    size = f"{SENTENCES} sentences x {WORDS} words"
    charts = {
        f"charts: plain {name} / batched, {size} (target >= 50)": (
            seconds[f"plain {name}"] / seconds[name]
        )
        for name in ("inside", "cky")
    }
    shares = {
        f"charts: {name} / encoder's forward, {size} (target <= 2)": (
            seconds[name] / seconds["encoder"]
        )
        for name in ("inside", "cky", "mbr")
    }
    step = seconds["head's step"] / seconds["encoder's step"]
    return {**charts, **shares, f"charts: constituency head / encoder, both ways, {size}": step}


def _one_by_one(chart: Callable[[Scores], Any], scores: torch.Tensor) -> list[Any]:
    return [chart(sentence) for sentence in scores.tolist()]


def _spans(chosen: torch.Tensor) -> list[list[tuple[int, int]]]:
    return [[tuple(span) for span in row.nonzero().tolist()] for row in chosen]


def _head(dim: int) -> ConstituencyHead:
    labels = [f"X{number}" for number in range(LABELS - 1)] + [f"X{PART}"]
    return ConstituencyHead(vocabulary(con_labels=labels), dim)


@torch.no_grad()
def _forward(embedder: torch.nn.Module, pieces: torch.Tensor) -> None:
    embedder(pieces, torch.ones_like(pieces, dtype=torch.bool))


def _step(embedder: torch.nn.Module, pieces: torch.Tensor) -> None:
    embedder(pieces, torch.ones_like(pieces, dtype=torch.bool)).sum().backward()
    embedder.zero_grad()


def _head_step(head: ConstituencyHead, text: torch.Tensor, mask: torch.Tensor) -> None:
    text = text.detach().requires_grad_()
    words = torch.arange(WORDS)
    # A tree that branches to the right, all of its labels known.
    spans = torch.cat(
        [
            torch.stack([words, words, words], -1),
            torch.stack([words, torch.full_like(words, WORDS - 1), words], -1)[:-1],
        ]
    )
    gold = spans.expand(SENTENCES, -1, -1)
    head(text[:, 1:-1], mask, text[:, [0, -1]], gold)["loss"].backward()
    head.zero_grad()


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
