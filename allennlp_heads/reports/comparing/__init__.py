"""Any number of runs in one table: what `allennlp heads compare` reads, tests and writes."""

from allennlp_heads.reports.comparing.choices import TaskChoice, choose
from allennlp_heads.reports.comparing.comparison import compare_settings
from allennlp_heads.reports.comparing.files import SCHEMA, write_comparison
from allennlp_heads.reports.comparing.notes import notes_of
from allennlp_heads.reports.comparing.results import Against, Cell, TaskTable
from allennlp_heads.reports.comparing.runs import (
    EPOCHS,
    VALIDATION,
    ScoredRun,
    TaskScores,
    read_scored_run,
)
from allennlp_heads.reports.comparing.settings import Setting, read_settings

__all__ = [
    "EPOCHS",
    "SCHEMA",
    "VALIDATION",
    "Against",
    "Cell",
    "ScoredRun",
    "Setting",
    "TaskChoice",
    "TaskScores",
    "TaskTable",
    "choose",
    "compare_settings",
    "notes_of",
    "read_scored_run",
    "read_settings",
    "write_comparison",
]
