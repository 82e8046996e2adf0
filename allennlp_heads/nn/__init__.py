"""Structured inference: tensors in, tensors out, batched, without AllenNLP."""

from allennlp_heads.nn.crf import crf_negative_log_likelihood, log_partition
from allennlp_heads.nn.eisner import decode_projective
from allennlp_heads.nn.mst import decode_arborescence
from allennlp_heads.nn.trees import candidate_arcs, find_cycle, greedy_heads, is_projective, is_tree
from allennlp_heads.nn.viterbi import constraint_scores, decode_tags

__all__ = [
    "candidate_arcs",
    "constraint_scores",
    "crf_negative_log_likelihood",
    "decode_arborescence",
    "decode_projective",
    "decode_tags",
    "find_cycle",
    "greedy_heads",
    "is_projective",
    "is_tree",
    "log_partition",
]
