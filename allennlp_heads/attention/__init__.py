"""
What an attention head is: layouts of encoders, the tap, opening encoders. Knows transformers, not
AllenNLP.
"""

from allennlp_heads.attention.layouts import (
    Attention,
    by_path,
    last_third,
    layout_of,
    register_layout,
    whole,
)
from allennlp_heads.attention.pretrained import (
    ARCHIVE_FOLDER,
    carry_files,
    is_unpacked_archive,
    load_encoder,
    load_tokenizer,
    locate,
    piece_limit,
)
from allennlp_heads.attention.record import Record
from allennlp_heads.attention.tap import HeadTap

__all__ = [
    "ARCHIVE_FOLDER",
    "Attention",
    "HeadTap",
    "Record",
    "by_path",
    "carry_files",
    "is_unpacked_archive",
    "last_third",
    "layout_of",
    "load_encoder",
    "load_tokenizer",
    "locate",
    "piece_limit",
    "register_layout",
    "whole",
]
