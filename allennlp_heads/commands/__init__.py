"""The subcommand `allennlp heads` and its verbs; importing this registers them."""

from allennlp_heads.commands.check import Check
from allennlp_heads.commands.compare import Compare
from allennlp_heads.commands.dissociate import Dissociate
from allennlp_heads.commands.embed import Embed
from allennlp_heads.commands.fewshot import FewShot
from allennlp_heads.commands.heads import Heads
from allennlp_heads.commands.importance import Importance
from allennlp_heads.commands.overlap import ShowOverlap
from allennlp_heads.commands.probe import Probe
from allennlp_heads.commands.probe_compare import ProbeCompare
from allennlp_heads.commands.prune import Prune
from allennlp_heads.commands.rank import Rank
from allennlp_heads.commands.similarity import Similarity
from allennlp_heads.commands.submission import WriteSubmission
from allennlp_heads.commands.transfer import Transfer
from allennlp_heads.commands.verb import Verb

__all__ = [
    "Check",
    "Compare",
    "Dissociate",
    "Embed",
    "FewShot",
    "Heads",
    "Importance",
    "Probe",
    "ProbeCompare",
    "Prune",
    "Rank",
    "ShowOverlap",
    "Similarity",
    "Transfer",
    "Verb",
    "WriteSubmission",
]
