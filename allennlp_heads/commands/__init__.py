"""The subcommand `allennlp heads` and its verbs; importing this registers them."""

from allennlp_heads.commands.check import Check
from allennlp_heads.commands.heads import Heads
from allennlp_heads.commands.verb import Verb

__all__ = ["Check", "Heads", "Verb"]
