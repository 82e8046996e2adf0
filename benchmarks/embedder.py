"""
The gated embedder against AllenNLP's `pretrained_transformer_mismatched`, forward and backward, on
MiniLM and the real corpus. Target: open gates cost at most 3 %, and attention stays fused.
"""

import torch
from allennlp.common import Lazy
from allennlp.data import Batch, Instance, Vocabulary
from allennlp.data.fields import TextField
from allennlp.data.token_indexers import PretrainedTransformerMismatchedIndexer, TokenIndexer
from allennlp.data.tokenizers import Token
from allennlp.modules.token_embedders import PretrainedTransformerMismatchedEmbedder

from allennlp_heads.attention import locate
from allennlp_heads.data.dataset_readers import ConlluReader
from allennlp_heads.data.token_indexers import TransformerWordsIndexer
from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.modules import GatedTransformerEmbedder
from benchmarks import ENCODER
from benchmarks.side_by_side import medians

BATCHES, SENTENCES = 2, 32


def main() -> dict[str, float]:
    """Ratios of seconds; 1.03 is 3 % slower than AllenNLP's embedder."""
    path = "${HEADS_DATA}/ewt/train.conllu"
    reader = ConlluReader(view="upos", max_instances=BATCHES * SENTENCES)
    words = [[Token(w) for w in i["metadata"].metadata["words"]] for i in reader.read(path)]  # type: ignore[attr-defined]
    words.sort(key=len)
    folder = locate(ENCODER)
    ours, theirs = (
        _tensors(words, indexer)
        for indexer in (
            TransformerWordsIndexer(ENCODER),
            PretrainedTransformerMismatchedIndexer(folder),
        )
    )
    gated = GatedTransformerEmbedder(ENCODER, word_dropout=0.0)
    learned = GatedTransformerEmbedder(ENCODER, Lazy(HardConcreteGates), word_dropout=0.0)
    stock = PretrainedTransformerMismatchedEmbedder(folder)
    kinds = _attention_kinds(gated)
    assert kinds == _attention_kinds(stock)
    seconds = medians(
        {
            "stock": lambda: _pass(stock, theirs),
            "open": lambda: _pass(gated, ours),
            "hard_concrete": lambda: _pass(learned, ours),
        }
    )
    return {
        "embedder: open gates / AllenNLP's mismatched embedder (target <= 1.03)": seconds["open"]
        / seconds["stock"],
        "embedder: hard-concrete gates / AllenNLP's mismatched embedder": seconds["hard_concrete"]
        / seconds["stock"],
        "embedder: attention is fused (target 1)": float(kinds == {"BertSdpaSelfAttention"}),
    }


def _attention_kinds(embedder: torch.nn.Module) -> set[str]:
    return {type(m).__name__ for n, m in embedder.named_modules() if n.endswith("attention.self")}


def _tensors(words: list[list[Token]], indexer: TokenIndexer) -> list[dict[str, torch.Tensor]]:
    batches: list[dict[str, torch.Tensor]] = []
    for start in range(0, len(words), SENTENCES):
        fields = [TextField(w, {"tokens": indexer}) for w in words[start : start + SENTENCES]]
        batch = Batch([Instance({"tokens": field}) for field in fields])
        batch.index_instances(Vocabulary.empty())
        batches.append(batch.as_tensor_dict()["tokens"]["tokens"])  # type: ignore[arg-type, index]
    return batches


def _pass(embedder: torch.nn.Module, batches: list[dict[str, torch.Tensor]]) -> None:
    embedder.train()
    for batch in batches:
        embedder(**batch).square().mean().backward()
        embedder.zero_grad(set_to_none=True)


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
