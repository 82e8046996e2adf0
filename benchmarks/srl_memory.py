"""
What a training step of the head `srl` keeps for its backward pass on long sentences, against the
vectors of all spans alone, which it never makes.
"""

import torch
from allennlp.data import Vocabulary

from allennlp_heads.models.heads import SrlHead

SENTENCES, WORDS, DIM, ROLES = 32, 100, 768, 60


def main() -> dict[str, float]:
    """Ratios of bytes; 0.5 is half as much."""
    name = f"srl: kept for backward / vectors of all spans, {SENTENCES} sentences x {WORDS} words"
    return {name: share_kept(SENTENCES, WORDS, DIM)}


def share_kept(sentences: int, words: int, dim: int) -> float:
    """
    The bytes kept for the backward pass of a batch with vectors of `dim` numbers, as a share of
    those of the vectors of all its spans.
    """
    torch.manual_seed(0)
    vocab = Vocabulary.empty()
    vocab.add_tokens_to_namespace([f"ARG{role}" for role in range(ROLES)], "srl_labels")
    head = SrlHead(vocab, dim).train()
    text = torch.randn(sentences, words, dim, requires_grad=True)
    mask = torch.ones(sentences, words, dtype=torch.bool)
    arguments = torch.tensor([[[3, 0, 2, 0], [3, 5, 9, 1]]] * sentences)
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = head(text, mask, arguments=arguments)["loss"]
    loss.backward()
    spans = sum(words - further for further in range(head.ranking.max_width))
    vectors = sentences * spans * head.ranking.span_dim * text.element_size()
    return sum(kept.values()) / vectors


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
