"""What was measured of transfer between tasks, and what it says of rankings."""

from allennlp_heads.reports.transfer.applied import Applied, applied_summary, write_applied
from allennlp_heads.reports.transfer.evaluation import RankingEvaluation, measure_evaluation
from allennlp_heads.reports.transfer.evaluation_files import write_evaluation
from allennlp_heads.reports.transfer.evaluation_tables import evaluation_summary
from allennlp_heads.reports.transfer.matrix import (
    TransferMatrix,
    matrix_file,
    read_matrix,
    write_matrix,
)
from allennlp_heads.reports.transfer.order import ORDERS
from allennlp_heads.reports.transfer.ranking import Ranking, measure_ranking
from allennlp_heads.reports.transfer.ranking_files import write_ranking
from allennlp_heads.reports.transfer.ranking_tables import ranking_summary

__all__ = [
    "ORDERS",
    "Applied",
    "Ranking",
    "RankingEvaluation",
    "TransferMatrix",
    "applied_summary",
    "evaluation_summary",
    "matrix_file",
    "measure_evaluation",
    "measure_ranking",
    "ranking_summary",
    "read_matrix",
    "write_applied",
    "write_evaluation",
    "write_matrix",
    "write_ranking",
]
