"""The subcommand `allennlp heads` and its verbs; importing this registers them."""

from allennlp_heads.commands.check import Check
from allennlp_heads.commands.heads import Heads
from allennlp_heads.commands.overlap import ShowOverlap
from allennlp_heads.commands.prune import Prune
from allennlp_heads.commands.verb import Verb

__all__ = ["Check", "Heads", "Prune", "ShowOverlap", "Verb"]
