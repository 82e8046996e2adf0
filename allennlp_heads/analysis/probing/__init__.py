"""
Probes of attention heads without parameters of their own: arrays in, arrays out.
"""

from allennlp_heads.analysis.probing.arcs import DIRECTIONS, arc_hits, best_keys, span_hits
from allennlp_heads.analysis.probing.attention_statistics import AttentionStatistics, gold_masses
from allennlp_heads.analysis.probing.baselines import Baselines, Offsets
from allennlp_heads.analysis.probing.centroids import Centroids
from allennlp_heads.analysis.probing.choice import Fold
from allennlp_heads.analysis.probing.control import control_labels
from allennlp_heads.analysis.probing.hits import ItemHits, LabelHits
from allennlp_heads.analysis.probing.offsets import offset_choices, offset_hits
from allennlp_heads.analysis.probing.paired_probes import (
    Difference,
    GroupScore,
    ProbeComparison,
    compare_probes,
)
from allennlp_heads.analysis.probing.result import (
    HeadCentroids,
    ItemScores,
    LabelScore,
    OverallScore,
    ProbeResult,
    Score,
    TreeScore,
)
from allennlp_heads.analysis.probing.score import build

__all__ = [
    "DIRECTIONS",
    "AttentionStatistics",
    "Baselines",
    "Centroids",
    "Difference",
    "Fold",
    "GroupScore",
    "HeadCentroids",
    "ItemHits",
    "ItemScores",
    "LabelHits",
    "LabelScore",
    "Offsets",
    "OverallScore",
    "ProbeComparison",
    "ProbeResult",
    "Score",
    "TreeScore",
    "arc_hits",
    "best_keys",
    "build",
    "compare_probes",
    "control_labels",
    "gold_masses",
    "offset_choices",
    "offset_hits",
    "span_hits",
]
