"""The subcommand `allennlp heads` and its verbs; importing this makes their names known."""

from allennlp_heads.commands.heads import Heads
from allennlp_heads.commands.verb import Verb

__all__ = ["Heads", "Verb"]
