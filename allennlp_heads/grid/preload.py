"""
Imported once, in the process from which those of all runs are forked: what any training imports.
"""

from __future__ import annotations

import gc

import torch._dynamo  # noqa: F401  (optimizers import it when they are made)
import transformers.models.auto.modeling_auto  # noqa: F401  (modules that are imported when used)
import transformers.models.auto.tokenization_auto  # noqa: F401
from allennlp.commands import train  # noqa: F401
from allennlp.common.plugins import import_plugins

import allennlp_heads  # noqa: F401  (registers everything)
import allennlp_heads.reports.gate_pictures  # noqa: F401  (matplotlib, when pictures are drawn)

import_plugins()
# what is here now never becomes garbage: collecting it would copy it into every fork
gc.collect()
gc.freeze()
