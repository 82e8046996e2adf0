"""
What an attention head is: layouts of encoders, the tap, opening encoders. Knows transformers, not
AllenNLP.
"""

from allennlp_heads.attention.head_rows import PARTS, HeadRows, head_rows
from allennlp_heads.attention.layouts import (
    Attention,
    by_path,
    last_third,
    layout_of,
    register_layout,
    whole,
)
from allennlp_heads.attention.magnitude import head_magnitudes
from allennlp_heads.attention.plain import save_plain
from allennlp_heads.attention.pretrained import (
    ARCHIVE_FOLDER,
    carry_files,
    is_unpacked_archive,
    load_encoder,
    load_tokenizer,
    locate,
    piece_limit,
)
from allennlp_heads.attention.recipes import Recipe
from allennlp_heads.attention.record import NoAttentionWeights, Record
from allennlp_heads.attention.removal import can_remove, parameters_of_heads, remove_heads
from allennlp_heads.attention.tap import HeadTap

__all__ = [
    "ARCHIVE_FOLDER",
    "PARTS",
    "Attention",
    "HeadRows",
    "HeadTap",
    "NoAttentionWeights",
    "Recipe",
    "Record",
    "by_path",
    "can_remove",
    "carry_files",
    "head_magnitudes",
    "head_rows",
    "is_unpacked_archive",
    "last_third",
    "layout_of",
    "load_encoder",
    "load_tokenizer",
    "locate",
    "parameters_of_heads",
    "piece_limit",
    "register_layout",
    "remove_heads",
    "save_plain",
    "whole",
]
