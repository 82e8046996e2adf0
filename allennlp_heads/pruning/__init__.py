"""Pruning a trained model: choosing heads, removing them, and an archive of what is left."""

from allennlp_heads.pruning.options import PruneOptions
from allennlp_heads.pruning.prune import check_run, prune_archive, prune_run
from allennlp_heads.pruning.report import summary

__all__ = ["PruneOptions", "check_run", "prune_archive", "prune_run", "summary"]
