from allennlp_heads.data.dataset_readers.ag_pair import AgPairReader
from allennlp_heads.data.dataset_readers.bio_columns import BioColumnsReader
from allennlp_heads.data.dataset_readers.bracketed_trees import BracketedTreesReader
from allennlp_heads.data.dataset_readers.conllu import ConlluReader
from allennlp_heads.data.dataset_readers.delimited_text import DelimitedTextReader
from allennlp_heads.data.dataset_readers.glue import GlueReader
from allennlp_heads.data.dataset_readers.multitask import MultiTaskHeadsReader, TaskReader
from allennlp_heads.data.dataset_readers.ontonotes import OntonotesReader
from allennlp_heads.data.dataset_readers.squad_json import SquadJsonReader

__all__ = [
    "AgPairReader",
    "BioColumnsReader",
    "ConlluReader",
    "DelimitedTextReader",
    "GlueReader",
    "MultiTaskHeadsReader",
    "OntonotesReader",
    "BracketedTreesReader",
    "SquadJsonReader",
    "TaskReader",
]
