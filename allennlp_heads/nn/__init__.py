"""Structured inference: tensors in, tensors out, batched, without AllenNLP."""

from allennlp_heads.nn.answer_spans import (
    best_answer_spans,
    characters_of_spans,
    no_answer_scores,
    places_in_windows,
)
from allennlp_heads.nn.best_of_rows import best_of_rows, places_of
from allennlp_heads.nn.cky import decode_tree_spans, decode_tree_spans_by_risk
from allennlp_heads.nn.crf import crf_negative_log_likelihood, log_partition
from allennlp_heads.nn.eisner import decode_projective
from allennlp_heads.nn.inside import span_marginals, tree_log_partition
from allennlp_heads.nn.mst import decode_arborescence
from allennlp_heads.nn.non_overlapping import best_non_overlapping
from allennlp_heads.nn.sampling import ExampleSampler
from allennlp_heads.nn.span_selection import decode_spans, select_spans
from allennlp_heads.nn.tag_spans import tag_spans
from allennlp_heads.nn.trees import candidate_arcs, find_cycle, greedy_heads, is_projective, is_tree
from allennlp_heads.nn.viterbi import constraint_scores, decode_tags

__all__ = [
    "ExampleSampler",
    "best_answer_spans",
    "best_non_overlapping",
    "best_of_rows",
    "candidate_arcs",
    "characters_of_spans",
    "constraint_scores",
    "crf_negative_log_likelihood",
    "decode_arborescence",
    "decode_projective",
    "decode_spans",
    "decode_tags",
    "decode_tree_spans",
    "decode_tree_spans_by_risk",
    "find_cycle",
    "greedy_heads",
    "is_projective",
    "is_tree",
    "log_partition",
    "no_answer_scores",
    "places_in_windows",
    "places_of",
    "select_spans",
    "span_marginals",
    "tag_spans",
    "tree_log_partition",
]
