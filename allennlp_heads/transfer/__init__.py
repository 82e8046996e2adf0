"""How much fine-tuning on one task first helps with another: measured for all pairs."""

from allennlp_heads.transfer.bench import FineTuned, TransferBench
from allennlp_heads.transfer.configuration import open_bench
from allennlp_heads.transfer.experiment import transfer
from allennlp_heads.transfer.grid import REGIMES, TransferGrid, TransferTask
from allennlp_heads.transfer.in_turn import fine_tune_in_turn
from allennlp_heads.transfer.recipes import RECIPES

__all__ = [
    "RECIPES",
    "REGIMES",
    "FineTuned",
    "TransferBench",
    "TransferGrid",
    "TransferTask",
    "fine_tune_in_turn",
    "open_bench",
    "transfer",
]
