"""
The batched decoders of trees: Eisner's chart on 32 sentences of 40 words at once, against the same
chart one sentence and one cell after the other.
"""

import torch

from allennlp_heads.nn import decode_projective
from benchmarks.side_by_side import medians
from tests.nn.plain_eisner import plain_eisner

SENTENCES, WORDS = 32, 40


def main() -> dict[str, float]:
    """Ratios of seconds; 100 is a hundred times as fast as the plain chart."""
    generator = torch.Generator().manual_seed(0)
    shape = (SENTENCES, WORDS + 1, WORDS + 1)
    scores = torch.randn(shape, generator=generator, dtype=torch.float64)
    mask = torch.ones(SENTENCES, WORDS, dtype=torch.bool)
    assert decode_projective(scores, mask).tolist() == _one_by_one(scores)
    seconds = medians(
        {
            "batched": lambda: decode_projective(scores, mask),
            "plain": lambda: _one_by_one(scores),
        },
        repeats=5,
    )
    return {
        f"decoders: plain Eisner chart / batched, {SENTENCES} sentences x {WORDS} words": (
            seconds["plain"] / seconds["batched"]
        )
    }


def _one_by_one(scores: torch.Tensor) -> list[list[int]]:
    return [plain_eisner(sentence) for sentence in scores.tolist()]


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
