"""Task heads: what is computed on top of the shared encoder."""

from allennlp_heads.models.heads.constituency import ConstituencyHead
from allennlp_heads.models.heads.dependency import DependencyHead
from allennlp_heads.models.heads.span_ner import SpanNerHead
from allennlp_heads.models.heads.span_qa import SpanQaHead
from allennlp_heads.models.heads.srl import SrlHead
from allennlp_heads.models.heads.tagger import TaggerHead
from allennlp_heads.models.heads.task_head import TaskHead
from allennlp_heads.models.heads.text_classifier import TextClassifierHead
from allennlp_heads.models.heads.text_regressor import TextRegressorHead

__all__ = [
    "ConstituencyHead",
    "DependencyHead",
    "SpanNerHead",
    "SpanQaHead",
    "SrlHead",
    "TaggerHead",
    "TaskHead",
    "TextClassifierHead",
    "TextRegressorHead",
]
